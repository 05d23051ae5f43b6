-- name: insert (bigint, bigint, bigint, text, bigint, bigint, text, jsonb)
insert into pgml.deployments
  (endpoint_id, project_id, model_id, strategy, revision, previous_model_id, reason, judgement)
values ($1, $2, $3, $4::pgml.strategy, $5, $6, $7, $8)

-- name: best_score (bigint, text, text, boolean)
-- scores are numbers here, never text; one that is missing or not a number does not take part
select m.id, m.algorithm::text as algorithm
from pgml.models m
where m.project_id = $1 and m.status = 'successful' and m.deleted_at is null
  and ($3 is null or m.algorithm = $3::pgml.algorithm)
  and jsonb_typeof(m.metrics -> $2) = 'number'
order by (m.metrics ->> $2)::float8 * case when $4 then 1 else -1 end desc, m.id desc
limit 1

-- name: most_recent (bigint, text)
select m.id, m.algorithm::text as algorithm
from pgml.models m
where m.project_id = $1 and m.status = 'successful' and m.deleted_at is null
  and ($2 is null or m.algorithm = $2::pgml.algorithm)
order by m.created_at desc, m.id desc
limit 1

-- name: rollback (bigint, bigint, bigint, text)
-- the newest earlier deployment of another model that can still answer; undeployments are passed over
select m.id, m.algorithm::text as algorithm
from pgml.deployments d
join pgml.models m on m.id = d.model_id
where d.endpoint_id = $1 and d.revision < $2 and d.model_id is distinct from $3
  and m.deleted_at is null
  and ($4 is null or m.algorithm = $4::pgml.algorithm)
order by d.revision desc
limit 1

-- name: count (bigint)
select count(*) as deployments from pgml.deployments where endpoint_id = $1

-- name: delete (bigint)
delete from pgml.deployments where project_id = $1
