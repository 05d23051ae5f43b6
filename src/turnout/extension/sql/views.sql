-- What people read, and the two narrow views that a prediction reads.

create view pgml.overview as
select
  p.name,
  d.created_at as deployed_at,
  p.task,
  m.algorithm,
  m.runtime,
  s.relation_name,
  s.y_column_name,
  s.test_sampling,
  s.test_size
from pgml.endpoints e
join pgml.projects p on p.id = e.project_id
join pgml.deployments d on d.endpoint_id = e.id and d.revision = e.revision
join pgml.models m on m.id = e.model_id
left join pgml.snapshots s on s.id = m.snapshot_id;

create view pgml.trained_models as
select
  m.id,
  p.name,
  p.task,
  m.algorithm,
  m.runtime,
  m.created_at,
  s.test_sampling,
  s.test_size,
  e.model_id is not distinct from m.id as deployed
from pgml.models m
join pgml.projects p on p.id = m.project_id
join pgml.endpoints e on e.project_id = p.id
left join pgml.snapshots s on s.id = m.snapshot_id
where m.status = 'successful' and m.deleted_at is null;

create view pgml.deployed_models as
select
  m.id,
  p.name,
  p.task,
  m.algorithm,
  m.runtime,
  d.created_at as deployed_at
from pgml.endpoints e
join pgml.projects p on p.id = e.project_id
join pgml.deployments d on d.endpoint_id = e.id and d.revision = e.revision
join pgml.models m on m.id = e.model_id;

-- Read at every prediction, with its owner's rights, by whoever may predict.
create view pgml._live as
select e.name, e.model_id, e.revision, m.artifact_sha256
from pgml.endpoints e
left join pgml.models m on m.id = e.model_id;

create view pgml._servable as
select m.id, e.name, m.artifact_sha256, m.status, m.deleted_at
from pgml.models m
left join pgml.endpoints e on e.project_id = m.project_id;

-- The server processes whose database session lives: those that hold their lock (catalog/servers.py takes it), with
-- the backend that serves them.
create view pgml.live_servers as
select s.number, s.host, s.process_id, s.started_at, l.pid as backend_pid
from pgml.servers s
join pg_catalog.pg_locks l on l.objid::bigint = s.number
join pg_catalog.pg_database d on d.oid = l.database and d.datname = current_database()
where l.locktype = 'advisory' and l.classid::bigint = 1953854062 and l.objsubid = 2 and l.granted;
