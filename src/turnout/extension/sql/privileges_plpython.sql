revoke execute on all functions in schema pgml from public;

-- each does nothing for a caller that was granted none of the functions that use it
grant execute on function pgml._start() to public;
grant execute on function pgml._as_owner() to public;
grant execute on function pgml._read_as_owner() to public;
grant execute on function pgml._read() to public;
grant execute on function pgml._answers(text, text, real[], text[], text) to public;
grant execute on function pgml.version() to public;
grant select on pgml._live, pgml._servable to public;

-- A relation is scored from one call to the next within one process, and not in parallel ones.
-- Before 18, a parallel worker may not run what a prediction runs: "cannot start subtransactions during a
-- parallel operation".
do $$
declare
  predict regprocedure;
begin
  if current_setting('server_version_num')::int >= 180000 then
    for predict in
      select p.oid from pg_catalog.pg_proc p
      where p.pronamespace = 'pgml'::pg_catalog.regnamespace and p.proname ~ '^(_?predict|decompose)'
        and p.proname !~ '_(relation|chunk)$'
    loop
      execute pg_catalog.format('alter function %s parallel safe', predict);
    end loop;
  end if;
end
$$;
