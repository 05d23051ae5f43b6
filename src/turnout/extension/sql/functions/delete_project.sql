-- Removes a project with its models and its history, and puts on record who did so, when and how much went.
create function pgml.delete_project(project_name text) returns void
language plpython3u volatile
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
GD["pgml"].delete_project(project_name)
$$;
