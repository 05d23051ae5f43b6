-- The functions and aggregates of vectors, with the forms of argument that PostgresML 2 takes.
\set ON_ERROR_STOP true

select pgml.add(array[1.0, 2.0, 3.0], 3), pgml.subtract(array[1.0, 2.0, 3.0], 3);
select pgml.multiply(array[1.0, 2.0, 3.0], 3), pgml.divide(array[1.0, 2.0, 3.0], 100);
create table answers as
select
  pgml.add(array[1.0, 2.0, 3.0]::float4[], array[4.0, 5.0, 6.0]::float4[]) as sums,
  pgml.subtract(array[1.0, 2.0, 3.0]::float4[], array[4.0, 5.0, 6.0]::float4[]) as differences,
  pgml.multiply(array[1.0, 2.0, 3.0]::float4[], array[4.0, 5.0, 6.0]::float4[]) as products,
  pgml.divide(array[1.0, 2.0, 3.0]::float4[], array[4.0, 5.0, 6.0]::float4[]) as quotients,
  pgml.norm_l0(array[1.0, 2.0, 3.0]::float4[]) as l0,
  pgml.norm_l1(array[1.0, 2.0, 3.0]::float8[]) as l1,
  pgml.norm_l2(array[1.0, 2.0, 3.0]::float4[]) as l2,
  pgml.norm_max(array[1.0, 2.0, 3.0]::float4[]) as largest,
  pgml.normalize_l1(array[1.0, 2.0, 3.0]::float4[]) as by_l1,
  pgml.normalize_l2(array[1.0, 2.0, 3.0]::float4[]) as by_l2,
  pgml.normalize_max(array[1.0, 2.0, 3.0]::float4[]) as by_largest,
  pgml.distance_l1(array[1.0, 2.0, 3.0]::float4[], array[4.0, 5.0, 6.0]::float4[]) as d1,
  pgml.distance_l2(array[1.0, 2.0, 3.0]::float4[], array[4.0, 5.0, 6.0]::float4[]) as d2,
  pgml.dot_product(array[1.0::real, 2.0, 3.0], array[4.0::real, 5.0, 6.0]) as dot,
  pgml.cosine_similarity(array[1.0, 2.0, 3.0]::float4[], array[1.0, 2.0, 3.0]::float4[]) as cosine;

with vectors as (
  select * from (
    values
      (array[-2, -4, -6, -8]::float4[]),
      (array[-1, -2, -3, -4]::float4[]),
      (array[0, 0, 0, 0]::float4[]),
      (array[1, 2, 3, 4]::float4[]),
      (array[1, 2, 3, 4]::float4[]),
      (null)
  ) as vectors (embedding)
)
select
  pgml.sum(embedding), pgml.min(embedding), pgml.max(embedding), pgml.min_abs(embedding), pgml.max_abs(embedding),
  pgml.divide(pgml.sum(embedding), count(embedding)) as avg
from vectors;
