-- The packages that the server's Python finds, each as name==version.
create function pgml.python_pip_freeze() returns table (package text)
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].python_pip_freeze()
$$;
