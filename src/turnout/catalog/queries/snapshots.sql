-- name: insert (text, text[], real, text, jsonb, jsonb, jsonb, jsonb)
insert into pgml.snapshots
  (relation_name, y_column_name, test_size, test_sampling, status, columns, analysis, preprocess, split)
values ($1, $2, $3, $4::pgml.sampling, 'successful', $5, $6, $7, $8)
returning id

-- name: last_of_project (bigint)
select
  s.relation_name,
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
