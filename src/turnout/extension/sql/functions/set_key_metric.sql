-- Chooses the metric by which a project's models are compared, by best_score and when one is deployed automatically.
-- Its direction goes with it: of mean_squared_error, less is better.
create function pgml.set_key_metric(project_name text, metric text) returns void
language plpython3u volatile
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
GD["pgml"].set_key_metric(project_name, metric)
$$;
