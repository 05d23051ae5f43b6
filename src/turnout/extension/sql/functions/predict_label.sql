-- The class as text, where the target was text.

create function pgml.predict_label(project_name text, features real[]) returns text
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_label(project_name, features)
$$;

create function pgml.predict_label(project_name text, features double precision[]) returns text
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_label(project_name, features)
$$;

create function pgml.predict_label(project_name text, features smallint[]) returns text
language sql stable
return pgml.predict_label($1, $2::pg_catalog.float8[]);

create function pgml.predict_label(project_name text, features integer[]) returns text
language sql stable
return pgml.predict_label($1, $2::pg_catalog.float8[]);

create function pgml.predict_label(project_name text, features bigint[]) returns text
language sql stable
return pgml.predict_label($1, $2::pg_catalog.float8[]);

create function pgml.predict_label(project_name text, features numeric[]) returns text
language sql stable
return pgml.predict_label($1, $2::pg_catalog.float8[]);

create function pgml.predict_label(project_name text, features boolean[]) returns text
language sql stable
return pgml.predict_label($1, $2::pg_catalog.int4[]::pg_catalog.float8[]);

create function pgml.predict_label(project_name text, features text) returns text
language sql stable
return pgml.predict_label($1, $2::pg_catalog.float8[]);

-- rows: PL/Python takes neither anyelement nor record; json keeps the order of the columns
create function pgml._predict_label_row(project_name text, features text) returns text
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_label_row(project_name, features)
$$;

create function pgml.predict_label(project_name text, features anyelement) returns text
language sql stable
as $$ select pgml._predict_label_row($1, pg_catalog.to_json($2)::pg_catalog.text) $$;

create function pgml.predict_label(model_id bigint, features real[]) returns text
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_label_by_model(model_id, features)
$$;

create function pgml.predict_label(model_id bigint, features double precision[]) returns text
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_label_by_model(model_id, features)
$$;

create function pgml.predict_label(model_id bigint, features smallint[]) returns text
language sql stable
return pgml.predict_label($1, $2::pg_catalog.float8[]);

create function pgml.predict_label(model_id bigint, features integer[]) returns text
language sql stable
return pgml.predict_label($1, $2::pg_catalog.float8[]);

create function pgml.predict_label(model_id bigint, features bigint[]) returns text
language sql stable
return pgml.predict_label($1, $2::pg_catalog.float8[]);

create function pgml.predict_label(model_id bigint, features numeric[]) returns text
language sql stable
return pgml.predict_label($1, $2::pg_catalog.float8[]);

create function pgml.predict_label(model_id bigint, features boolean[]) returns text
language sql stable
return pgml.predict_label($1, $2::pg_catalog.int4[]::pg_catalog.float8[]);

create function pgml.predict_label(model_id bigint, features text) returns text
language sql stable
return pgml.predict_label($1, $2::pg_catalog.float8[]);

-- rows: PL/Python takes neither anyelement nor record; json keeps the order of the columns
create function pgml._predict_label_row(model_id bigint, features text) returns text
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_label_row_by_model(model_id, features)
$$;

create function pgml.predict_label(model_id bigint, features anyelement) returns text
language sql stable
as $$ select pgml._predict_label_row($1, pg_catalog.to_json($2)::pg_catalog.text) $$;
