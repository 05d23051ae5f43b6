-- The enumerations. They may gain values and never lose one: callers compare with them.

create type pgml.task as enum ('regression', 'classification', 'clustering', 'decomposition');
create type pgml.runtime as enum ('python', 'rust');
create type pgml.search as enum ('grid', 'random');
create type pgml.sampling as enum ('random', 'last', 'first', 'stratified');
create type pgml.status as enum ('in_progress', 'successful', 'failed');
create type pgml.strategy as enum
  ('new_score', 'best_score', 'most_recent', 'rollback', 'specific', 'undeploy');
create type pgml.endpoint_kind as enum ('project', 'online');
create type pgml.member_role as enum ('viewer', 'editor', 'admin');
create type pgml.algorithm as enum (
  'linear', 'xgboost', 'xgboost_random_forest', 'svm', 'lasso', 'elastic_net', 'ridge', 'kmeans', 'dbscan',
  'knn', 'random_forest', 'least_angle', 'lasso_least_angle', 'orthogonal_matching_pursuit',
  'bayesian_ridge', 'automatic_relevance_determination', 'stochastic_gradient_descent', 'perceptron',
  'passive_aggressive', 'ransac', 'theil_sen', 'huber', 'quantile', 'kernel_ridge', 'gaussian_process',
  'nu_svm', 'ada_boost', 'bagging', 'extra_trees', 'gradient_boosting_trees', 'hist_gradient_boosting',
  'linear_svm', 'lightgbm', 'catboost', 'affinity_propagation', 'birch', 'mini_batch_kmeans', 'mean_shift',
  'optics', 'spectral', 'pca'
);
