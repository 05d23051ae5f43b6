-- Changes which model of a project answers, or of an online deployment, by its serving name. Transactional: rolled back,
-- it never happened for anyone. A model that would break callers is deployed with a warning that lists the differences;
-- where the project is strict (pgml.set_strict), and on every online deployment, it is refused, unless force is true. On an
-- online deployment the model is one of its space.
create function pgml.deploy(
  project_name text,
  strategy text default 'best_score',
  algorithm text default null,
  reason text default null,
  force boolean default false
) returns table (project text, strategy text, algorithm text)
language plpython3u volatile
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].deploy(project_name, strategy, algorithm, reason, force)
$$;

-- The oldest form names its third argument otherwise.
create function pgml.deploy(project_name text, strategy text, algorithm_name varchar)
returns table (project text, strategy text, algorithm text)
language sql volatile
as $$
  select d.project, d.strategy, d.algorithm from pgml.deploy($1, $2, $3::pg_catalog.text, null, false) d
$$;

-- For arguments that are enumerations; a varchar comes first for the reason that stands at pgml.train.
create function pgml.deploy(
  project_name varchar,
  strategy pgml.strategy default 'best_score',
  algorithm pgml.algorithm default null,
  reason text default null,
  force boolean default false
) returns table (project text, strategy text, algorithm text)
language sql volatile
as $$
  select d.project, d.strategy, d.algorithm
  from pgml.deploy($1::pg_catalog.text, $2::pg_catalog.text, $3::pg_catalog.text, $4, $5) d
$$;

-- For a strategy that is text, or a literal, beside an algorithm that is an enumeration; without defaults for these two,
-- it answers to nothing else.
create function pgml.deploy(
  project_name text,
  strategy text,
  algorithm pgml.algorithm,
  reason text default null,
  force boolean default false
) returns table (project text, strategy text, algorithm text)
language sql volatile
as $$
  select d.project, d.strategy, d.algorithm from pgml.deploy($1, $2, $3::pg_catalog.text, $4, $5) d
$$;

create function pgml.deploy(model_id bigint, reason text default null, force boolean default false)
returns table (project text, strategy text, algorithm text)
language plpython3u volatile
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].deploy_model(model_id, reason, force)
$$;

-- One model where the name says: on an online deployment, a model that is in its space.
create function pgml.deploy(
  project_name text, model_id bigint, reason text default null, force boolean default false
) returns table (project text, strategy text, algorithm text)
language plpython3u volatile
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].deploy_model_to(project_name, model_id, reason, force)
$$;
