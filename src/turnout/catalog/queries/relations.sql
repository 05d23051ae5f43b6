-- These run as the caller, with the caller's search_path: every object and operator is qualified.

-- name: caller ()
select current_user::pg_catalog.text as role

-- name: by_sql_name (pg_catalog.text)
select pg_catalog.to_regclass($1)::pg_catalog.oid::pg_catalog.int8 as id

-- name: by_literal_name (pg_catalog.text)
-- a name with capitals, dots or spaces that nobody has quoted
select c.oid::pg_catalog.int8 as id
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
where (c.relname operator(pg_catalog.=) $1 and pg_catalog.pg_table_is_visible(c.oid))
   or pg_catalog.concat(n.nspname, '.', c.relname) operator(pg_catalog.=) $1
order by pg_catalog.pg_table_is_visible(c.oid) using operator(pg_catalog.>)
limit 1

-- name: describe (pg_catalog.int8)
-- in_blocks: whether its rows lie in blocks that can be read range by range; under row security they can not, since
-- the range would be looked at after the policy, and so for every row at every range, and with children neither, whose
-- blocks are others. Who may read only some columns may not read in which block a row lies
select
  c.relkind operator(pg_catalog.=) any (array['r', 'm']::pg_catalog."char"[])
    and m.amname operator(pg_catalog.=) 'heap'
    and not c.relhassubclass
    and pg_catalog.has_table_privilege(c.oid, 'select')
    and not pg_catalog.row_security_active(c.oid) as in_blocks,
  pg_catalog.concat(
    pg_catalog.quote_ident(case when n.oid operator(pg_catalog.=) pg_catalog.pg_my_temp_schema()
      then 'pg_temp' else n.nspname::pg_catalog.text end),
    '.', pg_catalog.quote_ident(c.relname)) as name
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
left join pg_catalog.pg_am m on m.oid operator(pg_catalog.=) c.relam
where c.oid operator(pg_catalog.=) $1::pg_catalog.oid
  and c.relkind operator(pg_catalog.=) any (array['r', 'm', 'v', 'f', 'p']::pg_catalog."char"[])

-- name: transaction ()
select pg_catalog.transaction_timestamp()::pg_catalog.text as began

-- name: element (pg_catalog.text, pg_catalog.int4)
select ($1::pg_catalog.text[])[$2] as element

-- name: blocks (pg_catalog.int8)
select pg_catalog.pg_relation_size($1::pg_catalog.oid::pg_catalog.regclass)
  operator(pg_catalog./) pg_catalog.current_setting('block_size')::pg_catalog.int8 as blocks

-- name: columns (pg_catalog.int8)
-- a type's own name and its schema: how format_type writes a type depends on the search_path. A column's type may be a
-- domain over a domain over an array of domains; what is below all that is its last layer
select
  a.attname::pg_catalog.text as name,
  pg_catalog.format_type(a.atttypid, a.atttypmod) as declared,
  case
    when k.typtype operator(pg_catalog.=) 'e' then 'enum'
    when k.typnamespace operator(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid
      then k.typname::pg_catalog.text
    else pg_catalog.concat(k.typnamespace::pg_catalog.regnamespace, '.', k.typname)
  end as type,
  k.is_array,
  pg_catalog.quote_ident(a.attname) as quoted
from pg_catalog.pg_attribute a
cross join lateral (
  with recursive layers as (
    select 0 as depth, a.atttypid as id, false as is_array
    union all
    select
      l.depth operator(pg_catalog.+) 1,
      case when t.typtype operator(pg_catalog.=) 'd' then t.typbasetype else t.typelem end,
      l.is_array or t.typtype operator(pg_catalog.<>) 'd'
    from layers l
    join pg_catalog.pg_type t on t.oid operator(pg_catalog.=) l.id
    where t.typtype operator(pg_catalog.=) 'd'
      or (t.typcategory operator(pg_catalog.=) 'A' and not l.is_array)
  )
  select t.typname, t.typnamespace, t.typtype, l.is_array
  from layers l
  join pg_catalog.pg_type t on t.oid operator(pg_catalog.=) l.id
  order by l.depth desc
  limit 1
) k
where a.attrelid operator(pg_catalog.=) $1::pg_catalog.oid
  and a.attnum operator(pg_catalog.>) 0
  and not a.attisdropped
order by a.attnum
