"""Scripts written for PostgresML's classical machine learning run as they are under psql, and answer right."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.work import one
from tests.extension.statements import rows
from tests.servers import Connection, Server

SCRIPTS = Path(__file__).parent / "postgresml"


@pytest.fixture
def ran(server: Server, request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A session of a database in which psql has run the script of the test's name."""
    name = str(request.param)
    with server.database() as database:
        psql = str(server.cluster.programs / "psql")
        done = subprocess.run(
            [psql, "-X", "-v", "ON_ERROR_STOP=1", "-d", database.dsn, "-f", SCRIPTS / f"{name}.sql"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "ERROR" not in done.stderr, done.stderr[-3000:]
        assert done.returncode == 0
        with database.connect() as connection:
            yield connection


def script(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("ran", [name], indirect=True)


def live(connection: Connection, project: str) -> str:
    return str(one(connection, "select algorithm from pgml.deployed_models where name = %s", project))


def strategies(connection: Connection, project: str) -> list[object]:
    """What was asked for by hand, in order."""
    found = rows(
        connection,
        """
        select d.strategy from pgml.deployments d join pgml.projects p on p.id = d.project_id
        where p.name = %s and d.strategy <> 'new_score' order by d.revision
        """,
        [project],
    )
    return [strategy for (strategy,) in found]


def test_every_script_is_tried() -> None:
    tried = {mark.args[1][0] for test in TESTS for mark in vars(test)["pytestmark"] if mark.args}
    assert tried == {path.stem for path in SCRIPTS.glob("*.sql")}


@script("regression")
def test_regression(ran: Connection) -> None:
    assert one(ran, "select count(*) from pgml.models where status = 'successful'") == 31
    assert one(ran, "select count(*) from pgml.models where algorithm = 'orthogonal_matching_pursuit'") == 2
    assert strategies(ran, "Progression") == [
        "most_recent", "best_score", "most_recent", "rollback", "best_score",
    ]  # fmt: skip
    assert live(ran, "Progression") == "svm"
    # the best is chosen by numbers, where some r2 are negative
    best = one(ran, "select algorithm from pgml.models order by (metrics->>'r2')::float8 desc limit 1")
    assert one(ran, "select (metrics->>'r2')::float8 from pgml.models order by 1 limit 1") < 0
    assert rows(ran, "select algorithm from pgml.deploy('Progression', 'best_score')") == [(best,)]
    explained = one(
        ran,
        """
        select pgml.sklearn_r2_score(
          array_agg(target), array_agg(pgml.predict('Progression', array[age, sex, bmi, bp, s1, s2, s3, s4, s5, s6]))
        ) from pgml.diabetes
        """,
    )
    assert explained > 0.4


@pytest.mark.one_server
@script("binary")
def test_binary_classification(ran: Connection) -> None:
    assert one(ran, "select count(*) from pgml.models where status = 'successful'") == 20
    assert strategies(ran, "Tumours") == [
        "most_recent", "best_score", "most_recent", "rollback", "best_score",
    ]  # fmt: skip
    assert live(ran, "Tumours") == "svm"
    # on rows held out; a Gaussian process learns nothing from columns on such different scales, and two steps of
    # gradient boosting, as the example asks for, are not many
    poor = rows(ran, "select algorithm from pgml.models where (metrics->>'accuracy')::float8 < 0.85")
    assert {*poor} <= {("gaussian_process",), ("hist_gradient_boosting",)}
    assert one(ran, "select max((metrics->>'accuracy')::float8) from pgml.models") > 0.95
    assert one(ran, "select max((metrics->>'roc_auc')::float8) from pgml.models") > 0.98
    searches = rows(
        ran,
        """
        select jsonb_array_length(metrics->'search_results'->'params'), metrics->'search_results'->'n_splits'
        from pgml.models where search is not null order by id
        """,
    )
    assert searches == [(6, 5), (3, 3)]
    assert rows(
        ran, "select distinct pgml.predict('Tumours', b) from (select * from pgml.breast_cancer) b"
    ) in (
        [(0,), (1,)],
        [(1,), (0,)],
    )


@pytest.mark.one_server
@script("multiclass")
def test_multiclass(ran: Connection) -> None:
    assert strategies(ran, "Flowers") == [
        "most_recent", "best_score", "most_recent", "rollback", "best_score",
    ]  # fmt: skip
    assert live(ran, "Flowers") == "svm"
    # every model, on the half of the flowers that none has seen
    accuracies = rows(
        ran,
        """
        select m.algorithm, avg((
          pgml.predict(m.id, array[f.sepal_length, f.sepal_width, f.petal_length, f.petal_width]) = f.target
        )::int)::float8
        from pgml.models m, flowers f
        where mod(f.place, 2) = 1
        group by m.id
        """,
    )
    assert len(accuracies) == 10
    for algorithm, accuracy in accuracies:
        # a line between three classes that lie in a row is the ridge's and the perceptron's weakness
        assert float(str(accuracy)) > (0.6 if algorithm in ("ridge", "perceptron") else 0.9), algorithm
    sums = rows(
        ran,
        """
        select sum(p), cardinality(array_agg(p)) from flowers f,
          unnest(pgml.predict_proba('Flowers', array[f.sepal_length, f.sepal_width, f.petal_length, f.petal_width])) p
        group by f.place
        """,
    )
    assert all(float(str(total)) == pytest.approx(1) and classes == 3 for total, classes in sums)


@pytest.mark.one_server
@script("images")
def test_images(ran: Connection) -> None:
    assert one(ran, "select avg((pgml.predict('Digits', image) = target)::int) from pgml.digits") > 0.97
    assert (
        one(
            ran,
            """
            select max((m.metrics->>'accuracy')::float8) from pgml.models m join pgml.projects p on p.id = m.project_id
            where p.name = 'Digits'
            """,
        )
        > 0.94
    )
    # most of each cluster is one digit
    pure = one(
        ran,
        """
        select sum(most)::float8 / (select count(*) from pgml.digits) from (
          select max(members) as most from (
            select pgml.predict('Shapes', image) as cluster, target, count(*) as members
            from pgml.digits group by 1, 2
          ) c group by cluster
        ) l
        """,
    )
    assert pure > 0.7
    assert live(ran, "Shapes") == "kmeans"
    assert strategies(ran, "Reduction") == [
        "most_recent", "best_score", "most_recent", "rollback", "best_score",
    ]  # fmt: skip
    widths = rows(
        ran,
        "select cardinality(pgml.decompose('Reduction', image)) from pgml.digits group by 1",
    )
    # the best score is that of as many components as there are pixels
    assert widths == [(64,)]
    assert one(
        ran,
        "select bool_and(pgml.predict('Reduction', image) = (pgml.decompose('Reduction', image))[1]) from pgml.digits",
    )


@script("preprocessing")
def test_preprocessing(ran: Connection) -> None:
    error = one(
        ran,
        """
        select avg(abs(pgml.predict('Stones', (carat, cut, color, "table")) - price) / price) from pgml."shop/new"
        """,
    )
    assert error < 0.1
    # by name as by position, from a row of the table
    assert one(
        ran,
        """
        select bool_and(pgml.predict('Stones', s) = pgml.predict('Stones', (s.carat, s.cut, s.color, s."table")))
        from pgml."shop/new" s
        """,
    )


@script("vectors")
def test_vectors(ran: Connection) -> None:
    (found,) = rows(ran, "select l0, l1, l2, largest, d1, d2, dot, cosine from answers")
    assert [float(str(number)) for number in found] == pytest.approx(
        [3, 6, 14**0.5, 3, 9, 27**0.5, 32, 1], rel=1e-6
    )
    assert rows(ran, "select sums, differences, products from answers") == [
        ([5, 7, 9], [-3, -3, -3], [4, 10, 18])
    ]


@script("catalog")
def test_catalog(ran: Connection) -> None:
    assert live(ran, "Houses") == "linear"
    assert strategies(ran, "Houses") == ["specific", "best_score", "most_recent"]
    # the price is a sum, which a linear model finds
    assert one(ran, "select pgml.predict('Houses', array[3, 2.5, 1])") == pytest.approx(27.5, abs=0.01)
    assert one(ran, "select max((metrics->>'r2')::float8) from pgml.models") == pytest.approx(1)
    assert one(ran, "select count(*) from pgml.overview where name = 'Houses'") == 1


@pytest.mark.one_server
@script("joint")
def test_joint_regression(ran: Connection) -> None:
    assert one(ran, "select count(*) from pgml.models where status = 'successful'") == 29
    assert live(ran, "Exercise") == "svm"
    ran.execute("select pgml.deploy((select min(id) from pgml.models))")
    answers = rows(
        ran, "select pgml.predict_joint('Exercise', array[chins, situps, jumps]) from pgml.linnerud"
    )
    assert all(isinstance(found, list) and len(found) == 3 for (found,) in answers)
    # twenty people say little of one another: what is promised is no more than their means, nearly
    errors = rows(
        ran,
        """
        select avg(abs(p[1] - weight) / weight), avg(abs(p[2] - waist) / waist), avg(abs(p[3] - pulse) / pulse)
        from (select *, pgml.predict_joint('Exercise', array[chins, situps, jumps]) as p from pgml.linnerud) l
        """,
    )
    assert all(float(str(error)) < 0.2 for error in errors[0])


TESTS = (
    test_joint_regression,
    test_regression,
    test_binary_classification,
    test_multiclass,
    test_images,
    test_preprocessing,
    test_vectors,
    test_catalog,
)
