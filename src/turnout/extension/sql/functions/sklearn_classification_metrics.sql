-- Metrics of predicted classes as scikit-learn defines them: f1, f1_micro, precision, recall, accuracy and mcc; for two
-- classes roc_auc as well, with the predictions as scores. f1, precision and recall are those of class 1 where there
-- are no more than two classes, and averages over all classes otherwise.
create function pgml.sklearn_classification_metrics(ground_truth real[], y_hat real[], num_classes bigint)
returns jsonb
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  (
    with pairs as (
      select coalesce(t, pgml._missing(t)) as t, coalesce(p, pgml._missing(p)) as p
      from (select unnest($1)::float8 as t, unnest($2)::float8 as p) u
    ),
    classes as (
      select c, sum(real)::float8 as real, sum(said)::float8 as said, sum(hit)::float8 as hit
      from (
        select t as c, 1 as real, 0 as said, (t = p)::int as hit from pairs
        union all
        select p, 0, 1, 0 from pairs
      ) u
      group by c
    ),
    scores as (
      select
        c,
        2 * hit / (real + said) as f1,
        coalesce(hit / nullif(said, 0), 0) as precision,
        coalesce(hit / nullif(real, 0), 0) as recall
      from classes
    ),
    kind as (
      select count(*) <= 2 and (coalesce(bool_or(c = 1), false) or coalesce(bool_and(c = 0), false)) as of_one
      from classes
    ),
    averages as (
      select
        case when of_one then coalesce(max(f1) filter (where c = 1), 0) else avg(f1) end as f1,
        case when of_one then coalesce(max(precision) filter (where c = 1), 0) else avg(precision) end as precision,
        case when of_one then coalesce(max(recall) filter (where c = 1), 0) else avg(recall) end as recall
      from scores, kind
      group by of_one
    ),
    totals as (
      select
        sum(real) as rows,
        sum(hit) as hits,
        sum(real) ^ 2 - sum(real ^ 2) as real,
        sum(said) ^ 2 - sum(said ^ 2) as said,
        sum(hit) * sum(real) - sum(real * said) as together
      from classes
    ),
    ranks as (
      select
        t = max(t) over () as positive,
        (rank() over (order by p) + (count(*) over (partition by p) - 1) / 2.0)::float8 as rank
      from pairs
    ),
    sides as (
      select
        (count(*) filter (where positive))::float8 as positive,
        (count(*) filter (where not positive))::float8 as negative,
        sum(rank) filter (where positive) as ranks
      from ranks
      where $3 = 2 and (select count(distinct t) from pairs) = 2
    )
    select jsonb_strip_nulls(jsonb_build_object(
      'f1', averages.f1,
      'f1_micro', hits / rows,
      'precision', averages.precision,
      'recall', averages.recall,
      'accuracy', hits / rows,
      'mcc', case when real * said > 0 then together / sqrt(real * said) else 0 end,
      'roc_auc', (ranks - positive * (positive + 1) / 2) / nullif(positive * negative, 0)
    ))
    from averages, totals, sides
  )
end;
