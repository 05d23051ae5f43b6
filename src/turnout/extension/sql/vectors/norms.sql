-- The norms of a vector: how many of its elements are not zero (l0), the sum of their magnitudes (l1), Euclid's length
-- (l2), and the greatest magnitude (max).

create function pgml.norm_l0(vector double precision[]) returns double precision
language sql immutable strict parallel safe
return (
  select coalesce(sum(case when coalesce(x, pgml._missing(x)) = 0 then 0 else 1 end), 0)
  from (select unnest($1) as x) u
);

create function pgml.norm_l0(vector real[]) returns real
language sql immutable strict parallel safe
return (
  select coalesce(sum(case when coalesce(x, pgml._missing(x)) = 0 then 0 else 1 end), 0)
  from (select unnest($1)::float8 as x) u
);

create function pgml.norm_l1(vector double precision[]) returns double precision
language sql immutable strict parallel safe
return (
  select coalesce(sum(abs(coalesce(x, pgml._missing(x)))), 0)
  from (select unnest($1) as x) u
);

create function pgml.norm_l1(vector real[]) returns real
language sql immutable strict parallel safe
return (
  select coalesce(sum(abs(coalesce(x, pgml._missing(x)))), 0)
  from (select unnest($1)::float8 as x) u
);

create function pgml.norm_l2(vector double precision[]) returns double precision
language sql immutable strict parallel safe
return (
  select sqrt(coalesce(sum(coalesce(pgml._product(x, x), pgml._missing(x))), 0))
  from (select unnest($1) as x) u
);

create function pgml.norm_l2(vector real[]) returns real
language sql immutable strict parallel safe
return (
  select sqrt(coalesce(sum(coalesce(x * x, pgml._missing(x))), 0))
  from (select unnest($1)::float8 as x) u
);

create function pgml.norm_max(vector double precision[]) returns double precision
language sql immutable strict parallel safe
return (
  select coalesce(max(abs(coalesce(x, pgml._missing(x)))), 0)
  from (select unnest($1) as x) u
);

create function pgml.norm_max(vector real[]) returns real
language sql immutable strict parallel safe
return (
  select coalesce(max(abs(coalesce(x, pgml._missing(x)))), 0)
  from (select unnest($1)::float8 as x) u
);
