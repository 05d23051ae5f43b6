-- A vector divided by its norm, so that the norm becomes 1. A vector of zeros becomes one of NaN.

create function pgml.normalize_l1(vector double precision[]) returns double precision[]
language sql immutable strict parallel safe
return array(
  select pgml._quotient(x, norm)
  from (
    select norm, unnest($1) as x
    from (
      select coalesce(sum(abs(coalesce(x, pgml._missing(x)))), 0) as norm
      from (select unnest($1) as x) u
    ) n
  ) v
);

create function pgml.normalize_l1(vector real[]) returns real[]
language sql immutable strict parallel safe
return array(
  select case when norm = 0 then 'NaN' else pgml._real(x / norm) end
  from (
    select norm, unnest($1)::float8 as x
    from (
      select coalesce(sum(abs(coalesce(x, pgml._missing(x)))), 0) as norm
      from (select unnest($1)::float8 as x) u
    ) n
  ) v
);

create function pgml.normalize_l2(vector double precision[]) returns double precision[]
language sql immutable strict parallel safe
return array(
  select pgml._quotient(x, norm)
  from (
    select norm, unnest($1) as x
    from (
      select sqrt(coalesce(sum(coalesce(pgml._product(x, x), pgml._missing(x))), 0)) as norm
      from (select unnest($1) as x) u
    ) n
  ) v
);

create function pgml.normalize_l2(vector real[]) returns real[]
language sql immutable strict parallel safe
return array(
  select case when norm = 0 then 'NaN' else pgml._real(x / norm) end
  from (
    select norm, unnest($1)::float8 as x
    from (
      select sqrt(coalesce(sum(coalesce(x * x, pgml._missing(x))), 0)) as norm
      from (select unnest($1)::float8 as x) u
    ) n
  ) v
);

create function pgml.normalize_max(vector double precision[]) returns double precision[]
language sql immutable strict parallel safe
return array(
  select pgml._quotient(x, norm)
  from (
    select norm, unnest($1) as x
    from (
      select coalesce(max(abs(coalesce(x, pgml._missing(x)))), 0) as norm
      from (select unnest($1) as x) u
    ) n
  ) v
);

create function pgml.normalize_max(vector real[]) returns real[]
language sql immutable strict parallel safe
return array(
  select case when norm = 0 then 'NaN' else pgml._real(x / norm) end
  from (
    select norm, unnest($1)::float8 as x
    from (
      select coalesce(max(abs(coalesce(x, pgml._missing(x)))), 0) as norm
      from (select unnest($1)::float8 as x) u
    ) n
  ) v
);
