-- Two classes, of columns with blanks in their names: trained again by name alone, searched, deployed.
\set ON_ERROR_STOP true

select pgml.load_dataset('breast_cancer');
select count(*) from pgml.breast_cancer;

select * from pgml.train('Tumours', 'classification', 'pgml.breast_cancer', 'malignant');

select malignant, pgml.predict(
  'Tumours',
  array[
    "mean radius", "mean texture", "mean perimeter", "mean area", "mean smoothness", "mean compactness",
    "mean concavity", "mean concave points", "mean symmetry", "mean fractal dimension",
    "radius error", "texture error", "perimeter error", "area error", "smoothness error", "compactness error",
    "concavity error", "concave points error", "symmetry error", "fractal dimension error",
    "worst radius", "worst texture", "worst perimeter", "worst area", "worst smoothness", "worst compactness",
    "worst concavity", "worst concave points", "worst symmetry", "worst fractal dimension"
  ]
) as prediction
from pgml.breast_cancer
order by random()
limit 3;

select malignant, pgml.predict_proba(
  'Tumours',
  array[
    "mean radius", "mean texture", "mean perimeter", "mean area", "mean smoothness", "mean compactness",
    "mean concavity", "mean concave points", "mean symmetry", "mean fractal dimension",
    "radius error", "texture error", "perimeter error", "area error", "smoothness error", "compactness error",
    "concavity error", "concave points error", "symmetry error", "fractal dimension error",
    "worst radius", "worst texture", "worst perimeter", "worst area", "worst smoothness", "worst compactness",
    "worst concavity", "worst concave points", "worst symmetry", "worst fractal dimension"
  ]
) as prediction
from pgml.breast_cancer
order by random()
limit 3;

select * from pgml.train('Tumours', algorithm => 'ridge');
select * from pgml.train('Tumours', algorithm => 'stochastic_gradient_descent');
select * from pgml.train('Tumours', algorithm => 'perceptron');
select * from pgml.train('Tumours', algorithm => 'passive_aggressive');
select * from pgml.train('Tumours', algorithm => 'svm');
select * from pgml.train('Tumours', algorithm => 'nu_svm');
select * from pgml.train('Tumours', algorithm => 'linear_svm');
select * from pgml.train('Tumours', algorithm => 'ada_boost');
select * from pgml.train('Tumours', algorithm => 'bagging');
select * from pgml.train('Tumours', algorithm => 'extra_trees', hyperparams => '{"n_estimators": 10}');
select * from pgml.train('Tumours', algorithm => 'gradient_boosting_trees', hyperparams => '{"n_estimators": 10}');
select * from pgml.train('Tumours', algorithm => 'random_forest', hyperparams => '{"n_estimators": 10}');
select * from pgml.train('Tumours', algorithm => 'xgboost', hyperparams => '{"n_estimators": 10}');
select * from pgml.train('Tumours', algorithm => 'xgboost_random_forest', hyperparams => '{"n_estimators": 10}');
select * from pgml.train('Tumours', algorithm => 'lightgbm', hyperparams => '{"n_estimators": 10}');
select * from pgml.train('Tumours', algorithm => 'hist_gradient_boosting', hyperparams => '{"max_iter": 2}');
select * from pgml.train(
  'Tumours', algorithm => 'gaussian_process', hyperparams => '{"max_iter_predict": 100, "warm_start": true}'
);

select trained_models.* from pgml.trained_models
join pgml.models on models.id = trained_models.id
order by models.metrics->>'f1' desc limit 5;

select * from pgml.deploy('Tumours', 'most_recent', 'random_forest');
select * from pgml.deployed_models order by deployed_at desc limit 5;

select pgml.train(
  'Tumours',
  algorithm => 'xgboost',
  search => 'grid',
  search_params => '{
    "n_estimators": [2, 4],
    "max_depth": [1, 2, 3]
  }'
);
select pgml.train(
  'Tumours',
  algorithm => 'xgboost',
  search => 'random',
  search_params => '{"n_estimators": [2, 4], "max_depth": [1, 2, 3]}',
  search_args => '{"n_iter": 3, "cv": 3}'
);

select * from pgml.deploy('Tumours', 'best_score');
select * from pgml.deploy('Tumours', 'most_recent');
select * from pgml.deploy('Tumours', 'rollback');
select * from pgml.deploy('Tumours', 'best_score', 'svm');
