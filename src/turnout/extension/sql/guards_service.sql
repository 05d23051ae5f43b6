-- The server processes hear of every change that they serve by. A listener that was away reads all anew: what is told
-- is only that there is something to read.

create function pgml._tell() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_notify('pgml_' || tg_argv[0], '');
  return null;
end
$$;

-- a project's endpoint is nobody's business there, and a transaction that tells cannot be prepared for a second phase
create trigger tell after update on pgml.endpoints
  for each row when (new.kind = 'online') execute function pgml._tell('changed');
create trigger tell after insert or update or delete or truncate on pgml.online_deployments
  for each statement execute function pgml._tell('changed');
create trigger tell after insert or update or delete or truncate on pgml.replacements
  for each statement execute function pgml._tell('changed');
create trigger tell after insert or update or delete or truncate on pgml.members
  for each statement execute function pgml._tell('changed');
create trigger tell after insert or update or delete or truncate on pgml.users
  for each statement execute function pgml._tell('changed');
create trigger tell after insert or update or delete or truncate on pgml.signing_keys
  for each statement execute function pgml._tell('changed');
create trigger tell after insert or update or delete or truncate on pgml.acknowledgements
  for each statement execute function pgml._tell('acknowledged');

create trigger append_only before update on pgml.asset_revisions
  for each row execute function pgml._guard();
