-- name: insert (uuid, text, jsonb, bigint, uuid)
insert into pgml.assets (space_id, name, entity, model_id, owner_id)
values ($1::uuid, $2, $3::jsonb, $4::bigint, $5::uuid)
returning id

-- name: by_id (uuid)
-- as it is at the moment
select
  a.id, a.space_id, a.name, a.entity::text as entity, a.model_id, a.owner_id, null::integer as revision,
  to_char(a.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
  to_char(a.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at,
  to_char(a.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as committed_at
from pgml.assets a
where a.id = $1::uuid

-- name: page (uuid, text, text, timestamptz, uuid, integer)
-- the assets of a space, the newest first; with a name, a tag
select
  a.id, a.space_id, a.name, a.entity::text as entity, a.model_id, a.owner_id, null::integer as revision,
  to_char(a.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
  to_char(a.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at,
  to_char(a.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as committed_at
from pgml.assets a
where a.space_id = $1::uuid
  and ($2::text is null or a.name = $2::text)
  and ($3::text is null or a.entity -> 'tags' @> to_jsonb($3::text))
  and ($4::timestamptz is null or (a.created_at, a.id) < ($4::timestamptz, $5::uuid))
order by a.created_at desc, a.id desc
limit $6::integer

-- name: count (uuid, text, text)
select count(*) as assets
from pgml.assets a
where a.space_id = $1::uuid
  and ($2::text is null or a.name = $2::text)
  and ($3::text is null or a.entity -> 'tags' @> to_jsonb($3::text))

-- name: lock (uuid)
-- one at a time changes an asset
select id from pgml.assets where id = $1::uuid for no key update

-- name: keep (uuid)
-- holds the asset until the transaction ends, so that it is not deleted under what is deployed of it
select id from pgml.assets where id = $1::uuid for key share

-- name: lock_for_removal (uuid)
-- waits for all that hold the asset
select id from pgml.assets where id = $1::uuid for update

-- name: lock_space (uuid)
select id from pgml.assets where space_id = $1::uuid order by id for update

-- name: update (uuid, text, jsonb)
update pgml.assets set name = $2, entity = $3::jsonb, updated_at = clock_timestamp() where id = $1::uuid

-- name: set_model (uuid, bigint)
update pgml.assets set model_id = $2::bigint, updated_at = clock_timestamp() where id = $1::uuid

-- name: revise (uuid, uuid)
with next as (
  update pgml.assets set revision = revision + 1 where id = $1::uuid
  returning id, revision, name, entity, model_id
)
insert into pgml.asset_revisions (asset_id, revision, name, entity, model_id, user_id)
select n.id, n.revision, n.name, n.entity, n.model_id, $2::uuid from next n
returning revision

-- name: revision (uuid, integer)
select
  a.id, a.space_id, r.name, r.entity::text as entity, r.model_id, a.owner_id, r.revision,
  to_char(a.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
  to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at,
  to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as committed_at
from pgml.asset_revisions r
join pgml.assets a on a.id = r.asset_id
where r.asset_id = $1::uuid and r.revision = $2::integer

-- name: revisions (uuid, integer, integer)
-- the newest first, below one of them
select
  a.id, a.space_id, r.name, r.entity::text as entity, r.model_id, a.owner_id, r.revision,
  to_char(a.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
  to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at,
  to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as committed_at
from pgml.asset_revisions r
join pgml.assets a on a.id = r.asset_id
where r.asset_id = $1::uuid and ($2::integer is null or r.revision < $2::integer)
order by r.revision desc
limit $3::integer

-- name: count_revisions (uuid)
select count(*) as revisions from pgml.asset_revisions where asset_id = $1::uuid

-- name: models (uuid)
-- every model that an asset, or one of its revisions, holds
select a.model_id from pgml.assets a where a.id = $1::uuid and a.model_id is not null
union
select r.model_id from pgml.asset_revisions r where r.asset_id = $1::uuid and r.model_id is not null
order by 1

-- name: deployments (uuid)
-- what answers by this asset, or is about to
select coalesce(o.serving_name, o.id::text) as name
from pgml.online_deployments o
join pgml.endpoints e on e.id = o.endpoint_id
where exists (
    select from pgml.deployments d
    where d.endpoint_id = e.id and d.revision = e.revision and d.asset_id = $1::uuid and d.model_id is not null
  )
  or exists (select from pgml.replacements r where r.endpoint_id = e.id and r.asset_id = $1::uuid)
order by 1

-- name: delete (uuid)
delete from pgml.assets where id = $1::uuid
