-- Describes a relation as a training would read it, without training: a row of pgml.snapshots with the statistics of its
-- columns, read with the caller's rights. Classes are counted unless the target is real, double precision or numeric.
-- The row stands for itself: it belongs to no project and copies no rows, and pgml.train, which makes a snapshot of its own,
-- never uses it. What no training could use is an error, and leaves nothing. The answer repeats the arguments.
create function pgml.snapshot(
  relation_name text,
  y_column_name text,
  test_size real default 0.25,
  test_sampling text default 'stratified',
  preprocess jsonb default '{}'
) returns table (relation text, y_column_name text)
language plpython3u volatile
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].snapshot(relation_name, y_column_name, test_size, test_sampling, preprocess)
$$;

-- The same for a sampling that is an enumeration, as with pgml.train.
create function pgml.snapshot(
  relation_name varchar,
  y_column_name text,
  test_size real default 0.25,
  test_sampling pgml.sampling default 'stratified',
  preprocess jsonb default '{}'
) returns table (relation text, y_column_name text)
language sql volatile
as $$
  select s.relation, s.y_column_name
  from pgml.snapshot($1::pg_catalog.text, $2, $3, $4::pg_catalog.text, $5) s
$$;
