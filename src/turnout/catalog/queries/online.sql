-- name: fail (bigint, jsonb)
update pgml.online_deployments set failure = $2, updated_at = clock_timestamp() where endpoint_id = $1
