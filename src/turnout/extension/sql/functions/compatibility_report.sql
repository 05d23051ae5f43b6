-- What callers of a project, or of an online deployment, would notice if a model were deployed there: each field that
-- differs from the live model's, whether callers break on it, and what differs. No rows if nothing does.
create function pgml.compatibility_report(project_name text, model_id bigint)
returns table (field text, severity text, difference text)
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].compatibility_report(project_name, model_id)
$$;
