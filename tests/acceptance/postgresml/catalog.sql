-- What scripts ask the catalog for, and the calls around training.
\set ON_ERROR_STOP true

select pgml.version();
select pgml.python_version();
select pgml.python_package_version('scikit-learn');
select * from pgml.python_pip_freeze() limit 3;
select pgml.validate_python_dependencies();

create table houses as
select i % 7 as rooms, (i % 11)::real as age, i % 2 = 0 as garden, 10 * (i % 7) - (i % 11) + 5 * (i % 2) as price
from generate_series(1, 400) i;
select * from pgml.train('Houses', 'regression', 'houses', 'price', runtime => 'rust');
select * from pgml.train('Houses', algorithm => 'xgboost', runtime => 'python', automatic_deploy => false);
select * from pgml.train(
  'Houses', 'regression', 'public.houses', 'price', 'linear', '{}', null, '{}', '{}', 100, 'last', 'python', true, true
);
select * from pgml.train('Houses', algorithm => 'lightgbm', hyperparams => '{"n_estimators": 50, "min_child_samples": 5}',
  test_size => 0.5, test_sampling => 'random');

select * from pgml.overview;
select * from pgml.deployed_models;
select name, algorithm, deployed from pgml.trained_models;
select id, algorithm, metrics->>'r2' as r2 from pgml.models order by (metrics->>'r2')::float desc;
select projects.name, models.algorithm, round((models.metrics->>'r2')::numeric, 4) as r2_score
from pgml.models
join pgml.projects on projects.id = models.project_id and projects.name = 'Houses'
order by models.created_at desc
limit 5;
select models.id, models.algorithm, snapshots.relation_name, snapshots.y_column_name, deployments.strategy
from pgml.deployments
join pgml.models on models.id = deployments.model_id
join pgml.snapshots on snapshots.id = models.snapshot_id
order by deployments.created_at desc;
select * from pgml.deploy((select min(id) from pgml.models where algorithm = 'xgboost'));
select * from pgml.deploy('Houses', strategy => 'best_score');
select * from pgml.deploy(project_name => 'Houses', strategy => 'most_recent', algorithm => 'linear');
select pgml.predict('Houses', array[3, 2.5, 1]), pgml.predict('Houses', (3, 2.5::real, true)), pgml.predict('Houses', '{3,2.5,1}');
select pgml.predict('Houses', row(rooms, age, garden)), price from houses limit 3;
select pgml.predict((select max(id) from pgml.models), array[3, 2.5, 1]);
select pgml.predict_batch('Houses', array_agg(array[rooms, age, garden::int])) from houses where rooms = 1;
