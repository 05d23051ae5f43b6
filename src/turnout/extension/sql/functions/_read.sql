-- Reads the relation of a training, as the caller and in the snapshot of this one statement: stable, so that
-- every query in it sees the same rows. Compiling one for each range of blocks would take longer than reading it.
create function pgml._read() returns void
language plpython3u stable set jit = off
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
GD["pgml"].read()
$$;
