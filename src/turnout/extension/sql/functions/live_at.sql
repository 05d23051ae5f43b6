-- Which model of a project, or of an online deployment, was live at a moment; no row for a moment before the first
-- deployment, and a row without a model while it was undeployed. It is exact where track_commit_timestamp was on;
-- otherwise it may be wrong for moments between a deployment and the commit of its transaction. Who may call it must also
-- be allowed to call pgml.history.
create function pgml.live_at(project_name text, at timestamptz) returns table (
  model_id bigint, algorithm text, revision bigint, strategy text, live_from timestamptz, live_to timestamptz,
  exact boolean
)
language sql stable
begin atomic
  select h.model_id, h.algorithm, h.revision, h.strategy, h.live_from, h.live_to, h.exact
  from pgml.history($1) h
  where h.live_from <= $2 and (h.live_to > $2 or h.live_to is null);
end;
