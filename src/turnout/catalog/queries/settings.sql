-- What only an administrator may set is read from where only an administrator can have put it: the database's and
-- the role's own settings, then the configuration files. A session's `set` does not count.

-- name: trusted (text)
select coalesce(
  (
    select substr(item, length($1) + 2)
    from pg_db_role_setting s, unnest(s.setconfig) as item
    where (s.setdatabase = 0 or s.setdatabase = (select oid from pg_database where datname = current_database()))
      and (s.setrole = 0 or s.setrole = (select oid from pg_roles where rolname = session_user))
      and starts_with(item, $1 || '=')
    order by s.setdatabase <> 0 and s.setrole <> 0 desc, s.setrole <> 0 desc, s.setdatabase <> 0 desc
    limit 1
  ),
  (select f.setting from pg_file_settings f where f.name = $1 order by f.seqno desc limit 1)
) as value

-- name: session (text)
select current_setting($1, true) as value
