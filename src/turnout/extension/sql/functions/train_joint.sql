-- Trains a model that predicts several columns at once, for pgml.predict_joint, and deploys it if it is better than the
-- live one. All else is as with pgml.train, which trains a joint project again where it is given no relation.
create function pgml.train_joint(
  project_name text,
  task text default null,
  relation_name text default null,
  y_column_name text[] default null,
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

-- The same for arguments that are enumerations, as with pgml.train.
create function pgml.train_joint(
  project_name varchar,
  task pgml.task default null,
  relation_name text default null,
  y_column_name text[] default null,
  algorithm pgml.algorithm default 'linear',
  hyperparams jsonb default '{}',
  search pgml.search default null,
  search_params jsonb default '{}',
  search_args jsonb default '{}',
  test_size real default 0.25,
  test_sampling pgml.sampling default 'stratified',
  runtime pgml.runtime default null,
  automatic_deploy boolean default true,
  materialize_snapshot boolean default false,
  preprocess jsonb default '{}'
) returns table (project text, task text, algorithm text, deployed boolean)
language sql volatile
as $$
  select t.project, t.task, t.algorithm, t.deployed
  from pgml.train_joint(
    $1::pg_catalog.text, $2::pg_catalog.text, $3, $4, $5::pg_catalog.text, $6, $7::pg_catalog.text, $8, $9, $10,
    $11::pg_catalog.text, $12::pg_catalog.text, $13, $14, $15
  ) t
$$;
