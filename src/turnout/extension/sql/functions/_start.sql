-- Finds turnout's package, once in a session. The server's own PYTHONPATH comes first; else the directories that
-- `turnout install` has set for the database. A session's own `set pgml.path` is not looked at: it would let
-- anybody run code as the server.
create function pgml._start() returns void
language plpython3u stable
as $$
import sys

for row in plpy.execute("""
    select pg_catalog.substr(item, 11) as path
    from pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) as item
    where s.setrole operator(pg_catalog.=) 0
      and s.setdatabase operator(pg_catalog.=) any (array[0::pg_catalog.oid, (
        select d.oid from pg_catalog.pg_database d
        where d.datname operator(pg_catalog.=) pg_catalog.current_database())])
      and pg_catalog.starts_with(item, 'pgml.path=')
    order by s.setdatabase using operator(pg_catalog.>)
    """):
    sys.path.extend(path for path in row["path"].split(":") if path and path not in sys.path)
try:
    import turnout.backend
except ModuleNotFoundError as missing:
    plpy.error(
        "the server's Python %d.%d cannot import %s" % (*sys.version_info[:2], missing.name),
        hint="`turnout doctor` says where it looks; `turnout install` tells it where the package is",
        sqlstate="58000",
    )
GD["pgml"] = turnout.backend
$$;
