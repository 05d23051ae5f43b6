-- The answers of the live model of a project, or of one model, for all its targets in their order: as pgml.predict's
-- of each, numbers, classes, or the indexes of classes. Of a model with one target, an array of one.

create function pgml.predict_joint(project_name text, features real[]) returns real[]
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_joint(project_name, features)
$$;

create function pgml.predict_joint(project_name text, features double precision[]) returns real[]
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_joint(project_name, features)
$$;

create function pgml.predict_joint(project_name text, features smallint[]) returns real[]
language sql stable
return pgml.predict_joint($1, $2::pg_catalog.float8[]);

create function pgml.predict_joint(project_name text, features integer[]) returns real[]
language sql stable
return pgml.predict_joint($1, $2::pg_catalog.float8[]);

create function pgml.predict_joint(project_name text, features bigint[]) returns real[]
language sql stable
return pgml.predict_joint($1, $2::pg_catalog.float8[]);

create function pgml.predict_joint(project_name text, features numeric[]) returns real[]
language sql stable
return pgml.predict_joint($1, $2::pg_catalog.float8[]);

create function pgml.predict_joint(project_name text, features boolean[]) returns real[]
language sql stable
return pgml.predict_joint($1, $2::pg_catalog.int4[]::pg_catalog.float8[]);

create function pgml.predict_joint(project_name text, features text) returns real[]
language sql stable
return pgml.predict_joint($1, $2::pg_catalog.float8[]);

-- rows: PL/Python takes neither anyelement nor record; json keeps the order of the columns
create function pgml._predict_joint_row(project_name text, features text) returns real[]
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_joint_row(project_name, features)
$$;

create function pgml.predict_joint(project_name text, features anyelement) returns real[]
language sql stable
as $$ select pgml._predict_joint_row($1, pg_catalog.to_json($2)::pg_catalog.text) $$;

create function pgml.predict_joint(model_id bigint, features real[]) returns real[]
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_joint_by_model(model_id, features)
$$;

create function pgml.predict_joint(model_id bigint, features double precision[]) returns real[]
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_joint_by_model(model_id, features)
$$;

create function pgml.predict_joint(model_id bigint, features smallint[]) returns real[]
language sql stable
return pgml.predict_joint($1, $2::pg_catalog.float8[]);

create function pgml.predict_joint(model_id bigint, features integer[]) returns real[]
language sql stable
return pgml.predict_joint($1, $2::pg_catalog.float8[]);

create function pgml.predict_joint(model_id bigint, features bigint[]) returns real[]
language sql stable
return pgml.predict_joint($1, $2::pg_catalog.float8[]);

create function pgml.predict_joint(model_id bigint, features numeric[]) returns real[]
language sql stable
return pgml.predict_joint($1, $2::pg_catalog.float8[]);

create function pgml.predict_joint(model_id bigint, features boolean[]) returns real[]
language sql stable
return pgml.predict_joint($1, $2::pg_catalog.int4[]::pg_catalog.float8[]);

create function pgml.predict_joint(model_id bigint, features text) returns real[]
language sql stable
return pgml.predict_joint($1, $2::pg_catalog.float8[]);

-- rows: PL/Python takes neither anyelement nor record; json keeps the order of the columns
create function pgml._predict_joint_row(model_id bigint, features text) returns real[]
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].predict_joint_row_by_model(model_id, features)
$$;

create function pgml.predict_joint(model_id bigint, features anyelement) returns real[]
language sql stable
as $$ select pgml._predict_joint_row($1, pg_catalog.to_json($2)::pg_catalog.text) $$;
