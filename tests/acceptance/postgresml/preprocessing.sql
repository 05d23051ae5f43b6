-- Texts and numbers, every argument by name, and a relation whose name has a slash.
\set ON_ERROR_STOP true

create table pgml."shop/stones" as
select
  i as "Unnamed: 0",
  0.2 + (i % 50) / 25.0::float8 as carat,
  (array['Fair', 'Good', 'Ideal'])[1 + i % 3] as cut,
  (array['D', 'E', 'J'])[1 + i % 5 % 3] as color,
  55 + (i % 13)::float8 as "table",
  1000 * (0.2 + (i % 50) / 25.0) * (1 + i % 3) + 100 * (i % 5 % 3) as price
from generate_series(1, 3000) i;
select * from pgml."shop/stones" limit 3;
alter table pgml."shop/stones" drop column "Unnamed: 0";
create table pgml."shop/new" as select * from pgml."shop/stones" where carat::numeric in (0.4, 1.2, 2.0);
delete from pgml."shop/stones" where carat::numeric in (0.4, 1.2, 2.0);

select pgml.train(
  project_name => 'Stones',
  task => 'regression',
  relation_name => 'pgml.shop/stones',
  y_column_name => 'price',
  algorithm => 'lightgbm',
  preprocess => '{
    "carat": {"scale": "standard"},
    "table": {"scale": "standard"},
    "cut": {"encode": "target", "scale": "standard"},
    "color": {"encode": "target", "scale": "standard"}
  }'
);
select price, pgml.predict('Stones', (carat, cut, color, "table")) as prediction
from pgml."shop/stones"
limit 3;
