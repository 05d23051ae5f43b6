-- The answer of the live model of a project, or of one model: a number, a class, the index of a class, or the first
-- component of a decomposition.

create function pgml.predict(project_name text, features real[]) returns real
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict(project_name, features)
$$;

create function pgml.predict(project_name text, features double precision[]) returns real
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict(project_name, features)
$$;

create function pgml.predict(project_name text, features smallint[]) returns real
language sql stable
return pgml.predict($1, $2::pg_catalog.float8[]);

create function pgml.predict(project_name text, features integer[]) returns real
language sql stable
return pgml.predict($1, $2::pg_catalog.float8[]);

create function pgml.predict(project_name text, features bigint[]) returns real
language sql stable
return pgml.predict($1, $2::pg_catalog.float8[]);

create function pgml.predict(project_name text, features numeric[]) returns real
language sql stable
return pgml.predict($1, $2::pg_catalog.float8[]);

create function pgml.predict(project_name text, features boolean[]) returns real
language sql stable
return pgml.predict($1, $2::pg_catalog.int4[]::pg_catalog.float8[]);

create function pgml.predict(project_name text, features text) returns real
language sql stable
return pgml.predict($1, $2::pg_catalog.float8[]);

-- rows: PL/Python takes neither anyelement nor record; json keeps the order of the columns
create function pgml._predict_row(project_name text, features text) returns real
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_row(project_name, features)
$$;

create function pgml.predict(project_name text, features anyelement) returns real
language sql stable
as $$ select pgml._predict_row($1, pg_catalog.to_json($2)::pg_catalog.text) $$;

create function pgml.predict(model_id bigint, features real[]) returns real
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_by_model(model_id, features)
$$;

create function pgml.predict(model_id bigint, features double precision[]) returns real
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_by_model(model_id, features)
$$;

create function pgml.predict(model_id bigint, features smallint[]) returns real
language sql stable
return pgml.predict($1, $2::pg_catalog.float8[]);

create function pgml.predict(model_id bigint, features integer[]) returns real
language sql stable
return pgml.predict($1, $2::pg_catalog.float8[]);

create function pgml.predict(model_id bigint, features bigint[]) returns real
language sql stable
return pgml.predict($1, $2::pg_catalog.float8[]);

create function pgml.predict(model_id bigint, features numeric[]) returns real
language sql stable
return pgml.predict($1, $2::pg_catalog.float8[]);

create function pgml.predict(model_id bigint, features boolean[]) returns real
language sql stable
return pgml.predict($1, $2::pg_catalog.int4[]::pg_catalog.float8[]);

create function pgml.predict(model_id bigint, features text) returns real
language sql stable
return pgml.predict($1, $2::pg_catalog.float8[]);

-- rows: PL/Python takes neither anyelement nor record; json keeps the order of the columns
create function pgml._predict_row(model_id bigint, features text) returns real
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_row_by_model(model_id, features)
$$;

create function pgml.predict(model_id bigint, features anyelement) returns real
language sql stable
as $$ select pgml._predict_row($1, pg_catalog.to_json($2)::pg_catalog.text) $$;
