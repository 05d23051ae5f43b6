-- Deletes all models of a project but the newest `keep`, the live one, and the one a rollback would choose.
create function pgml.prune(project_name text, keep integer) returns setof bigint
language plpython3u volatile
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].prune(project_name, keep)
$$;
