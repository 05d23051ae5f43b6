-- name: of_model (bigint)
select m.algorithm::text as algorithm, m.importance::text as importance, m.explanation::text as explanation
from pgml.models m
where m.id = $1

-- name: parts (bigint, text)
select f.data
from pgml.files f
where f.model_id = $1 and f.path = $2
order by f.part
