-- Promotes a model of a project into a space, given by its id or name: an asset there that holds the same model, to be
-- deployed over HTTP. The id of the asset. The caller has to own the project, and to be an editor of the space as a user
-- of the HTTP service with the role's name; a superuser may promote any model into any space.
create function pgml.promote(model_id bigint, space text) returns uuid
language plpython3u volatile
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].promote(model_id, space)
$$;
