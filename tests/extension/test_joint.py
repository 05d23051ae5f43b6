"""pgml.predict_joint, and what the other functions say of a model of several targets."""

from __future__ import annotations

import pytest

from tests.extension import joint
from tests.extension.joint import live
from tests.extension.statements import refused, rows, value
from tests.servers import Connection, Database

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = joint.SCRIPT

# all of them say a = 1, b = 2
FORMS = (
    "array[1, 2]",
    "array[1.0, 2.0]",
    "array[1, 2.0]",
    "'{1,2}'",
    "'{1,2}'::varchar",
    "array[1, 2]::real[]",
    "array[1, 2]::float8[]",
    "array[1, 2]::smallint[]",
    "array[1, 2]::integer[]",
    "array[1, 2]::bigint[]",
    "array[1, 2]::numeric[]",
    "array[array[1], array[2]]",
    "row(1, 2)",
    "(1, 2.0)",
    "row(1, 2)::pair",
    "(select s from (select 'u' as note, 2 as b, 1 as a) s)",
)


@pytest.mark.parametrize("features", FORMS)
def test_every_form(sql: Connection, features: str) -> None:
    model = live(sql, "plane")
    for asked in ("'plane'", "'plane'::varchar", f"{model}", f"{model}::smallint"):
        found = value(sql, f"select pgml.predict_joint({asked}, {features})")
        assert found == pytest.approx([8, 9], abs=1e-3)


def test_a_whole_table(sql: Connection) -> None:
    """A row of the table with its targets in it, as the columns are found by their names."""
    found = rows(
        sql,
        """
        select pgml.predict_joint('kinds', k), fruit, late, price, pgml.predict_joint('kinds', array[a, b]) from kinds k
        """,
    )
    fruits = ["apple", "fig", "pear"]
    right = [
        answer == [fruits.index(str(fruit)), float(bool(late)), price]
        for answer, fruit, late, price, _ in found
    ]
    assert sum(right) > 110
    assert all(answer == other for answer, *_, other in found)


def test_flags_and_nulls(sql: Connection) -> None:
    sql.execute("create table bits as select x % 2 = 0 as a, x % 3 = 0 as b, x % 2 * 10 as y, x % 3 as z"
                " from generate_series(1, 60) x")  # fmt: skip
    sql.execute("select pgml.train_joint('bits', 'regression', 'bits', array['y', 'z'], 'random_forest')")
    assert value(sql, "select pgml.predict_joint('bits', array[true, true])") == pytest.approx(
        [0, 0], abs=0.5
    )
    assert value(sql, "select pgml.predict_joint('plane', null::real[])") is None
    assert value(sql, "select pgml.predict_joint('plane', null::plane)") is None


def test_what_the_catalog_says(sql: Connection) -> None:
    (found,) = rows(
        sql,
        """
        select m.classes, m.predictor, m.signature -> 'targets', m.signature -> 'classes', m.num_features,
          s.y_column_name, m.metrics, jsonb_path_query_array(s.columns, '$[*] ? (@.label == true).name')
        from pgml.models m join pgml.snapshots s on s.id = m.snapshot_id join pgml.projects p on p.id = m.project_id
        where p.name = 'kinds'
        """,
    )
    classes, predictor, targets, listed, count, names, metrics, labels = found
    assert (classes, predictor, count) == (None, "joint", 2)
    assert targets == [
        {"name": "fruit", "type": "text"},
        {"name": "late", "type": "bool"},
        {"name": "price", "type": "int4"},
    ]
    assert listed == [["apple", "fig", "pear"], [False, True], [5, 7]]
    assert names == labels == ["fruit", "late", "price"]
    assert isinstance(metrics, dict)
    own = metrics["targets"]
    assert sorted(own) == ["fruit", "late", "price"]
    assert metrics["f1"] == pytest.approx(sum(figures["f1"] for figures in own.values()) / 3)
    assert value(sql, "select y_column_name from pgml.overview where name = 'plane'") == ["y", "z"]


