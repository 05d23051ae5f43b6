-- name: insert (text, jsonb, uuid)
insert into pgml.spaces (name, entity, creator_id)
values ($1, $2::jsonb, $3::uuid)
returning
  id, name, entity::text as entity, creator_id,
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
  to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at

-- name: by_id (uuid)
select
  id, name, entity::text as entity, creator_id,
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
  to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
from pgml.spaces
where id = $1::uuid

-- name: page (uuid, boolean, text, uuid, text, text, timestamptz, uuid, integer)
-- the spaces that a user may see, the newest first; of which somebody is a member, with which role, of which type
select
  s.id, s.name, s.entity::text as entity, s.creator_id,
  to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
  to_char(s.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
from pgml.spaces s
where ($2::boolean or exists (select from pgml.members m where m.space_id = s.id and m.user_id = $1::uuid))
  and ($3::text is null or s.name = $3::text)
  and ($4::uuid is null or exists (
    select from pgml.members m
    where m.space_id = s.id and m.user_id = $4::uuid and ($5::text is null or m.role = $5::pgml.member_role)
  ))
  and ($6::text is null or s.entity ->> 'type' = $6::text)
  and ($7::timestamptz is null or (s.created_at, s.id) < ($7::timestamptz, $8::uuid))
order by s.created_at desc, s.id desc
limit $9::integer

-- name: count (uuid, boolean, text, uuid, text, text)
select count(*) as spaces
from pgml.spaces s
where ($2::boolean or exists (select from pgml.members m where m.space_id = s.id and m.user_id = $1::uuid))
  and ($3::text is null or s.name = $3::text)
  and ($4::uuid is null or exists (
    select from pgml.members m
    where m.space_id = s.id and m.user_id = $4::uuid and ($5::text is null or m.role = $5::pgml.member_role)
  ))
  and ($6::text is null or s.entity ->> 'type' = $6::text)

-- name: by_name (text)
select id from pgml.spaces where name = $1 order by created_at, id

-- name: keep (uuid)
-- holds the space until the transaction ends, so that it is not deleted under what is put into it
select id from pgml.spaces where id = $1::uuid for key share

-- name: lock (uuid)
-- one at a time changes a space or its members
select id from pgml.spaces where id = $1::uuid for no key update

-- name: lock_for_removal (uuid)
-- waits for all that hold the space
select id from pgml.spaces where id = $1::uuid for update

-- name: update (uuid, text, jsonb)
update pgml.spaces
set name = $2, entity = $3::jsonb, updated_at = clock_timestamp()
where id = $1::uuid

-- name: deployments (uuid)
select coalesce(serving_name, id::text) as name from pgml.online_deployments where space_id = $1::uuid order by 1

-- name: delete (uuid)
delete from pgml.spaces where id = $1::uuid
