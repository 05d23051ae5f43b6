-- Trains a model on a relation and, if it is better than the live one, deploys it.
create function pgml.train(
  project_name text,
  task text default null,
  relation_name text default null,
  y_column_name text default null,
  algorithm text default 'linear',
  hyperparams jsonb default '{}',
  search text default null,
  search_params jsonb default '{}',
  search_args jsonb default '{}',
  test_size real default 0.25,
  test_sampling text default 'stratified',
  runtime text default null,
  automatic_deploy boolean default true,
  materialize_snapshot boolean default false,
  preprocess jsonb default '{}'
) returns table (project text, task text, algorithm text, deployed boolean)
language plpython3u volatile
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].train(
    project_name, task, relation_name, y_column_name, algorithm, hyperparams, search, search_params,
    search_args, test_size, test_sampling, runtime, automatic_deploy, materialize_snapshot, preprocess,
)
$$;
