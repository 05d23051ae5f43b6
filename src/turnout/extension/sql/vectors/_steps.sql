-- What the functions of vectors are made of. A division by zero is infinite and what is too small for its type is zero,
-- as in IEEE 754 and unlike PostgreSQL's operators; what is too large is their error, 22003. All but the errors are
-- simple enough to be inlined: a function that is called within a function costs more than its work.

create function pgml._unequal(elements integer, others integer) returns boolean
language plpgsql immutable parallel safe
as $$
begin
  raise exception 'vectors of % and % elements, expected as many in both', elements, others
    using errcode = '2202E';
end
$$;

create function pgml._missing(element double precision) returns double precision
language plpgsql immutable parallel safe
as $$
begin
  raise exception 'a vector has a NULL among its elements, expected numbers only'
    using errcode = '22004', hint = 'coalesce it where the vector is made';
end
$$;

-- what is not half of the smallest real is zero
create function pgml._real(value double precision) returns real
language sql immutable parallel safe
return case when abs($1) < 7.1e-46 then 0 else $1::real end;

-- a product below 1e-300 is zero, but for NULLs, which greatest and least pass over
create function pgml._product(x double precision, y double precision) returns double precision
language sql immutable parallel safe
return case
  when greatest(abs($1), abs($2)) >= 1 then $1 * $2
  when least(abs($1), abs($2)) < 1e-150 / greatest(abs($1), abs($2), 1e-150) * 1e-150 then 0 * ($1 + $2)
  else $1 * $2
end;

-- as is a quotient; the sign of a zero shows in its text only
create function pgml._quotient(x double precision, y double precision) returns double precision
language sql immutable parallel safe
return case
  when $2 = 0 then
    case
      when $1 = 0 or $1 = 'NaN' then 'NaN'::float8
      when ($1 > 0) = ($2::text = '0') then 'Infinity'::float8
      else '-Infinity'::float8
    end
  when abs($2) > 1 then case when abs($1) < 1e-300 * abs($2) then 0 else $1 / $2 end
  else $1 / $2
end;

create function pgml._quotient(x real, y real) returns real
language sql immutable parallel safe
return case
  when $2 = 0 then
    case
      when $1 = 0 or $1 = 'NaN' then 'NaN'::real
      when ($1 > 0) = ($2::text = '0') then 'Infinity'::real
      else '-Infinity'::real
    end
  else pgml._real($1::float8 / $2::float8)
end;
