-- Takes the live model away: a deployment with no model. Predictions then get a clear error; a rollback undoes it.
create function pgml.undeploy(project_name text, reason text default null)
returns table (project text, strategy text, algorithm text)
language plpython3u volatile
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].undeploy(project_name, reason)
$$;
