-- name: insert_project (text, bigint)
insert into pgml.endpoints (kind, name, project_id)
values ('project', $1, $2)
on conflict (name) do nothing
returning id

-- name: kind_of (text)
select kind::text as kind from pgml.endpoints where name = $1

-- name: keep_project (bigint)
select id from pgml.projects where id = $1 for key share

-- name: lock (bigint)
-- a switch locks before it looks, so that the order of commits is the order of revisions
select id, name, kind::text as kind, project_id, model_id, revision, strict
from pgml.endpoints
where project_id = $1
for no key update

-- name: lock_by_id (bigint)
select id, name, kind::text as kind, project_id, model_id, revision, strict
from pgml.endpoints
where id = $1
for no key update

-- name: try_lock (bigint)
-- none if somebody else works on it
select id, name, kind::text as kind, project_id, model_id, revision, strict
from pgml.endpoints
where id = $1
for no key update skip locked

-- name: switch (bigint, bigint, bigint)
update pgml.endpoints
set model_id = $2, revision = $3, updated_at = clock_timestamp()
where id = $1

-- name: set_strict (bigint, boolean)
update pgml.endpoints set strict = $2, updated_at = clock_timestamp() where id = $1

-- name: of_project (bigint)
select id, name, kind::text as kind, project_id, model_id, revision, strict
from pgml.endpoints
where project_id = $1

-- name: touch (bigint)
-- what may be deployed has changed: a transaction that looked before and switches now is refused, with 40001
update pgml.endpoints set updated_at = clock_timestamp() where id = $1

-- name: delete (bigint)
delete from pgml.endpoints where project_id = $1

-- name: by_name (text)
select id, name, kind::text as kind, project_id, model_id, revision, strict from pgml.endpoints where name = $1

-- name: insert_online (text)
insert into pgml.endpoints (kind, name) values ('online', $1)
on conflict (name) do nothing
returning id

-- name: rename (bigint, text)
update pgml.endpoints set name = $2, updated_at = clock_timestamp() where id = $1

-- name: delete_by_id (bigint)
delete from pgml.endpoints where id = $1

-- name: hold_briefly ()
-- a process that stands still while it holds an endpoint is not to hold it for long
set local idle_in_transaction_session_timeout = '10s'
