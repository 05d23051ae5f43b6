-- name: by_name (text)
select p.id, p.name, p.task::text as task, p.owner, p.seed, p.key_metric
from pgml.projects p
where p.name = $1

-- name: of_model (bigint)
select p.id, p.name, p.task::text as task, p.owner, p.seed, p.key_metric
from pgml.projects p
join pgml.models m on m.project_id = p.id
where m.id = $1

-- name: insert (text, text, text, bigint, text)
insert into pgml.projects (name, task, owner, seed, key_metric)
values ($1, $2::pgml.task, $3, $4, $5)
on conflict (name) do nothing
returning id

-- name: keep (text)
-- holds the project until the transaction ends, so that it is not deleted under what refers to it; no row if it just was
select p.id, p.name, p.task::text as task, p.owner, p.seed, p.key_metric
from pgml.projects p
where p.name = $1
for key share

-- name: lock (bigint)
-- waits for all that hold it; whoever deletes a project takes this before any other lock, as the others take theirs
select id from pgml.projects where id = $1 for update

-- name: set_key_metric (bigint, text)
update pgml.projects set key_metric = $2, updated_at = clock_timestamp() where id = $1

-- name: owns (text, text)
select pg_has_role(r.oid, o.oid, 'MEMBER') as owns
from pg_roles r, pg_roles o
where r.rolname = $1 and o.rolname = $2

-- name: reads (text, text)
-- whether a role may read one of our tables anyway
select has_table_privilege(r.oid, $2, 'select') as reads from pg_roles r where r.rolname = $1

-- name: superuser (text)
select rolsuper as superuser from pg_roles where rolname = $1

-- name: delete (bigint)
delete from pgml.projects where id = $1

-- name: record_removal (bigint, text)
insert into pgml.removals (project_id, project_name, models, deployments, bytes)
select
  $1,
  $2,
  (select count(*) from pgml.models where project_id = $1),
  (select count(*) from pgml.deployments where project_id = $1),
  (select coalesce(sum(artifact_bytes + coalesce((explanation ->> 'bytes')::bigint, 0)), 0)
   from pgml.models where project_id = $1 and deleted_at is null)
