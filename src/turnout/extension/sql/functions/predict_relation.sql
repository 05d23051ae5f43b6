-- Scores a whole relation by the live model of a project: each row's key as text, the prediction, and for a
-- classifier the label and the probabilities of its classes. Only the columns that the model was trained on are read, by
-- their names. The rows are read as one query sees them and scored some ten thousand at a time; all are scored before
-- the first one is returned.
create function pgml.predict_relation(project_name text, relation_name text, key_column text)
returns table (key text, prediction real, label text, probabilities real[])
language plpgsql stable
as $$
declare
  scoring constant bigint not null := pgml._predict_relation(project_name, relation_name, key_column);
  chunk record;
begin
  loop
    select c.* into chunk from pgml._predict_chunk(scoring) as c;
    exit when chunk.keys is null;
    return query
      select a.key, a.prediction, a.label, a.probabilities
      from pgml._answers(chunk.keys, chunk.scores, chunk.numbers, chunk.labels, chunk.probabilities) as a;
  end loop;
end
$$;

-- Finds model and relation; the number by which the chunks are asked for.
create function pgml._predict_relation(project_name text, relation_name text, key_column text) returns bigint
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_relation(project_name, relation_name, key_column)
$$;

-- The next chunk, or nothing. Compiling the query that reads would take longer than reading.
create function pgml._predict_chunk(
  scoring bigint, out keys text, out scores text, out numbers real[], out labels text[], out probabilities text
) returns record
language plpython3u stable set jit = off
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_chunk(scoring)
$$;

-- The rows of a chunk, from arrays as text. Of a classifier, the scores are places in the lists of its classes, and the
-- probabilities are as many for each row.
create function pgml._answers(keys text, scores text, numbers real[], labels text[], probabilities text)
returns table (key text, prediction real, label text, probabilities real[])
language sql stable
as $$
  select
    r.key,
    case when r.numbers is null then r.score else r.numbers[r.score::pg_catalog.int4] end,
    case when r.labels is not null then r.labels[r.score::pg_catalog.int4] end,
    r.flat[r.first : r.first operator(pg_catalog.+) pg_catalog.cardinality(r.labels) operator(pg_catalog.-) 1]
  from (
    select
      pg_catalog.unnest(c.keys) as key,
      pg_catalog.unnest(c.scores) as score,
      pg_catalog.generate_series(1, pg_catalog.cardinality(c.flat), pg_catalog.cardinality(c.labels)) as first,
      c.numbers,
      c.labels,
      c.flat
    from (
      -- read once: the offset keeps these from being taken into the rows
      select
        $1::pg_catalog.text[] as keys,
        $2::pg_catalog.float4[] as scores,
        $3 as numbers,
        $4 as labels,
        $5::pg_catalog.float4[] as flat
      offset 0
    ) c
  ) r
$$;
