-- Whether the server's Python finds every package that training and predicting need: true, or an error that names those
-- it does not find. `turnout doctor` looks at more, the interpreter of the processes that train among it.
create function pgml.validate_python_dependencies() returns boolean
language plpython3u stable
as $$
if "pgml" not in GD: plpy.execute("select pgml._start()")
return GD["pgml"].validate_python_dependencies()
$$;
