-- name: insert (uuid, bigint, uuid, text, text, jsonb, uuid)
insert into pgml.online_deployments (id, endpoint_id, space_id, name, serving_name, entity, owner_id)
values ($1::uuid, $2, $3::uuid, $4, $5, $6::jsonb, $7::uuid)

-- name: update (uuid, text, text, jsonb, uuid)
update pgml.online_deployments
set name = $2, serving_name = $3, entity = $4::jsonb, owner_id = $5::uuid, updated_at = clock_timestamp()
where id = $1::uuid

-- name: fail (bigint, jsonb)
update pgml.online_deployments set failure = $2::jsonb, updated_at = clock_timestamp() where endpoint_id = $1

-- name: clear_failure (bigint)
update pgml.online_deployments set failure = null, updated_at = clock_timestamp() where endpoint_id = $1

-- name: delete (bigint)
delete from pgml.online_deployments where endpoint_id = $1

-- name: record_removal (bigint, text, text)
insert into pgml.removals (endpoint_id, project_name, user_name, models, deployments, bytes)
select $1, $2, $3, 0, (select count(*) from pgml.deployments where endpoint_id = $1), 0

-- name: space_role (text, uuid)
-- what a role of PostgreSQL may in a space: what the user of its name may
select case when u.admin then 'admin' else m.role::text end as role
from pgml.users u
left join pgml.members m on m.user_id = u.id and m.space_id = $2::uuid
where u.name = $1

-- name: asset (uuid, integer)
-- held until the transaction ends, so that it is not deleted, and gets no other model, under what refers to it
select
  a.id,
  a.space_id,
  a.name,
  case when $2::integer is null then a.model_id else r.model_id end as model_id,
  $2::integer is null or r.revision is not null as has_revision
from pgml.assets a
left join pgml.asset_revisions r on r.asset_id = a.id and r.revision = $2::integer
where a.id = $1::uuid
for share of a

-- name: id_of (text)
-- by the serving name, or the id
select id from pgml.online_deployments where serving_name = $1 or id::text = lower($1)

-- name: of_endpoint (bigint)
select id from pgml.online_deployments where endpoint_id = $1

-- name: page (uuid, boolean, uuid, uuid, text, text, uuid, text, text, timestamptz, uuid, integer)
-- those of the spaces that a user is in, or all; one alone, of a space, by serving name, tag, asset, name, state
select * from (
 select found.*, count(*) over () as total from (
  select
    o.id,
    o.endpoint_id,
    o.space_id,
    o.name,
    o.serving_name,
    o.entity::text as entity,
    o.owner_id,
    o.failure::text as failure,
    to_char(o.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
    to_char(
      greatest(o.updated_at, e.updated_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
    ) as modified_at,
    e.model_id,
    e.revision,
    d.asset_id,
    d.asset_revision,
    coalesce(r.checks, d.checks)::text as checks,
    w.trouble,
    case
      when e.revision = 0 and r.id is null and o.failure is not null then 'failed'
      when e.revision = 0 then 'initializing'
      when r.id is not null then 'updating'
      when w.awaited and e.revision = 1 then 'initializing'
      when w.awaited then 'updating'
      when w.trouble is not null then 'failed'
      else 'ready'
    end as state,
    o.created_at as made
  from pgml.online_deployments o
  join pgml.endpoints e on e.id = o.endpoint_id
  left join pgml.deployments d on d.endpoint_id = e.id and d.revision = e.revision
  left join pgml.replacements r on r.endpoint_id = e.id
  cross join lateral (
    -- one whose session has ended counts until it is swept away: it may not have noticed yet
    select
      coalesce(bool_or(coalesce(a.revision, 0) < e.revision), false) as awaited,
      min(a.problem) filter (where a.replacement_id is null and a.revision = e.revision) as trouble
    from pgml.servers s
    left join pgml.acknowledgements a on a.server_number = s.number and a.endpoint_id = e.id
  ) w
  where ($2::boolean or exists (
      select from pgml.members m where m.space_id = o.space_id and m.user_id = $1::uuid
    ))
    and ($3::uuid is null or o.id = $3::uuid)
    and ($4::uuid is null or o.space_id = $4::uuid)
    and ($5::text is null or o.serving_name = $5::text)
    and ($6::text is null or o.entity -> 'tags' ? $6::text)
    and ($7::uuid is null or coalesce(d.asset_id::text, o.entity -> 'asset' ->> 'id') = $7::uuid::text)
    and ($8::text is null or o.name = $8::text)
) found
 where $9::text is null or state = $9::text
) counted
where $10::timestamptz is null or (made, id) < ($10::timestamptz, $11::uuid)
order by made desc, id desc
limit $12::integer
