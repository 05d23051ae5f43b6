-- name: insert (bigint, bigint, uuid, integer, text, text, text, jsonb, double precision)
insert into pgml.replacements (
  endpoint_id, model_id, asset_id, asset_revision, strategy, reason, user_name, checks, deadline
)
values (
  $1, $2, $3, $4, $5::pgml.strategy, $6, $7, $8, clock_timestamp() + make_interval(secs => $9)
)
returning id

-- name: of_endpoint (bigint)
select id from pgml.replacements where endpoint_id = $1

-- name: awaited (bigint)
-- whether a server process has yet to follow the endpoint's last switch
select exists (
  select from pgml.endpoints e
  cross join pgml.servers s
  left join pgml.acknowledgements a on a.server_number = s.number and a.endpoint_id = e.id
  where e.id = $1 and coalesce(a.revision, 0) < e.revision
) as awaited

-- name: progress ()
-- how far the server processes have come with each replacement
select
  r.id,
  r.endpoint_id,
  r.deadline <= clock_timestamp() as late,
  count(l.number) as live,
  count(l.number) filter (where a.replacement_id = r.id and a.problem is null) as prepared,
  min(a.problem) filter (where a.replacement_id = r.id) as problem
from pgml.replacements r
left join pgml.live_servers l on true
left join pgml.acknowledgements a on a.server_number = l.number and a.endpoint_id = r.endpoint_id
group by r.id
order by r.id

-- name: progress_of (bigint)
select
  r.id,
  r.endpoint_id,
  r.model_id,
  r.asset_id,
  r.asset_revision,
  r.strategy::text as strategy,
  r.reason,
  r.user_name,
  r.checks::text as checks,
  r.deadline <= clock_timestamp() as late,
  extract(epoch from r.deadline - r.created_at)::float8 as seconds,
  count(l.number) as live,
  count(l.number) filter (where a.replacement_id = r.id and a.problem is null) as prepared,
  min(a.problem) filter (where a.replacement_id = r.id) as problem
from pgml.replacements r
left join pgml.live_servers l on true
left join pgml.acknowledgements a on a.server_number = l.number and a.endpoint_id = r.endpoint_id
where r.id = $1
group by r.id

-- name: end_silent (bigint)
-- Of a session that is gone, the lock is gone too: what is asked for next counts without it. What the process knew was
-- current at most until its session was last heard of.
with silent as materialized (
  select l.number, l.backend_pid, v.state_change
  from pgml.live_servers l
  join pgml.replacements r on r.id = $1
  left join pgml.acknowledgements a on a.server_number = l.number and a.endpoint_id = r.endpoint_id
  left join pg_stat_activity v on v.pid = l.backend_pid
  where a.replacement_id is distinct from r.id
), ended as materialized (
  select number, state_change, pg_terminate_backend(backend_pid, 1000) as ended from silent
)
update pgml.servers s
set ended_at = coalesce(e.state_change, clock_timestamp())
from ended e
where s.number = e.number

-- name: delete (bigint)
delete from pgml.replacements where id = $1
