-- name: lock_model (bigint)
-- waits for every transaction that has just begun to refer to it: a foreign key holds the row
select id from pgml.models where id = $1 for update

-- name: of_endpoint (bigint)
-- every model that an endpoint has answered by, or was about to
select d.model_id from pgml.deployments d where d.endpoint_id = $1 and d.model_id is not null
union
select r.model_id from pgml.replacements r where r.endpoint_id = $1
order by 1

-- name: lock_endpoints (bigint)
-- whatever has ever been switched to this model: none of them is switched, or rolled back, until the transaction ends
select e.id
from pgml.endpoints e
where e.model_id = $1
  or exists (select from pgml.deployments d where d.endpoint_id = e.id and d.model_id = $1)
order by e.id
for no key update

-- name: live (bigint)
select e.name, e.kind::text as kind from pgml.endpoints e where e.model_id = $1 order by e.id limit 1

-- name: pending (bigint)
select e.name
from pgml.replacements r
join pgml.endpoints e on e.id = r.endpoint_id
where r.model_id = $1
order by e.id
limit 1

-- name: asset (bigint)
select a.id::text as id, a.name, s.name as space
from pgml.assets a
join pgml.spaces s on s.id = a.space_id
where a.model_id = $1
  or exists (select from pgml.asset_revisions r where r.asset_id = a.id and r.model_id = $1)
order by a.created_at, a.id
limit 1

-- name: rollback (bigint)
-- for which endpoint a rollback would choose this model
select e.name, e.kind::text as kind
from pgml.endpoints e
cross join lateral (
  select d.model_id
  from pgml.deployments d
  join pgml.models m on m.id = d.model_id
  where d.endpoint_id = e.id and d.revision < e.revision and d.model_id is distinct from e.model_id
    and m.deleted_at is null
  order by d.revision desc
  limit 1
) earlier
where earlier.model_id = $1
  and exists (select from pgml.deployments d where d.endpoint_id = e.id and d.model_id = $1)
order by e.id
limit 1

-- name: elsewhere (bigint)
-- the models of a project that others than the project refer to, by what: they would have nothing left to refer to
select m.id as model_id, used.use
from pgml.models m
cross join lateral (
  select 'asset "' || a.name || '" (' || a.id || ')' as use
  from pgml.assets a
  where a.model_id = m.id
    or exists (select from pgml.asset_revisions r where r.asset_id = a.id and r.model_id = m.id)
  union all
  select 'the history of the deployment "' || e.name || '"'
  from pgml.endpoints e
  where e.project_id is distinct from m.project_id
    and (e.model_id = m.id
      or exists (select from pgml.deployments d where d.endpoint_id = e.id and m.id in (d.model_id, d.previous_model_id))
      or exists (select from pgml.replacements r where r.endpoint_id = e.id and r.model_id = m.id))
  limit 1
) used
where m.project_id = $1
order by m.id
limit 1
