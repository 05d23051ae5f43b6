-- Writes the key and the prediction for each row of a relation into a table, in the caller's transaction and with the
-- caller's rights; how many rows were written. A table that does not exist is made, with the columns key (of the key
-- column's type), prediction, label and probabilities. One that does needs the columns key and prediction; label and
-- probabilities are filled where it has them and the model is a classifier.
create function pgml.score_into(project_name text, relation_name text, key_column text, target_table text)
returns bigint
language plpython3u volatile set jit = off
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].score_into(project_name, relation_name, key_column, target_table)
$$;
