-- Removes a model's files and marks it as deleted; its row and its history stay.
create function pgml.delete_model(model_id bigint, force boolean default false) returns void
language plpython3u volatile
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
GD["pgml"].delete_model(model_id, force)
$$;
