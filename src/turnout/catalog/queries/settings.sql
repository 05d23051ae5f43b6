-- What only an administrator may set is read from where only an administrator can have put it: the database's own
-- settings, those of all databases, then the configuration files. What a session or a role has set does not count: a
-- role may change what belongs to itself.

-- name: trusted (text)
select coalesce(
  (
    select substr(item, length($1) + 2)
    from pg_db_role_setting s, unnest(s.setconfig) as item
    where s.setrole = 0
      and (s.setdatabase = 0 or s.setdatabase = (select oid from pg_database where datname = current_database()))
      and starts_with(item, $1 || '=')
    order by s.setdatabase desc
    limit 1
  ),
  (select f.setting from pg_file_settings f where f.name = $1 order by f.seqno desc limit 1)
) as value

-- name: session (pg_catalog.text)
-- read as the caller, whatever the search_path is
select pg_catalog.current_setting($1, true) as value
