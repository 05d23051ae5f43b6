-- Which model of a project, or of an online deployment, was live from when to when, by which strategy it was deployed,
-- by whom and why, and what had been compared; the oldest deployment first. A deployment without a model is an
-- undeployment. The times are exact where track_commit_timestamp was on; otherwise a model was live a little later, when
-- the deploying transaction had committed. The actor is a role of SQL; user_name is who asked for it over HTTP.
create function pgml.history(project_name text) returns table (
  revision bigint, model_id bigint, previous_model_id bigint, algorithm text, strategy text,
  live_from timestamptz, live_to timestamptz, exact boolean, actor text, reason text, judgement jsonb, checks jsonb,
  user_name text
)
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].history(project_name)
$$;
