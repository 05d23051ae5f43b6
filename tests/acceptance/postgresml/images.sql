-- Pictures, as one column of smallint arrays: classes, clusters and components.
\set ON_ERROR_STOP true
\timing on

select pgml.load_dataset('digits');
select left(image::text, 40) || ',...}', target from pgml.digits limit 3;

select * from pgml.train('Digits', 'classification', 'pgml.digits', 'target');
select target, pgml.predict('Digits', image::float4[]) as prediction from pgml.digits limit 3;
select target, pgml.predict('Digits', image) as prediction from pgml.digits limit 3;
select target, pgml.predict_proba('Digits', image) as prediction from pgml.digits limit 3;
select * from pgml.train('Digits', algorithm => 'extra_trees', hyperparams => '{"n_estimators": 10}');
select * from pgml.train('Digits', algorithm => 'random_forest', hyperparams => '{"n_estimators": 10}');
select * from pgml.train('Digits', algorithm => 'xgboost', hyperparams => '{"n_estimators": 10}');
select pgml.train(
  'Digits',
  algorithm => 'random_forest',
  hyperparams => '{"random_state": 0}',
  search => 'grid',
  search_params => '{
    "n_estimators": [5, 10],
    "bootstrap": [true, false]
  }',
  search_args => '{"cv": 2}'
);
select * from pgml.deploy('Digits', 'best_score');

create view pgml.digit_vectors as
select image from pgml.digits;
select * from pgml.train('Shapes', 'clustering', 'pgml.digit_vectors', hyperparams => '{"n_clusters": 10}');
select target, pgml.predict('Shapes', image) as prediction from pgml.digits limit 3;
select * from pgml.train('Shapes', algorithm => 'affinity_propagation');
select * from pgml.train('Shapes', algorithm => 'birch', hyperparams => '{"n_clusters": 10}');
select * from pgml.train('Shapes', algorithm => 'kmeans', hyperparams => '{"n_clusters": 10}');
select * from pgml.train('Shapes', algorithm => 'mini_batch_kmeans', hyperparams => '{"n_clusters": 10}');
select * from pgml.deploy('Shapes', 'most_recent', 'kmeans');

create view digit_vectors as
select image from pgml.digits;
select * from pgml.train('Reduction', 'decomposition', 'digit_vectors');
select target, pgml.decompose('Reduction', image) as pca from pgml.digits limit 3;
select * from pgml.train('Reduction', hyperparams => '{"n_components": 3}');
select target, pgml.decompose('Reduction', image) as pca from pgml.digits limit 3;
select trained_models.* from pgml.trained_models
join pgml.models on models.id = trained_models.id
order by models.metrics->>'cumulative_explained_variance' desc limit 5;
select * from pgml.deploy('Reduction', 'most_recent', 'pca');
select * from pgml.deploy('Reduction', 'best_score');
select * from pgml.deploy('Reduction', 'most_recent');
select * from pgml.deploy('Reduction', 'rollback');
select * from pgml.deploy('Reduction', 'best_score', 'pca');
-- asked for one number, it gives the first component
select target, pgml.predict('Reduction', image) as prediction from pgml.digits limit 3;
