-- name: by_name (text)
select id, name, admin, key_hash, key_generation, created_at from pgml.users where name = $1

-- name: by_id (uuid)
select id, name, admin, key_hash, key_generation, created_at from pgml.users where id = $1

-- name: every ()
select id, name, admin, key_hash, key_generation, created_at from pgml.users order by name

-- name: insert (uuid, text, boolean, text)
insert into pgml.users (id, name, admin, key_hash) values ($1, $2, $3, $4)
on conflict (name) do nothing
returning id

-- name: set_key (uuid, text)
update pgml.users
set key_hash = $2, key_generation = key_generation + 1, updated_at = clock_timestamp()
where id = $1

-- name: other_admin (uuid)
-- both of two who remove the last two administrators at once wait here, and the second sees what the first has done
select id from pgml.users where admin and id <> $1 order by id limit 1 for update

-- name: delete (uuid)
delete from pgml.users where id = $1

-- name: signing_keys ()
select secret from pgml.signing_keys order by id desc limit 2

-- name: insert_signing_key (bytea)
insert into pgml.signing_keys (secret) values ($1)

-- name: first_start ()
-- one server at a time sets an installation up
lock table pgml.signing_keys in share row exclusive mode
