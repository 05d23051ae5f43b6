-- name: by_id (bigint)
select
  m.id,
  m.project_id,
  m.algorithm::text as algorithm,
  m.status::text as status,
  m.task::text as task,
  m.deleted_at is not null as deleted,
  m.artifact_sha256,
  m.metrics::text as metrics,
  m.signature::text as signature,
  m.predictor,
  m.library ->> 'name' as framework,
  s.split::text as split
from pgml.models m
left join pgml.snapshots s on s.id = m.snapshot_id
where m.id = $1

-- name: insert (bigint, bigint, integer, text, text, jsonb, jsonb, text, text[], jsonb, text, jsonb, jsonb, text, bigint, text, jsonb, jsonb, jsonb, jsonb, jsonb)
insert into pgml.models (
  project_id, snapshot_id, num_features, algorithm, runtime, hyperparams, status, metrics, task, classes,
  signature, predictor, export, library, artifact_sha256, artifact_bytes,
  search, search_params, search_args, importance, explanation, imported
)
values (
  $1, $2, $3, $4::pgml.algorithm, $5::pgml.runtime, $6, 'successful', $7, $8::pgml.task, $9,
  $10, $11, $12, $13, $14, $15, $16::pgml.search, $17, $18, $19, $20, $21
)
returning id

-- name: insert_file (bigint, text, integer, bytea)
insert into pgml.files (model_id, path, part, data) values ($1, $2, $3, $4)

-- name: stored_bytes (bigint, text)
select coalesce(sum(octet_length(data)), 0)::bigint as bytes from pgml.files where model_id = $1 and path = $2

-- name: read_file (bigint, text)
-- part by part, so that a large one does not have to fit into one value
select data from pgml.files where model_id = $1 and path = $2 order by part

-- name: source (bigint)
-- in which form a model is kept for those who download it; no row for one that was not uploaded
select imported ->> 'source_format' as format from pgml.models where id = $1 and imported is not null

-- name: mark_deleted (bigint)
update pgml.models set deleted_at = clock_timestamp(), updated_at = clock_timestamp() where id = $1

-- name: delete_files (bigint)
delete from pgml.files where model_id = $1

-- name: delete_files_of_project (bigint)
delete from pgml.files f using pgml.models m where m.id = f.model_id and m.project_id = $1

-- name: delete_of_project (bigint)
delete from pgml.models where project_id = $1

-- name: beyond (bigint, integer)
-- all usable models of a project but the newest so many
select m.id
from pgml.models m
where m.project_id = $1 and m.status = 'successful' and m.deleted_at is null
order by m.created_at desc, m.id desc
offset $2
