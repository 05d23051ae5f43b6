-- Says whether a project refuses to deploy a model that would break its callers, or does so with a warning.
create function pgml.set_strict(project_name text, strict boolean) returns void
language plpython3u volatile
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
GD["pgml"].set_strict(project_name, strict)
$$;
