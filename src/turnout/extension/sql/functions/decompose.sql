-- The components of a row of numbers, by the live model of a decomposition project.
create function pgml.decompose(project_name text, vector real[]) returns real[]
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].decompose(project_name, vector)
$$;
