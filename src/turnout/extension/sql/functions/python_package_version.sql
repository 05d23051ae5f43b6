-- The version of a package that the server's Python finds, by the name it is installed or imported by.
create function pgml.python_package_version(name text) returns text
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].python_package_version(name)
$$;
