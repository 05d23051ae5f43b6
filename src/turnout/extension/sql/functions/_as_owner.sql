-- The one door to the catalog. Runs what the calling entry has handed over inside this process, with the rights of
-- the extension's owner. Who calls it from SQL has handed nothing over, and is refused: see docs/decisions.
create function pgml._as_owner() returns void
language plpython3u volatile security definer set search_path = pg_catalog, pg_temp
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
GD["pgml"].as_owner()
$$;

-- The same within a prediction, which must not write.
create function pgml._read_as_owner() returns void
language plpython3u stable security definer set search_path = pg_catalog, pg_temp
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
GD["pgml"].read_as_owner()
$$;
