-- Several targets at once, which one model learns together.
\set ON_ERROR_STOP true
\timing on

select pgml.load_dataset('linnerud');
select * from pgml.linnerud limit 3;

select * from pgml.train_joint('Exercise', 'regression', 'pgml.linnerud', array['weight', 'waist', 'pulse']);
select weight, waist, pulse, pgml.predict_joint('Exercise', array[chins, situps, jumps]) as prediction
from pgml.linnerud
limit 3;

select * from pgml.train_joint('Exercise', algorithm => 'ridge');
select * from pgml.train_joint('Exercise', algorithm => 'lasso');
select * from pgml.train_joint('Exercise', algorithm => 'elastic_net');
select * from pgml.train_joint('Exercise', algorithm => 'least_angle');
select * from pgml.train_joint('Exercise', algorithm => 'lasso_least_angle');
select * from pgml.train_joint('Exercise', algorithm => 'orthogonal_matching_pursuit');
select * from pgml.train_joint('Exercise', algorithm => 'bayesian_ridge');
select * from pgml.train_joint('Exercise', algorithm => 'automatic_relevance_determination');
select * from pgml.train_joint('Exercise', algorithm => 'stochastic_gradient_descent');
select * from pgml.train_joint('Exercise', algorithm => 'passive_aggressive');
select * from pgml.train_joint('Exercise', algorithm => 'ransac');
select * from pgml.train_joint(
  'Exercise', algorithm => 'theil_sen', hyperparams => '{"max_iter": 10, "max_subpopulation": 100}'
);
select * from pgml.train_joint('Exercise', algorithm => 'huber');
select * from pgml.train_joint('Exercise', algorithm => 'quantile');
select * from pgml.train_joint('Exercise', algorithm => 'svm', hyperparams => '{"max_iter": 100}');
select * from pgml.train_joint('Exercise', algorithm => 'nu_svm', hyperparams => '{"max_iter": 10}');
select * from pgml.train_joint('Exercise', algorithm => 'linear_svm', hyperparams => '{"max_iter": 100}');
select * from pgml.train_joint('Exercise', algorithm => 'ada_boost', hyperparams => '{"n_estimators": 5}');
select * from pgml.train_joint('Exercise', algorithm => 'bagging', hyperparams => '{"n_estimators": 5}');
select * from pgml.train_joint('Exercise', algorithm => 'extra_trees', hyperparams => '{"n_estimators": 5}');
select * from pgml.train_joint('Exercise', algorithm => 'gradient_boosting_trees', hyperparams => '{"n_estimators": 5}');
select * from pgml.train_joint('Exercise', algorithm => 'random_forest', hyperparams => '{"n_estimators": 5}');
select * from pgml.train_joint('Exercise', algorithm => 'kernel_ridge');
select * from pgml.train_joint('Exercise', algorithm => 'gaussian_process');
select * from pgml.train_joint('Exercise', algorithm => 'xgboost', hyperparams => '{"n_estimators": 10}');
select * from pgml.train_joint('Exercise', algorithm => 'xgboost_random_forest', hyperparams => '{"n_estimators": 10}');
select * from pgml.train_joint('Exercise', algorithm => 'lightgbm', hyperparams => '{"n_estimators": 1}');
select * from pgml.train_joint('Exercise', algorithm => 'hist_gradient_boosting', hyperparams => '{"max_iter": 10}');

select trained_models.* from pgml.trained_models
join pgml.models on models.id = trained_models.id
order by models.metrics->>'mean_squared_error' desc limit 5;

select * from pgml.deploy('Exercise', 'most_recent', 'random_forest');
select * from pgml.deployed_models order by deployed_at desc limit 5;
select * from pgml.deploy('Exercise', 'best_score');
select * from pgml.deploy('Exercise', 'most_recent');
select * from pgml.deploy('Exercise', 'rollback');
select * from pgml.deploy('Exercise', 'best_score', 'svm');

select weight, waist, pulse, pgml.predict_joint('Exercise', array[chins, situps, jumps]) as prediction
from pgml.linnerud
limit 3;
