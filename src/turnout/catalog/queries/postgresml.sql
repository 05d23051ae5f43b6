-- name: kind ()
-- whose the schema pgml is: PostgresML has no endpoints
select
  current_database() as database,
  to_regclass('pgml.projects') is not null and to_regclass('pgml.deployments') is not null as there,
  to_regclass('pgml.endpoints') is not null as ours,
  current_setting('TimeZone') as zone

-- name: projects ()
select to_jsonb(p)::text as row from pgml.projects p order by p.id

-- name: snapshots ()
select to_jsonb(s)::text as row from pgml.snapshots s order by s.id

-- name: models ()
-- a pickle is not even read
select (to_jsonb(m) - 'pickle')::text as row from pgml.models m order by m.id

-- name: deployments ()
-- PostgresML takes the newest of a project for the live one
select to_jsonb(d)::text as row from pgml.deployments d order by d.created_at, d.id

-- name: files ()
select distinct on (f.model_id) f.model_id, octet_length(f.data) as bytes, encode(sha256(f.data), 'hex') as sha256
from pgml.files f
order by f.model_id, f.path, f.part

-- name: file (bigint)
select f.data
from pgml.files f
where f.model_id = $1 and f.path = (select min(path) from pgml.files where model_id = $1)
order by f.part

-- name: predict (bigint, real[])
select pgml.predict($1::bigint, $2::real[])::float8 as answer

-- name: owner ()
select
  current_user::text as role,
  pg_get_userbyid(n.nspowner)::text as owner,
  pg_has_role(current_user, n.nspowner, 'usage') as owns
from pg_namespace n
where n.nspname = 'pgml'

-- name: taken (text[])
select e.name from pgml.endpoints e where e.name = any ($1) order by e.name

-- name: literals (text[])
select quote_literal(u.given) as literal from unnest($1::text[]) with ordinality u (given, place) order by u.place

-- name: call (text, text[])
select format('select * from pgml.%I(%s);', $1::text, array_to_string($2::text[], ', ')) as statement

-- name: insert_project (text, text, text, bigint, text, text, text, text)
insert into pgml.projects (name, task, owner, seed, key_metric, created_at, updated_at)
values (
  $1, $2::pgml.task, $3, $4, $5, $6::timestamp at time zone $8, $7::timestamp at time zone $8
)
on conflict (name) do nothing
returning id

-- name: insert_endpoint (text, bigint)
insert into pgml.endpoints (kind, name, project_id)
values ('project', $1, $2)
on conflict (name) do nothing
returning id

-- name: insert_snapshot (text, text[], real, text, jsonb, jsonb, jsonb, text, text, text)
-- the table of a materialized one stays where it was
insert into pgml.snapshots (
  relation_name, y_column_name, test_size, test_sampling, status, columns, analysis, preprocess, created_at, updated_at
)
values (
  $1, $2, $3, $4::pgml.sampling, 'successful', $5, $6, $7,
  $8::timestamp at time zone $10, $9::timestamp at time zone $10
)
returning id

-- name: insert_model (bigint, bigint, integer, text, text, jsonb, text, jsonb, text, jsonb, jsonb, text, text[], jsonb, text, jsonb, text, bigint, text, text, text, text)
-- one that is history only is deleted from the first: nothing can deploy it
insert into pgml.models (
  project_id, snapshot_id, num_features, algorithm, runtime, hyperparams, status, metrics, search, search_params,
  search_args, task, classes, signature, predictor, library, artifact_sha256, artifact_bytes, error, deleted_at,
  created_at, updated_at
)
values (
  $1, $2, $3, $4::pgml.algorithm, $5::pgml.runtime, $6, $7::pgml.status, $8, $9::pgml.search, $10,
  $11, $12::pgml.task, $13, $14, $15, $16, $17, $18, $19, case when $19::text is not null then clock_timestamp() end,
  $20::timestamp at time zone $22, $21::timestamp at time zone $22
)
returning id

-- name: insert_deployment (bigint, bigint, bigint, text, bigint, bigint, text, text, text)
-- No transaction of this database made it live: 2 is the one that PostgreSQL calls frozen, and no time of a commit is
-- known of that, so that its own time counts.
insert into pgml.deployments (
  endpoint_id, project_id, model_id, strategy, revision, previous_model_id, reason, created_at, transaction_id
)
values ($1, $2, $3, $4::pgml.strategy, $5, $6, $7, $8::timestamp at time zone $9, '2')

-- name: point (bigint, bigint, bigint)
update pgml.endpoints set model_id = $2, revision = $3 where id = $1
