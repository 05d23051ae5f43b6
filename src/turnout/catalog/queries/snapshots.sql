-- name: insert (text, text[], real, text, jsonb, jsonb, jsonb, jsonb, bigint)
-- a materialized snapshot's id is known before, since its table is called by it
insert into pgml.snapshots (
  relation_name, y_column_name, test_size, test_sampling, status, columns, analysis, preprocess, split,
  id, materialized
)
values (
  $1, $2, $3, $4::pgml.sampling, 'successful', $5, $6, $7, $8,
  coalesce($9, nextval('pgml.snapshots_id_seq')), $9 is not null
)
returning id

-- name: reserve ()
select nextval('pgml.snapshots_id_seq') as id

-- name: last_of_project (bigint)
select
  case when s.materialized then concat('pgml.snapshot_', s.id) else s.relation_name end as relation_name,
  s.y_column_name,
  s.test_size,
  s.test_sampling::text as test_sampling,
  s.preprocess::text as preprocess
from pgml.snapshots s
join pgml.models m on m.snapshot_id = s.id
where m.project_id = $1 and m.status = 'successful'
order by m.id desc
limit 1

-- name: of_project (bigint)
select distinct m.snapshot_id as id
from pgml.models m
where m.project_id = $1 and m.snapshot_id is not null

-- name: delete_unused (bigint[])
delete from pgml.snapshots s
where s.id = any ($1) and not exists (select from pgml.models m where m.snapshot_id = s.id)
