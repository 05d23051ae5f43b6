-- The answers of the live model of a project, or of one model, for many rows: in one flat array, which is split by the
-- model's number of features, or in array_agg(features).

create function pgml.predict_batch(project_name text, features real[]) returns setof real
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_batch(project_name, features)
$$;

create function pgml.predict_batch(project_name text, features double precision[]) returns setof real
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_batch(project_name, features)
$$;

create function pgml.predict_batch(project_name text, features smallint[]) returns setof real
language sql stable
return pgml.predict_batch($1, $2::pg_catalog.float8[]);

create function pgml.predict_batch(project_name text, features integer[]) returns setof real
language sql stable
return pgml.predict_batch($1, $2::pg_catalog.float8[]);

create function pgml.predict_batch(project_name text, features bigint[]) returns setof real
language sql stable
return pgml.predict_batch($1, $2::pg_catalog.float8[]);

create function pgml.predict_batch(project_name text, features numeric[]) returns setof real
language sql stable
return pgml.predict_batch($1, $2::pg_catalog.float8[]);

create function pgml.predict_batch(project_name text, features boolean[]) returns setof real
language sql stable
return pgml.predict_batch($1, $2::pg_catalog.int4[]::pg_catalog.float8[]);

create function pgml.predict_batch(project_name text, features text) returns setof real
language sql stable
return pgml.predict_batch($1, $2::pg_catalog.float8[]);

create function pgml.predict_batch(model_id bigint, features real[]) returns setof real
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_batch_by_model(model_id, features)
$$;

create function pgml.predict_batch(model_id bigint, features double precision[]) returns setof real
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_batch_by_model(model_id, features)
$$;

create function pgml.predict_batch(model_id bigint, features smallint[]) returns setof real
language sql stable
return pgml.predict_batch($1, $2::pg_catalog.float8[]);

create function pgml.predict_batch(model_id bigint, features integer[]) returns setof real
language sql stable
return pgml.predict_batch($1, $2::pg_catalog.float8[]);

create function pgml.predict_batch(model_id bigint, features bigint[]) returns setof real
language sql stable
return pgml.predict_batch($1, $2::pg_catalog.float8[]);

create function pgml.predict_batch(model_id bigint, features numeric[]) returns setof real
language sql stable
return pgml.predict_batch($1, $2::pg_catalog.float8[]);

create function pgml.predict_batch(model_id bigint, features boolean[]) returns setof real
language sql stable
return pgml.predict_batch($1, $2::pg_catalog.int4[]::pg_catalog.float8[]);

create function pgml.predict_batch(model_id bigint, features text) returns setof real
language sql stable
return pgml.predict_batch($1, $2::pg_catalog.float8[]);
