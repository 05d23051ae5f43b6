-- How far two vectors of one length are apart, by the sum of the differences (l1) or in a straight line (l2); their dot
-- product; and the cosine of the angle between them, which is NaN where one of them is all zeros.

create function pgml.distance_l1(vector double precision[], other double precision[]) returns double precision
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  (
    select coalesce(sum(abs(coalesce(x - y, pgml._missing(x)))), 0)
    from (select unnest($1) as x, unnest($2) as y) u
  )
end;

create function pgml.distance_l1(vector real[], other real[]) returns real
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  (
    select coalesce(sum(abs(coalesce(x - y, pgml._missing(x)))), 0)
    from (select unnest($1)::float8 as x, unnest($2)::float8 as y) u
  )
end;

create function pgml.distance_l2(vector double precision[], other double precision[]) returns double precision
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  (
    select sqrt(coalesce(sum(coalesce(pgml._product(x - y, x - y), pgml._missing(x))), 0))
    from (select unnest($1) as x, unnest($2) as y) u
  )
end;

create function pgml.distance_l2(vector real[], other real[]) returns real
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  (
    select sqrt(coalesce(sum(coalesce((x - y) * (x - y), pgml._missing(x))), 0))
    from (select unnest($1)::float8 as x, unnest($2)::float8 as y) u
  )
end;

create function pgml.dot_product(vector double precision[], other double precision[]) returns double precision
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  (
    select coalesce(sum(coalesce(pgml._product(x, y), pgml._missing(x))), 0)
    from (select unnest($1) as x, unnest($2) as y) u
  )
end;

create function pgml.dot_product(vector real[], other real[]) returns real
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  (
    select pgml._real(coalesce(sum(coalesce(x * y, pgml._missing(x))), 0))
    from (select unnest($1)::float8 as x, unnest($2)::float8 as y) u
  )
end;

create function pgml.cosine_similarity(vector double precision[], other double precision[]) returns double precision
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  (
    select case when norms = 0 then 'NaN' else pgml._quotient(dot, norms) end
    from (
      select
        coalesce(sum(coalesce(pgml._product(x, y), pgml._missing(x))), 0) as dot,
        coalesce(sqrt(sum(pgml._product(x, x))) * sqrt(sum(pgml._product(y, y))), 0) as norms
      from (select unnest($1) as x, unnest($2) as y) u
    ) d
  )
end;

create function pgml.cosine_similarity(vector real[], other real[]) returns real
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  (
    select case when norms = 0 then 'NaN' else pgml._real(dot / norms) end
    from (
      select
        coalesce(sum(coalesce(x * y, pgml._missing(x))), 0) as dot,
        coalesce(sqrt(sum(x * x)) * sqrt(sum(y * y)), 0) as norms
      from (select unnest($1)::float8 as x, unnest($2)::float8 as y) u
    ) d
  )
end;
