-- Which model of a project was live from when to when, by which strategy it was deployed, by whom and why, and what had
-- been compared; the oldest deployment first. A deployment without a model is an undeployment. The times are exact
-- where track_commit_timestamp was on; otherwise a model was live a little later, when the deploying transaction had
-- committed.
create function pgml.history(project_name text) returns table (
  revision bigint, model_id bigint, previous_model_id bigint, algorithm text, strategy text,
  live_from timestamptz, live_to timestamptz, exact boolean, actor text, reason text, judgement jsonb, checks jsonb
)
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].history(project_name)
$$;
