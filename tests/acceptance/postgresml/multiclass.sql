-- Three classes, of a view in another order at each look; the rows with an odd place are never trained on.
\set ON_ERROR_STOP true
\timing on

select pgml.load_dataset('iris');
create table flowers as select *, row_number() over () as place from pgml.iris;

drop view if exists pgml.iris_view;
create view pgml.iris_view as
select sepal_length, sepal_width, petal_length, petal_width, target
from flowers where place % 2 = 0 order by random();

select * from pgml.train('Flowers', 'classification', 'pgml.iris_view', 'target');
select target, pgml.predict('Flowers', array[sepal_length, sepal_width, petal_length, petal_width]) as prediction
from pgml.iris_view
limit 3;
select target, pgml.predict_proba('Flowers', array[sepal_length, sepal_width, petal_length, petal_width]) as prediction
from pgml.iris_view
limit 3;

select * from pgml.train('Flowers', algorithm => 'ridge');
select * from pgml.train('Flowers', algorithm => 'perceptron');
select * from pgml.train('Flowers', algorithm => 'svm');
select * from pgml.train('Flowers', algorithm => 'nu_svm');
select * from pgml.train('Flowers', algorithm => 'random_forest', hyperparams => '{"n_estimators": 10}');
select * from pgml.train('Flowers', algorithm => 'xgboost', hyperparams => '{"n_estimators": 10}');
select * from pgml.train('Flowers', algorithm => 'lightgbm', hyperparams => '{"n_estimators": 10}');
select * from pgml.train(
  'Flowers', algorithm => 'xgboost', hyperparams => '{"n_estimators": 10, "objective": "multi:softmax"}'
);
select * from pgml.deploy('Flowers', 'most_recent', 'random_forest');

select pgml.train(
  'Flowers',
  algorithm => 'gradient_boosting_trees',
  hyperparams => '{"random_state": 0}',
  search => 'grid',
  search_params => '{
    "n_estimators": [10, 20],
    "max_leaf_nodes": [2, 4],
    "criterion": ["friedman_mse", "squared_error"]
  }'
);

select * from pgml.deploy('Flowers', 'best_score');
select * from pgml.deploy('Flowers', 'most_recent');
select * from pgml.deploy('Flowers', 'rollback');
select * from pgml.deploy('Flowers', 'best_score', 'svm');

select target, pgml.predict('Flowers', array[sepal_length, sepal_width, petal_length, petal_width]) as prediction
from pgml.iris_view
limit 3;
