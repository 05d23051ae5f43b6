-- History is append-only and a model never changes, for superusers too.

create function pgml._guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'pgml.% is append-only: % is refused', tg_table_name, lower(tg_op)
    using errcode = '55000',
          hint = 'pgml.deploy, pgml.undeploy and pgml.delete_model add to the history; '
                 'pgml.delete_project(name) removes a project with all that belongs to it';
end
$$;

-- A row goes only with its whole project, in the transaction that has put the removal on record.
create function pgml._guard_removal() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from pgml.removals
    where transaction_id = pg_current_xact_id()
      -- models have no endpoint of their own
      and (project_id = old.project_id or endpoint_id = (to_jsonb(old) ->> 'endpoint_id')::bigint)
  ) then
    return old;
  end if;
  raise exception 'pgml.% is append-only: delete is refused', tg_table_name
    using errcode = '55000', hint = 'pgml.delete_project(name) removes a project with all that belongs to it';
end
$$;

-- Of a model, only the mark that it is deleted may change, and not while it is live.
create function pgml._guard_model() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if new.deleted_at is not null and exists (select from pgml.endpoints e where e.model_id = new.id) then
    raise exception 'model % is live: deleting it is refused', old.id
      using errcode = '55006', hint = 'deploy another model first, or undeploy';
  end if;
  if new.deleted_at is not null and old.deleted_at is null and (
    exists (select from pgml.assets a where a.model_id = new.id)
    or exists (select from pgml.asset_revisions r where r.model_id = new.id)
    or exists (select from pgml.replacements r where r.model_id = new.id)
  ) then
    raise exception 'model % is an asset of a space: deleting it is refused', old.id
      using errcode = '55006', hint = 'delete the asset first';
  end if;
  if old.status = 'in_progress'
     or (old.deleted_at is null
         and (to_jsonb(old) - '{deleted_at,updated_at}'::text[])
           = (to_jsonb(new) - '{deleted_at,updated_at}'::text[])) then
    return new;
  end if;
  raise exception 'model % is immutable: update is refused', old.id
    using errcode = '55000', hint = 'train another model, and deploy it';
end
$$;

-- An artifact goes when its model is marked as deleted, or when its project goes.
create function pgml._guard_file() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from pgml.models m
    where m.id = old.model_id and (m.deleted_at is not null or m.status <> 'successful'
      or exists (select from pgml.removals r
                 where r.project_id = m.project_id and r.transaction_id = pg_current_xact_id()))
  ) then
    return old;
  end if;
  raise exception 'the artifact of model % is immutable: delete is refused', old.model_id
    using errcode = '55000', hint = 'pgml.delete_model(id) removes the files of a model';
end
$$;

create trigger append_only before update on pgml.deployments for each row execute function pgml._guard();
create trigger append_only_rows before delete on pgml.deployments
  for each row execute function pgml._guard_removal();
create trigger append_only_table before truncate on pgml.deployments
  for each statement execute function pgml._guard();

create trigger immutable before update on pgml.models for each row execute function pgml._guard_model();
create trigger immutable_rows before delete on pgml.models
  for each row execute function pgml._guard_removal();
create trigger immutable_table before truncate on pgml.models
  for each statement execute function pgml._guard();

create trigger immutable before update on pgml.files for each row execute function pgml._guard();
create trigger immutable_rows before delete on pgml.files for each row execute function pgml._guard_file();
create trigger immutable_table before truncate on pgml.files
  for each statement execute function pgml._guard();

create trigger append_only before update or delete on pgml.removals
  for each row execute function pgml._guard();
create trigger append_only_table before truncate on pgml.removals
  for each statement execute function pgml._guard();
