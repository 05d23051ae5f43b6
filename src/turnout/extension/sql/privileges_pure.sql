-- What is immutable reads nothing and changes nothing: everybody may run it.
do $$
declare
  pure regprocedure;
begin
  for pure in
    select p.oid from pg_catalog.pg_proc p
    where p.pronamespace = 'pgml'::pg_catalog.regnamespace and p.provolatile = 'i'
  loop
    execute pg_catalog.format('grant execute on routine %s to public', pure);
  end loop;
end
$$;
