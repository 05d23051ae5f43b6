-- Adds, subtracts, multiplies or divides a vector and a number, or two vectors of one length element by element. A
-- division by zero is infinite, and 0 / 0 is NaN. A NULL among the elements is an error.

create function pgml.add(vector double precision[], addend double precision) returns double precision[]
language sql immutable strict parallel safe
return array(select coalesce(x + $2, pgml._missing(x)) from (select unnest($1) as x) u);

create function pgml.add(vector double precision[], addend double precision[]) returns double precision[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(
    select coalesce(x + y, pgml._missing(x))
    from (select unnest($1) as x, unnest($2) as y) u
  )
end;

create function pgml.add(vector real[], addend real) returns real[]
language sql immutable strict parallel safe
return array(select coalesce(x + $2, pgml._missing(x)::real) from (select unnest($1) as x) u);

create function pgml.add(vector real[], addend real[]) returns real[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(
    select coalesce(x + y, pgml._missing(x)::real)
    from (select unnest($1) as x, unnest($2) as y) u
  )
end;

create function pgml.subtract(vector double precision[], subtrahend double precision) returns double precision[]
language sql immutable strict parallel safe
return array(select coalesce(x - $2, pgml._missing(x)) from (select unnest($1) as x) u);

create function pgml.subtract(vector double precision[], subtrahend double precision[]) returns double precision[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(
    select coalesce(x - y, pgml._missing(x))
    from (select unnest($1) as x, unnest($2) as y) u
  )
end;

create function pgml.subtract(vector real[], subtrahend real) returns real[]
language sql immutable strict parallel safe
return array(select coalesce(x - $2, pgml._missing(x)::real) from (select unnest($1) as x) u);

create function pgml.subtract(vector real[], subtrahend real[]) returns real[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(
    select coalesce(x - y, pgml._missing(x)::real)
    from (select unnest($1) as x, unnest($2) as y) u
  )
end;

create function pgml.multiply(vector double precision[], multiplicand double precision) returns double precision[]
language sql immutable strict parallel safe
return array(select coalesce(pgml._product(x, $2), pgml._missing(x)) from (select unnest($1) as x) u);

create function pgml.multiply(vector double precision[], multiplicand double precision[]) returns double precision[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(
    select coalesce(pgml._product(x, y), pgml._missing(x))
    from (select unnest($1) as x, unnest($2) as y) u
  )
end;

create function pgml.multiply(vector real[], multiplicand real) returns real[]
language sql immutable strict parallel safe
return array(select coalesce(pgml._real(x::float8 * $2), pgml._missing(x)::real) from (select unnest($1) as x) u);

create function pgml.multiply(vector real[], multiplicand real[]) returns real[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(
    select coalesce(pgml._real(x::float8 * y), pgml._missing(x)::real)
    from (select unnest($1) as x, unnest($2) as y) u
  )
end;

create function pgml.divide(vector double precision[], dividend double precision) returns double precision[]
language sql immutable strict parallel safe
return array(select coalesce(pgml._quotient(x, $2), pgml._missing(x)) from (select unnest($1) as x) u);

create function pgml.divide(vector double precision[], dividend double precision[]) returns double precision[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(
    select coalesce(pgml._quotient(x, y), pgml._missing(x))
    from (select unnest($1) as x, unnest($2) as y) u
  )
end;

create function pgml.divide(vector real[], dividend real) returns real[]
language sql immutable strict parallel safe
return array(select coalesce(pgml._quotient(x, $2), pgml._missing(x)::real) from (select unnest($1) as x) u);

create function pgml.divide(vector real[], dividend real[]) returns real[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(
    select coalesce(pgml._quotient(x, y), pgml._missing(x)::real)
    from (select unnest($1) as x, unnest($2) as y) u
  )
end;
