-- The version of the Python that runs in the server.
create function pgml.python_version() returns text
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].python_version()
$$;
