-- name: role (uuid, uuid)
select role::text as role from pgml.members where space_id = $1::uuid and user_id = $2::uuid

-- name: list (uuid)
select
  m.user_id, u.name as user_name, m.role::text as role,
  to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
  to_char(m.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
from pgml.members m
join pgml.users u on u.id = m.user_id
where m.space_id = $1::uuid
order by m.created_at, m.user_id

-- name: find (uuid, text)
-- by the user's id or name
select
  m.user_id, u.name as user_name, m.role::text as role,
  to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
  to_char(m.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
from pgml.members m
join pgml.users u on u.id = m.user_id
where m.space_id = $1::uuid and (u.id::text = $2 or u.name = $2)
order by u.id::text = $2 desc
limit 1

-- name: user (text)
-- holds the user until the transaction ends; who is named like another's id stands back
select id, name, admin from pgml.users where id::text = $1 or name = $1 order by id::text = $1 desc limit 1 for key share

-- name: insert (uuid, uuid, text)
insert into pgml.members (space_id, user_id, role)
values ($1::uuid, $2::uuid, $3::pgml.member_role)
on conflict (space_id, user_id) do nothing

-- name: update (uuid, uuid, text)
update pgml.members
set role = $3::pgml.member_role, updated_at = clock_timestamp()
where space_id = $1::uuid and user_id = $2::uuid

-- name: delete (uuid, uuid)
delete from pgml.members where space_id = $1::uuid and user_id = $2::uuid

-- name: other_admins (uuid, uuid)
select count(*) as admins from pgml.members where space_id = $1::uuid and user_id <> $2::uuid and role = 'admin'
