-- A regression on columns of numbers: every algorithm by position, then each way to deploy.
\set ON_ERROR_STOP true
\timing on

select pgml.load_dataset('diabetes');
select * from pgml.diabetes limit 3;

select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target');
select target, pgml.predict('Progression', array[age, sex, bmi, bp, s1, s2, s3, s4, s5, s6]) as prediction
from pgml.diabetes
limit 3;

select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'ridge');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'lasso');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'elastic_net');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'least_angle');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'lasso_least_angle');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'orthogonal_matching_pursuit');
-- as version 1 spelled it
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'orthoganl_matching_pursuit');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'bayesian_ridge');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'automatic_relevance_determination');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'stochastic_gradient_descent');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'passive_aggressive');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'ransac');
select * from pgml.train(
  'Progression', 'regression', 'pgml.diabetes', 'target', 'theil_sen', '{"max_iter": 10, "max_subpopulation": 100}'
);
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'huber');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'quantile');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'svm', '{"max_iter": 100}');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'nu_svm', '{"max_iter": 10}');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'linear_svm', '{"max_iter": 100}');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'ada_boost', '{"n_estimators": 5}');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'bagging', '{"n_estimators": 5}');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'extra_trees', '{"n_estimators": 5}');
select * from pgml.train(
  'Progression', 'regression', 'pgml.diabetes', 'target', 'gradient_boosting_trees', '{"n_estimators": 5}'
);
select * from pgml.train(
  'Progression', 'regression', 'pgml.diabetes', 'target', 'hist_gradient_boosting', '{"max_iter": 10}'
);
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'random_forest', '{"n_estimators": 5}');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'kernel_ridge');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'gaussian_process');
select * from pgml.train('Progression', 'regression', 'pgml.diabetes', 'target', 'xgboost');
select * from pgml.train('Progression', algorithm => 'xgboost_random_forest', hyperparams => '{"n_estimators": 10}');
select * from pgml.train('Progression', algorithm => 'lightgbm', hyperparams => '{"n_estimators": 10}');
select * from pgml.train('Progression', algorithm => 'catboost', hyperparams => '{"iterations": 10}');

select trained_models.* from pgml.trained_models
join pgml.models on models.id = trained_models.id
order by models.metrics->>'mean_squared_error' desc limit 5;

select * from pgml.deploy('Progression', 'most_recent', 'random_forest');
select * from pgml.deployed_models order by deployed_at desc limit 5;
select * from pgml.deploy('Progression', 'best_score');
select * from pgml.deploy('Progression', 'most_recent');
select * from pgml.deploy('Progression', 'rollback');
select * from pgml.deploy('Progression', 'best_score', 'svm');

select target, pgml.predict('Progression', array[age, sex, bmi, bp, s1, s2, s3, s4, s5, s6]) as prediction
from pgml.diabetes
limit 3;
