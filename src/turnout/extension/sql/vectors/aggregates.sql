-- Aggregates of vectors of one length, element by element: the sum, the least, the greatest, and the least and the
-- greatest magnitude. NULLs are skipped, whole vectors as well as elements. NaN is greater than any number, as it is
-- everywhere in PostgreSQL.

create function pgml._sum_step(state double precision[], vector double precision[]) returns double precision[]
language sql immutable parallel safe
return case
  when $1 is null or $2 is null then coalesce($1, $2)
  when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
    array(select coalesce(x + y, x, y) from (select unnest($1) as x, unnest($2) as y) u)
end;

-- a sum of reals is kept in double precision until its end
create function pgml._sum_step(state double precision[], vector real[]) returns double precision[]
language sql immutable parallel safe
return case
  when $1 is null or $2 is null then coalesce($1, $2)
  when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
    array(select coalesce(x + y, x, y) from (select unnest($1) as x, unnest($2)::float8 as y) u)
end;

create function pgml._reals(numbers double precision[]) returns real[]
language sql immutable strict parallel safe
return array(select pgml._real(x) from (select unnest($1) as x) u);

create aggregate pgml.sum(double precision[]) (
  sfunc = pgml._sum_step, stype = double precision[], combinefunc = pgml._sum_step, parallel = safe
);
create aggregate pgml.sum(real[]) (
  sfunc = pgml._sum_step, stype = double precision[], combinefunc = pgml._sum_step, finalfunc = pgml._reals,
  parallel = safe
);

create function pgml._min_step(state double precision[], vector double precision[]) returns double precision[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(select least(x, y) from (select unnest($1) as x, unnest($2) as y) u)
end;

create function pgml._max_step(state double precision[], vector double precision[]) returns double precision[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(select greatest(x, y) from (select unnest($1) as x, unnest($2) as y) u)
end;

create function pgml._min_abs_step(state double precision[], vector double precision[]) returns double precision[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(select least(abs(x), abs(y)) from (select unnest($1) as x, unnest($2) as y) u)
end;

create function pgml._max_abs_step(state double precision[], vector double precision[]) returns double precision[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(select greatest(abs(x), abs(y)) from (select unnest($1) as x, unnest($2) as y) u)
end;

create function pgml._magnitudes(numbers double precision[]) returns double precision[]
language sql immutable strict parallel safe
return array(select abs(x) from (select unnest($1) as x) u);

create aggregate pgml.min(double precision[]) (
  sfunc = pgml._min_step, stype = double precision[], combinefunc = pgml._min_step, parallel = safe
);
create aggregate pgml.max(double precision[]) (
  sfunc = pgml._max_step, stype = double precision[], combinefunc = pgml._max_step, parallel = safe
);
create aggregate pgml.min_abs(double precision[]) (
  sfunc = pgml._min_abs_step, stype = double precision[], combinefunc = pgml._min_abs_step,
  finalfunc = pgml._magnitudes, parallel = safe
);
create aggregate pgml.max_abs(double precision[]) (
  sfunc = pgml._max_abs_step, stype = double precision[], combinefunc = pgml._max_abs_step,
  finalfunc = pgml._magnitudes, parallel = safe
);

create function pgml._min_step(state real[], vector real[]) returns real[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(select least(x, y) from (select unnest($1) as x, unnest($2) as y) u)
end;

create function pgml._max_step(state real[], vector real[]) returns real[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(select greatest(x, y) from (select unnest($1) as x, unnest($2) as y) u)
end;

create function pgml._min_abs_step(state real[], vector real[]) returns real[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(select least(abs(x), abs(y)) from (select unnest($1) as x, unnest($2) as y) u)
end;

create function pgml._max_abs_step(state real[], vector real[]) returns real[]
language sql immutable strict parallel safe
return case when cardinality($1) = cardinality($2) or pgml._unequal(cardinality($1), cardinality($2)) then
  array(select greatest(abs(x), abs(y)) from (select unnest($1) as x, unnest($2) as y) u)
end;

create function pgml._magnitudes(numbers real[]) returns real[]
language sql immutable strict parallel safe
return array(select abs(x) from (select unnest($1) as x) u);

create aggregate pgml.min(real[]) (
  sfunc = pgml._min_step, stype = real[], combinefunc = pgml._min_step, parallel = safe
);
create aggregate pgml.max(real[]) (
  sfunc = pgml._max_step, stype = real[], combinefunc = pgml._max_step, parallel = safe
);
create aggregate pgml.min_abs(real[]) (
  sfunc = pgml._min_abs_step, stype = real[], combinefunc = pgml._min_abs_step,
  finalfunc = pgml._magnitudes, parallel = safe
);
create aggregate pgml.max_abs(real[]) (
  sfunc = pgml._max_abs_step, stype = real[], combinefunc = pgml._max_abs_step,
  finalfunc = pgml._magnitudes, parallel = safe
);
