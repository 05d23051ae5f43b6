-- name: page (text, text, timestamptz, uuid, integer)
-- the projects that a role owns, or all there are, the newest first
select
  p.id, p.uid, p.name, p.task::text as task, p.owner::text as owner, p.key_metric,
  to_char(p.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
  to_char(p.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
from pgml.projects p
where ($1::text is null or exists (
    select from pg_roles r, pg_roles o
    where r.rolname = $1::text and o.rolname = p.owner and pg_has_role(r.oid, o.oid, 'MEMBER')
  ))
  and ($2::text is null or p.name = $2::text)
  and ($3::timestamptz is null or (p.created_at, p.uid) < ($3::timestamptz, $4::uuid))
order by p.created_at desc, p.uid desc
limit $5::integer

-- name: count (text, text)
select count(*) as projects
from pgml.projects p
where ($1::text is null or exists (
    select from pg_roles r, pg_roles o
    where r.rolname = $1::text and o.rolname = p.owner and pg_has_role(r.oid, o.oid, 'MEMBER')
  ))
  and ($2::text is null or p.name = $2::text)

-- name: by_uid (uuid, text)
select
  p.id, p.uid, p.name, p.task::text as task, p.owner::text as owner, p.key_metric,
  to_char(p.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
  to_char(p.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
from pgml.projects p
where p.uid = $1::uuid
  and ($2::text is null or exists (
    select from pg_roles r, pg_roles o
    where r.rolname = $2::text and o.rolname = p.owner and pg_has_role(r.oid, o.oid, 'MEMBER')
  ))

-- name: models (bigint, timestamptz, uuid, integer)
-- the models of a project that can be promoted, the newest first
select
  m.id, m.uid, p.uid as project_uid, p.name as project, m.task::text as task, m.algorithm::text as algorithm,
  m.hyperparams::text as hyperparams, m.metrics::text as metrics, m.signature::text as signature,
  m.library::text as library, m.actor::text as actor,
  to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at
from pgml.models m
join pgml.projects p on p.id = m.project_id
where m.project_id = $1::bigint and m.status = 'successful' and m.deleted_at is null
  and ($2::timestamptz is null or (m.created_at, m.uid) < ($2::timestamptz, $3::uuid))
order by m.created_at desc, m.uid desc
limit $4::integer

-- name: count_models (bigint)
select count(*) as models
from pgml.models
where project_id = $1::bigint and status = 'successful' and deleted_at is null

-- name: model_by_uid (uuid)
select
  m.id, m.uid, p.uid as project_uid, p.name as project, m.task::text as task, m.algorithm::text as algorithm,
  m.hyperparams::text as hyperparams, m.metrics::text as metrics, m.signature::text as signature,
  m.library::text as library, m.actor::text as actor,
  to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at
from pgml.models m
join pgml.projects p on p.id = m.project_id
where m.uid = $1::uuid and m.status = 'successful' and m.deleted_at is null

-- name: model_by_id (bigint)
select
  m.id, m.uid::text as uid, p.uid::text as project_uid, p.name as project, m.task::text as task,
  m.algorithm::text as algorithm, m.hyperparams::text as hyperparams, m.metrics::text as metrics,
  m.signature::text as signature, m.library::text as library, m.actor::text as actor,
  to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at
from pgml.models m
join pgml.projects p on p.id = m.project_id
where m.id = $1::bigint

-- name: facts (bigint[])
-- what a model is, whoever calls it what
select
  m.id, m.uid, m.task::text as task, m.algorithm::text as algorithm, m.library::text as library, m.predictor,
  m.artifact_sha256, m.artifact_bytes,
  (m.imported -> 'warnings')::text as warnings,
  exists (select from pgml.files f where f.model_id = m.id and f.path = 'source') as restorable
from pgml.models m
where m.id = any ($1::bigint[])
