-- The version of the extension, as pg_extension has it.
create function pgml.version() returns text
language sql stable
return (select e.extversion from pg_catalog.pg_extension e where e.extname operator(pg_catalog.=) 'pgml');
