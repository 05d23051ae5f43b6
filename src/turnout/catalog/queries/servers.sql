-- name: standby ()
select pg_is_in_recovery() as standby

-- name: receiving ()
-- whether this standby hears of its primary
select exists (select from pg_stat_wal_receiver) as receiving

-- name: listen_changed ()
listen pgml_changed

-- name: listen_acknowledged ()
listen pgml_acknowledged

-- name: insert (text, integer)
insert into pgml.servers (host, process_id) values ($1, $2) returning number

-- name: lock (integer)
-- taken before the row is committed: who sees the row finds it held for as long as the session lives
select pg_advisory_lock(1953854062, $1::integer)

-- name: delete (integer)
delete from pgml.servers where number = $1

-- name: sweep (double precision)
-- A server process whose session has ended is left out at once; its row stays until it has surely noticed.
with gone as (
  delete from pgml.servers
  where number in (
    select number from pgml.servers
    where ended_at < clock_timestamp() - make_interval(secs => $1)
    for update skip locked
  )
)
update pgml.servers
set ended_at = clock_timestamp()
where number in (
  select s.number from pgml.servers s
  where s.ended_at is null and not exists (select from pgml.live_servers l where l.number = s.number)
  for update skip locked
)

-- name: end_laggards (double precision)
-- who has not followed a switch for so long hangs: without its session it marks its answers by itself
with hanging as materialized (
  select l.number, l.backend_pid, v.state_change
  from pgml.live_servers l
  left join pg_stat_activity v on v.pid = l.backend_pid
  where exists (
    select from pgml.endpoints e
    left join pgml.acknowledgements a on a.endpoint_id = e.id and a.server_number = l.number
    where e.kind = 'online' and coalesce(a.revision, 0) < e.revision
      and greatest(e.updated_at, l.started_at) < clock_timestamp() - make_interval(secs => $1)
  )
), ended as materialized (
  select number, state_change, pg_terminate_backend(backend_pid, 1000) as ended from hanging
)
update pgml.servers s
set ended_at = coalesce(e.state_change, clock_timestamp())
from ended e
where s.number = e.number
returning s.number

-- name: of_host (text)
select number, process_id from pgml.servers where host = $1

-- name: acknowledge (integer, bigint[], bigint[], bigint[], text[])
-- an endpoint that has just been deleted needs no acknowledgement
insert into pgml.acknowledgements (server_number, endpoint_id, revision, replacement_id, problem)
select $1, e.id, n.revision, n.replacement_id, n.problem
from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[]) as n (endpoint_id, revision, replacement_id, problem)
join pgml.endpoints e on e.id = n.endpoint_id
for key share of e
on conflict (server_number, endpoint_id) do update
set revision = excluded.revision,
    replacement_id = excluded.replacement_id,
    problem = excluded.problem,
    updated_at = clock_timestamp()

-- name: reading ()
-- all that a server process serves by, of one moment
select
  coalesce((
    select json_agg(json_build_object(
      'id', o.id, 'endpoint_id', e.id, 'serving_name', o.serving_name, 'space_id', o.space_id, 'name', o.name,
      'revision', e.revision, 'model_id', e.model_id, 'sha256', m.artifact_sha256, 'asset_id', d.asset_id
    ))
    from pgml.online_deployments o
    join pgml.endpoints e on e.id = o.endpoint_id
    left join pgml.models m on m.id = e.model_id
    left join pgml.deployments d on d.endpoint_id = e.id and d.revision = e.revision
  ), '[]')::text as deployments,
  coalesce((
    select json_agg(json_build_object(
      'id', r.id, 'endpoint_id', r.endpoint_id, 'model_id', r.model_id, 'sha256', m.artifact_sha256
    ))
    from pgml.replacements r join pgml.models m on m.id = r.model_id
  ), '[]')::text as replacements,
  coalesce((
    select json_agg(json_build_object('id', u.id, 'admin', u.admin, 'generation', u.key_generation))
    from pgml.users u
  ), '[]')::text as users,
  coalesce((
    select json_agg(json_build_object('user_id', m.user_id, 'space_id', m.space_id, 'role', m.role))
    from pgml.members m
  ), '[]')::text as members,
  coalesce((
    select json_agg(encode(k.secret, 'hex') order by k.id desc)
    from (select id, secret from pgml.signing_keys order by id desc limit 2) k
  ), '[]')::text as signing_keys
