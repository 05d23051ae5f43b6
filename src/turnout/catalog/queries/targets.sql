-- The tables that predictions are written into. These run as the caller: every object and operator is qualified.

-- name: parts (pg_catalog.text)
select pg_catalog.quote_ident(part) as part from pg_catalog.unnest(pg_catalog.parse_ident($1)) as part

-- name: fits (pg_catalog.text, pg_catalog.int8, pg_catalog.text)
-- whether a value of the first type can be assigned to a column; arrays are compared by their elements
with layers as (
  select
    case
      when s.typcategory operator(pg_catalog.=) 'A' and s.typtype operator(pg_catalog.<>) 'd' then s.typelem
      when s.typtype operator(pg_catalog.=) 'd' then s.typbasetype
      else s.oid
    end as source,
    case
      when t.typcategory operator(pg_catalog.=) 'A' and t.typtype operator(pg_catalog.<>) 'd' then t.typelem
      when t.typtype operator(pg_catalog.=) 'd' then t.typbasetype
      else t.oid
    end as target,
    s.typcategory operator(pg_catalog.=) 'A' as source_is_array,
    t.typcategory operator(pg_catalog.=) 'A' as target_is_array,
    t.typcategory operator(pg_catalog.=) 'S' as target_is_text
  from pg_catalog.pg_type s, pg_catalog.pg_attribute a
  join pg_catalog.pg_type t on t.oid operator(pg_catalog.=) a.atttypid
  where s.oid operator(pg_catalog.=) $1::pg_catalog.regtype::pg_catalog.oid
    and a.attrelid operator(pg_catalog.=) $2::pg_catalog.oid
    and a.attname::pg_catalog.text operator(pg_catalog.=) $3
)
select target_is_text or (
  source_is_array operator(pg_catalog.=) target_is_array and (
    source operator(pg_catalog.=) target
    or exists (
      select from pg_catalog.pg_cast c
      where c.castsource operator(pg_catalog.=) source
        and c.casttarget operator(pg_catalog.=) target
        and c.castcontext operator(pg_catalog.<>) 'e'
    )
  )
) as fits
from layers
