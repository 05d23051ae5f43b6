-- 1,797 handwritten digits of 8 x 8 pixels, as a table
select * from pgml.load_dataset('digits');

select target, image from pgml.digits limit 1;

-- The first model of a new project answers from now on, whatever it scores
select * from pgml.train(
  'Handwritten Digit Image Classifier',
  task => 'classification',
  relation_name => 'pgml.digits',
  y_column_name => 'target',
  algorithm => 'linear'
);

-- The next ones are trained on the same rows, and answer only if they beat the model that does
select * from pgml.train('Handwritten Digit Image Classifier', algorithm => 'svm');

select * from pgml.train('Handwritten Digit Image Classifier', algorithm => 'random_forest');

select * from pgml.train('Handwritten Digit Image Classifier', algorithm => 'xgboost');

select * from pgml.train('Handwritten Digit Image Classifier', algorithm => 'lightgbm');

-- What they scored on the rows that none of them has seen
select m.id, m.algorithm, round((m.metrics ->> 'f1')::numeric, 4) as f1,
  round((m.metrics ->> 'accuracy')::numeric, 4) as accuracy,
  round((m.metrics ->> 'fit_time')::numeric, 2) as fit_seconds, t.deployed
from pgml.trained_models t join pgml.models m using (id)
where t.name = 'Handwritten Digit Image Classifier'
order by m.id desc limit 5;

-- Which of them were deployed by themselves, and why
select d.revision, m.algorithm, d.strategy, d.reason
from pgml.deployments d
join pgml.models m on m.id = d.model_id
join pgml.projects p on p.id = d.project_id
where p.name = 'Handwritten Digit Image Classifier' and d.strategy = 'new_score'
order by d.revision desc limit 5;

-- Ten digits that are hard to read: those on which these five models disagree most
create temporary table ten as
select d.image, d.target
from pgml.digits d,
  lateral (
    select count(distinct pgml.predict(m.id, d.image)) as answers
    from (
      select id from pgml.trained_models
      where name = 'Handwritten Digit Image Classifier'
      order by id desc limit 5
    ) m
  ) a
order by a.answers desc, d.target limit 10;

-- How the model that is live now reads them
select array_agg(target) as digits,
  array_agg(pgml.predict('Handwritten Digit Image Classifier', image)) as answers
from ten;

-- The best key metric among all models of the project
select * from pgml.deploy('Handwritten Digit Image Classifier', 'best_score');

select array_agg(target) as digits,
  array_agg(pgml.predict('Handwritten Digit Image Classifier', image)) as answers
from ten;

-- The newest model, whatever its metric
select * from pgml.deploy('Handwritten Digit Image Classifier', 'most_recent');

select array_agg(target) as digits,
  array_agg(pgml.predict('Handwritten Digit Image Classifier', image)) as answers
from ten;

-- Back to the model that answered before
select * from pgml.deploy('Handwritten Digit Image Classifier', 'rollback');

select array_agg(target) as digits,
  array_agg(pgml.predict('Handwritten Digit Image Classifier', image)) as answers
from ten;

-- And back from that
select * from pgml.deploy('Handwritten Digit Image Classifier', 'rollback');

select array_agg(target) as digits,
  array_agg(pgml.predict('Handwritten Digit Image Classifier', image)) as answers
from ten;

-- The best of one algorithm
select * from pgml.deploy('Handwritten Digit Image Classifier', 'best_score', 'svm');

select array_agg(target) as digits,
  array_agg(pgml.predict('Handwritten Digit Image Classifier', image)) as answers
from ten;

-- Back to the last deployment of an algorithm
select * from pgml.deploy('Handwritten Digit Image Classifier', 'rollback', algorithm => 'lightgbm');

select array_agg(target) as digits,
  array_agg(pgml.predict('Handwritten Digit Image Classifier', image)) as answers
from ten;

-- One model, by its id
select d.*
from (
  select max(id) as id from pgml.trained_models
  where name = 'Handwritten Digit Image Classifier' and algorithm = 'random_forest'
) m, pgml.deploy(m.id) d;

select array_agg(target) as digits,
  array_agg(pgml.predict('Handwritten Digit Image Classifier', image)) as answers
from ten;

-- The model that is live now
select id, name, algorithm, deployed_at from pgml.deployed_models
where name = 'Handwritten Digit Image Classifier';

-- Every switch, who made it and what it replaced
select d.revision, d.strategy, m.algorithm, d.model_id as model, d.previous_model_id as previous,
  d.actor, d.created_at::timestamptz(0)
from pgml.deployments d
join pgml.models m on m.id = d.model_id
join pgml.projects p on p.id = d.project_id
where p.name = 'Handwritten Digit Image Classifier'
order by d.revision;
