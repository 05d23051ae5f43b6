-- Makes one of scikit-learn's six small sets a table in schema pgml.
create function pgml.load_dataset(
  source text, subset text default null, "limit" bigint default null, kwargs jsonb default '{}'
) returns table (table_name text, "rows" bigint)
language plpython3u volatile
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].load_dataset(source, subset, limit, kwargs)
$$;
