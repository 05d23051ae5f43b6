-- Metrics of predicted numbers as scikit-learn defines them: r2, mse (mean squared error) and mae (mean absolute
-- error); there is no r2 of fewer than two numbers.
create function pgml.sklearn_regression_metrics(ground_truth real[], y_hat real[]) returns jsonb
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  (
    select jsonb_strip_nulls(jsonb_build_object(
      'r2',
      case
        when count(*) < 2 then null
        when min(t) < max(t) then 1 - sum((t - p) * (t - p)) / (var_pop(t) * count(*))
        when sum((t - p) * (t - p)) = 0 then 1
        else 0
      end,
      'mse', avg((t - p) * (t - p)),
      'mae', avg(abs(t - p))
    ))
    from (
      select coalesce(t, pgml._missing(t)) as t, coalesce(p, pgml._missing(p)) as p
      from (select unnest($1)::float8 as t, unnest($2)::float8 as p) u
    ) pairs
  )
end;

-- r2 alone; NULL for fewer than two numbers
create function pgml.sklearn_r2_score(ground_truth real[], y_hat real[]) returns real
language sql immutable strict parallel safe
return (pgml.sklearn_regression_metrics($1, $2) ->> 'r2')::real;
