-- How a model comes to its answers. `explain(project_name)` says how much each feature matters to the live model, or to
-- another model of the project, the most important first; for a column that is an array also for each of its elements.
-- It was found out at the training, and method says how: gain (the total gain of the splits by a feature: xgboost,
-- lightgbm), prediction values change (catboost), impurity (other trees), coefficient (linear models: its magnitude,
-- averaged over the classes, times the standard deviation of the feature in the training rows) are shares of a whole of 1.
-- permutation, for all others, is what the named metric loses, for the worse, when the values of the feature are
-- exchanged among test rows, on average over three times; it can be negative.
--
-- With features, an array or a row as pgml.predict takes them, it says what each of them contributes to the answer for
-- that row, the greatest contribution first: exact Shapley values of xgboost, lightgbm and catboost by these libraries
-- themselves, and of linear models by their coefficients, against the mean of the training rows. base and the
-- contributions add up to the model's raw answer, whose unit is that of the target, or its logarithm (`log(y)`), or the
-- log-odds of the class: of the second of two, of each of more than two. Other algorithms cannot be asked this.
create function pgml.explain(project_name text, model_id bigint default null)
returns table (feature text, importance double precision, elements double precision[], method text)
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].explain(project_name, model_id)
$$;

create function pgml.explain(project_name text, features double precision[], model_id bigint default null)
returns table (
  feature text, value text, contribution double precision, elements double precision[], class text,
  base double precision, unit text
)
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].explain_array(project_name, features, model_id)
$$;

create function pgml.explain(project_name text, features boolean[], model_id bigint default null)
returns table (
  feature text, value text, contribution double precision, elements double precision[], class text,
  base double precision, unit text
)
language sql stable
as $$ select e.* from pgml.explain($1, $2::pg_catalog.int4[]::pg_catalog.float8[], $3) e $$;

create function pgml._explain_text(project_name text, features double precision[], model_id bigint)
returns table (
  feature text, value text, contribution double precision, elements double precision[], class text,
  base double precision, unit text
)
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].explain_text(project_name, features, model_id)
$$;

create function pgml.explain(project_name text, features text, model_id bigint default null)
returns table (
  feature text, value text, contribution double precision, elements double precision[], class text,
  base double precision, unit text
)
language sql stable
as $$ select e.* from pgml._explain_text($1, $2::pg_catalog.float8[], $3) e $$;

-- rows: PL/Python takes no record, and SQL neither; with anyelement, a number would be a row too, and no model's id
create function pgml._explain_row(project_name text, features text, model_id bigint)
returns table (
  feature text, value text, contribution double precision, elements double precision[], class text,
  base double precision, unit text
)
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].explain_row(project_name, features, model_id)
$$;

create function pgml.explain(project_name text, features record, model_id bigint default null)
returns table (
  feature text, value text, contribution double precision, elements double precision[], class text,
  base double precision, unit text
)
language plpgsql stable
as $$
begin
  return query select e.* from pgml._explain_row($1, pg_catalog.to_json($2)::pg_catalog.text, $3) e;
end
$$;