@pytest.mark.parametrize(
    "call",
    [
        "predict('{}', array[1, 2])",
        "predict('{}', row(1, 2))",
        "predict_proba('{}', array[1, 2])",
        "predict_label('{}', row(1, 2))",
        "predict_batch('{}', array[1, 2, 3, 4])",
    ],
)
@pytest.mark.parametrize(("project", "task"), [("plane", "regression"), ("kinds", "classification")])
def test_the_others_say_what_to_ask(sql: Connection, call: str, project: str, task: str) -> None:
    refused(
        sql,
        f"select pgml.{call.format(project)}",
        sqlstate="22023",
        match=f'WrongTask: .* of project "{project}" is a joint {task} model and has no .*: ask pgml.predict_joint',
    )


def test_decompose_has_its_own_error(sql: Connection) -> None:
    refused(sql, "select pgml.decompose('plane', '{1,2}')", sqlstate="22023", match="has no components")


def test_explained_as_a_whole_and_not_by_row(sql: Connection) -> None:
    found = rows(sql, "select feature, importance from pgml.explain('kinds')")
    assert {feature for feature, _ in found} == {"a", "b"}
    refused(
        sql,
        "select pgml.explain('kinds', array[1, 2])",
        sqlstate="0A000",
        match="it answers for several targets, and a row is explained for one",
    )


def test_one_target_is_an_array_of_one(sql: Connection) -> None:
    found = rows(sql, "select pgml.predict_joint('alone', k), pgml.predict('alone', k) from kinds k limit 9")
    assert all(several == [single] for several, single in found)
    sql.execute("select pgml.train_joint('one', 'regression', 'plane', array['y'])")
    assert value(sql, "select pgml.predict('one', array[1, 2, 9])") == pytest.approx(8, abs=1e-3)


def test_an_ordinary_role(database: Database, session: Connection) -> None:
    role = database.server.role()
    with database.connect(role=role) as nobody:
        for attempt in (
            "predict_joint('plane', array[1, 2])",
            "train_joint('mine', 'regression', 'plane', '{y,z}')",
        ):
            with pytest.raises(Exception, match="permission denied for function"):
                nobody.execute(f"select pgml.{attempt}".encode())
    session.execute(
        f"""
        do $$
        declare f regprocedure;
        begin
          for f in select oid from pg_proc where pronamespace = 'pgml'::regnamespace
            and (proname ~ '^_?predict' or proname = 'train_joint')
          loop
            execute format('grant execute on function %s to {role}', f);
          end loop;
        end $$;
        grant select on plane to {role};
        """.encode()
    )
    with database.connect(role=role) as somebody:
        assert value(somebody, "select pgml.predict_joint('plane', array[1, 2])") == pytest.approx(
            [8, 9], abs=1e-3
        )
        assert value(somebody, "select pgml.predict_joint('plane', row(1, 2))") == pytest.approx(
            [8, 9], abs=1e-3
        )
        (found,) = rows(somebody, "select * from pgml.train_joint('mine', 'regression', 'plane', '{y,z}')")
        assert found[-1] is True
        with pytest.raises(Exception, match="may not train project"):
            somebody.execute("select pgml.train_joint('plane')")


def test_another_session_sees_a_deployment_when_it_is_committed(
    database: Database, session: Connection
) -> None:
    with database.connect(autocommit=False) as writer:
        writer.execute("select pgml.train_joint('later', 'regression', 'plane', '{y,z}', 'linear')")
        refused(
            session,
            "select pgml.predict_joint('later', array[1, 2])",
            sqlstate="42704",
            match="does not exist",
        )
        writer.commit()
    assert value(session, "select pgml.predict_joint('later', array[1, 2])") == pytest.approx(
        [8, 9], abs=1e-3
    )


def test_a_broken_artifact_is_said_to_be_one(sql: Connection) -> None:
    """Its checksum is right, and its models' sizes are not."""
    model = live(sql, "kinds")
    sql.execute("alter table pgml.files disable trigger user")
    sql.execute("alter table pgml.models disable trigger user")
    sql.execute(
        "update pgml.files set data = substr(data, 1, length(data) - 3) where model_id = %s and path = 'model'",
        [model],
    )
    sql.execute(
        "update pgml.models m set artifact_sha256 = encode(sha256(f.data), 'hex') from pgml.files f"
        " where f.model_id = m.id and f.path = 'model' and m.id = %s",
        [model],
    )
    refused(
        sql,
        "select pgml.predict_joint('kinds', array[1, 2])",
        sqlstate="XX001",
        match="BrokenArtifact: .* its models should have .* bytes, and have",
    )
    assert value(sql, "select pgml.predict_joint('plane', array[1, 2])") is not None
