-- name: insert (bigint, bigint, bigint, text, bigint, bigint, text, jsonb, jsonb, text, uuid, integer)
insert into pgml.deployments (
  endpoint_id, project_id, model_id, strategy, revision, previous_model_id, reason, judgement, checks,
  user_name, asset_id, asset_revision
)
values ($1, $2, $3, $4::pgml.strategy, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: best_score (bigint, text, text, boolean)
-- scores are numbers here, never text; one that is missing or not a number does not take part
select m.id, m.algorithm::text as algorithm
from pgml.models m
where m.project_id = $1 and m.status = 'successful' and m.deleted_at is null
  and ($3::text is null or m.algorithm = $3::pgml.algorithm)
  and jsonb_typeof(m.metrics -> $2::text) = 'number'
order by (m.metrics ->> $2::text)::float8 * case when $4 then 1 else -1 end desc, m.id desc
limit 1

-- name: most_recent (bigint, text)
select m.id, m.algorithm::text as algorithm
from pgml.models m
where m.project_id = $1 and m.status = 'successful' and m.deleted_at is null
  and ($2::text is null or m.algorithm = $2::pgml.algorithm)
order by m.created_at desc, m.id desc
limit 1

-- name: rollback (bigint, bigint, bigint, text)
-- the newest earlier deployment of another model that can still answer; undeployments are passed over
select m.id, m.algorithm::text as algorithm
from pgml.deployments d
join pgml.models m on m.id = d.model_id
where d.endpoint_id = $1 and d.revision < $2 and d.model_id is distinct from $3
  and m.deleted_at is null
  and ($4::text is null or m.algorithm = $4::pgml.algorithm)
order by d.revision desc
limit 1

-- name: last_model (bigint)
-- whose callers there are: the live model, or the one that was live before an undeployment
select d.model_id
from pgml.deployments d
where d.endpoint_id = $1 and d.model_id is not null
order by d.revision desc
limit 1

-- name: timeline (bigint)
-- A deployment is live from the commit of its transaction. PostgreSQL knows when that was if track_commit_timestamp is
-- on, the row has not come from a dump (another transaction committed it then), and its transaction's id is not in
-- use again. Otherwise it was as long after created_at as its transaction went on.
select
  t.revision,
  t.model_id,
  t.previous_model_id,
  m.algorithm::text as algorithm,
  t.strategy::text as strategy,
  t.actor::text as actor,
  t.user_name,
  t.asset_id::text as asset_id,
  t.asset_revision,
  t.reason,
  t.judgement::text as judgement,
  t.checks::text as checks,
  to_char(t.since at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US"+00"') as live_from,
  to_char(
    lead(t.since) over (order by t.revision) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US"+00"'
  ) as live_to,
  t.exact and coalesce(lead(t.exact) over (order by t.revision), true) as exact
from (
  select d.*, coalesce(d.committed, d.created_at) as since, d.committed is not null as exact
  from (
    select
      d.*,
      case
        when current_setting('track_commit_timestamp') = 'on'
          and pg_snapshot_xmax(pg_current_snapshot())::text::bigint - d.transaction_id::text::bigint < 2147483648
          -- the row's own xmin may be a subtransaction, which commits with its transaction
          and pg_xact_commit_timestamp(d.xmin) = pg_xact_commit_timestamp(d.transaction_id::xid)
        then pg_xact_commit_timestamp(d.xmin)
      end as committed
    from pgml.deployments d
    where d.endpoint_id = $1
  ) d
) t
left join pgml.models m on m.id = t.model_id
order by t.revision

-- name: count (bigint)
select count(*) as deployments from pgml.deployments where endpoint_id = $1

-- name: delete (bigint)
delete from pgml.deployments where project_id = $1

-- name: delete_of_endpoint (bigint)
delete from pgml.deployments where endpoint_id = $1

-- name: best_in_space (uuid, text, text, boolean)
select m.id, m.algorithm::text as algorithm, a.id as asset_id
from pgml.assets a
join pgml.models m on m.id = a.model_id
where a.space_id = $1::uuid and m.status = 'successful' and m.deleted_at is null and m.predictor is not null
  and ($3::text is null or m.algorithm = $3::pgml.algorithm)
  and jsonb_typeof(m.metrics -> $2::text) = 'number'
order by (m.metrics ->> $2::text)::float8 * case when $4 then 1 else -1 end desc, m.id desc, a.id

-- name: recent_in_space (uuid, text)
-- an asset got its model when it was made of it, or when the model came later
select m.id, m.algorithm::text as algorithm, a.id as asset_id
from pgml.assets a
join pgml.models m on m.id = a.model_id
where a.space_id = $1::uuid and m.status = 'successful' and m.deleted_at is null and m.predictor is not null
  and ($2::text is null or m.algorithm = $2::pgml.algorithm)
order by greatest(a.created_at, m.created_at) desc, m.id desc, a.id

-- name: rollback_in_space (bigint, bigint, bigint, text)
select m.id, m.algorithm::text as algorithm, d.asset_id, d.asset_revision
from pgml.deployments d
join pgml.models m on m.id = d.model_id
join pgml.assets a on a.id = d.asset_id
where d.endpoint_id = $1 and d.revision < $2 and d.model_id is distinct from $3
  and m.deleted_at is null
  and ($4::text is null or m.algorithm = $4::pgml.algorithm)
order by d.revision desc
limit 1

-- name: in_space (uuid, bigint)
select m.id, m.algorithm::text as algorithm, a.id as asset_id
from pgml.assets a
join pgml.models m on m.id = a.model_id
where a.space_id = $1::uuid and m.id = $2
order by a.created_at desc, a.id
limit 1
