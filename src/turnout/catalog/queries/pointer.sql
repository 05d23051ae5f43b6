-- What a prediction reads at every call. Every object is qualified: it runs as the caller.

-- name: live (pg_catalog.text)
select
  l.model_id,
  l.artifact_sha256,
  pg_catalog.current_setting('pgml.pin_deployments', true) as pin
from pgml._live l
where l.name operator(pg_catalog.=) $1

-- name: servable (pg_catalog.int8)
select s.artifact_sha256, s.name, s.status::pg_catalog.text as status, s.deleted_at is not null as deleted
from pgml._servable s
where s.id operator(pg_catalog.=) $1

-- name: limit ()
select pg_catalog.current_setting('pgml.model_cache_mb', true) as megabytes

-- name: parts (bigint)
select f.data
from pgml.files f
where f.model_id = $1 and f.path = 'model'
order by f.part

-- name: carrier (text)
select m.id
from pgml.models m
where m.artifact_sha256 = $1 and m.deleted_at is null
order by m.id
limit 1

-- name: writes ()
select not pg_catalog.pg_current_xact_id_if_assigned() is null as writes
