"""`turnout migrate-postgresml`: what can answer here answers as it did, and the rest is history and a list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
import xgboost

from tests.extension.statements import contents, rows, value
from tests.integration import old_catalog
from tests.integration.commands import Commands
from tests.integration.old_catalog import PICKLE, ROWS, OldCatalog, column, lightgbm_file, xgboost_file
from tests.servers import Connection, Database
from turnout import errors, migrate, server_errors
from turnout.services.migration import Report
from turnout.training import xgboost_binary

# what the old server is asked for
PROBES = [[x] * 3 for x in (0.0, 1.0, -1.0, 0.5, 10.0)] + [[0.0, 1.0, 2.0], [1.0, 2.0, 0.0], [2.0, 0.0, 1.0]]
ABC = [column("a"), column("b"), column("c")]
NUMBERS = [*ABC, column("price", label=True)]
KINDS = [*ABC, column("kind", "int4", label=True)]


@pytest.fixture
def old(bare_database: Database) -> Iterator[OldCatalog]:
    with bare_database.connect() as connection:
        connection.execute(old_catalog.TABLES)
        yield OldCatalog(connection)


@pytest.fixture
def new(database: Database) -> Iterator[Connection]:
    with database.connect() as connection:
        yield connection


@pytest.fixture
def prices(old: OldCatalog) -> dict[str, int]:
    """A project of five models, the second of which is live: its own library wrote it."""
    project = old.project("Prices", "regression")
    snapshot = old.snapshot(NUMBERS)
    found = {
        "pickle": old.model(project, snapshot, "ridge", PICKLE, runtime="python", hyperparams={"alpha": 2}),
        "xgboost": old.model(
            project, snapshot, "xgboost", xgboost_file("regression"), metrics={"r2": 0.7, "fit_time": 0.1}
        ),
        "linfa": old.model(project, snapshot, "linear", b"\x03linfa"),
        "lightgbm": old.model(
            project, snapshot, "lightgbm", lightgbm_file("regression"), metrics={"r2": 0.9}
        ),
        "failed": old.model(project, snapshot, "lightgbm", None, status="failed"),
    }
    for model, strategy in (
        ("pickle", "new_score"), ("xgboost", "new_score"), ("lightgbm", "best_score"), ("xgboost", "rollback"),
    ):  # fmt: skip
        old.deploy(project, found[model], strategy)
    return found


@pytest.fixture
def kinds(old: OldCatalog) -> dict[str, int]:
    """A project whose live model is a pickle."""
    project = old.project('It\'s "Kinds"', "classification")
    snapshot = old.snapshot(KINDS)
    found = {
        "xgboost": old.model(project, snapshot, "xgboost", xgboost_file("softprob")),
        "forest": old.model(project, snapshot, "random_forest", PICKLE, runtime="python"),
    }
    old.deploy(project, found["xgboost"], "new_score")
    old.deploy(project, found["forest"], "new_score")
    return found


def run(old: OldCatalog, database: Database, *, dry_run: bool = False) -> Report:
    return migrate.run(old.dsn, database.dsn, dry_run=dry_run)


def outcome(report: Report, model: int) -> Any:
    """What became of one model."""
    (found,) = [found for project in report.projects for found in project.models if found.id == model]
    return found


def predictions(connection: Connection, model: int | str) -> list[float]:
    kind = "bigint" if isinstance(model, int) else "text"
    return [
        float(str(value(connection, f"select pgml.predict(%s::{kind}, %s)", [model, row]))) for row in ROWS
    ]


def test_what_libraries_wrote_answers_as_it_did(
    old: OldCatalog, prices: dict[str, int], database: Database, new: Connection
) -> None:
    report = run(old, database)
    assert predictions(new, "Prices") == pytest.approx(old_catalog.expected("regression"), rel=1e-6)
    found = outcome(report, prices["lightgbm"])
    booster = lightgbm.Booster(model_str=lightgbm_file("regression").decode())
    theirs = np.asarray(booster.predict(np.array(ROWS, "f"))).tolist()
    assert predictions(new, found.new_id) == pytest.approx(theirs, rel=1e-6)
    # by name as by position, and a NULL is refused as PostgresML refuses it
    named = "select pgml.predict('Prices', r) from (select %s::real as a, %s::real as b, %s::real as c) r"
    assert value(new, named, ROWS[0]) == pytest.approx(old_catalog.expected("regression")[0])
    with pytest.raises(Exception, match=r'feature "b" of model .* is missing, expected a number'):
        value(new, "select pgml.predict('Prices', array[1, null, 2]::real[])")


def test_the_history_is_kept_and_goes_on(
    old: OldCatalog, prices: dict[str, int], database: Database, new: Connection
) -> None:
    report = run(old, database)
    ids = {name: outcome(report, model).new_id for name, model in prices.items()}
    assert rows(new, "select revision, model_id, strategy, created_at::date::text from pgml.deployments") == [
        (1, ids["pickle"], "new_score", "2024-02-06"),
        (2, ids["xgboost"], "new_score", "2024-02-07"),
        (3, ids["lightgbm"], "best_score", "2024-02-08"),
        (4, ids["xgboost"], "rollback", "2024-02-09"),
    ]
    lives = [
        value(new, "select model_id from pgml.live_at('Prices', %s)", [f"2024-02-0{day} 13:00+00"])
        for day in (6, 7, 8, 9)
    ]
    assert lives == [ids["pickle"], ids["xgboost"], ids["lightgbm"], ids["xgboost"]]
    assert rows(new, "select id from pgml.deployed_models") == [(ids["xgboost"],)]
    assert rows(new, "select name, deployed_at::date::text from pgml.overview") == [("Prices", "2024-02-09")]
    assert value(new, "select metrics from pgml.models where id = %s", [ids["xgboost"]]) == {
        "r2": 0.7, "fit_time": 0.1,
    }  # fmt: skip
    # a rollback passes over what is history only, and there and back again
    for expected in ("lightgbm", "xgboost"):
        new.execute("select pgml.deploy('Prices', 'rollback')")
        assert rows(new, "select id from pgml.deployed_models") == [(ids[expected],)]
    new.execute("select pgml.deploy('Prices', 'best_score')")
    assert rows(new, "select id from pgml.deployed_models") == [(ids["lightgbm"],)]
    for name in ("pickle", "linfa", "failed"):
        with pytest.raises(Exception, match=f'model {ids[name]} of project "Prices" cannot be used'):
            new.execute("select pgml.deploy(%s::bigint)", [ids[name]])


def test_what_stays_behind_is_listed_with_the_statement_that_trains_it_again(
    old: OldCatalog, prices: dict[str, int], kinds: dict[str, int], database: Database, new: Connection
) -> None:
    report = run(old, database)
    pickle, linfa, failed = (outcome(report, prices[name]) for name in ("pickle", "linfa", "failed"))
    assert pickle.reason == "PostgresML keeps it as a pickle, which is a program and is never loaded"
    assert "linfa" in linfa.reason
    assert failed.reason == "its training has not succeeded: it is failed"
    assert pickle.retrain == (
        "select * from pgml.train('Prices', 'regression', 'public.houses', 'price', algorithm => 'ridge', "
        "hyperparams => '{\"alpha\": 2}', test_size => '0.5', test_sampling => 'last');"
    )
    assert not Path("/tmp/turnout_ran_a_pickle").exists()
    _, found = report.projects
    assert (found.live, found.answers) == (kinds["forest"], False)
    assert value(new, "select count(*) from pgml.deployed_models where name <> 'Prices'") == 0
    assert rows(
        new, "select strategy from pgml.history(%s) order by revision desc limit 1", [found.name]
    ) == [("undeploy",)]
    # the statements do what they are listed for
    new.execute(
        "create table houses as select a::real, a::real / 2 as b, 1::real as c, a %% 3 as kind, a as price "
        "from generate_series(1, 90) a",
        [],
    )
    for statement in (outcome(report, kinds["forest"]).retrain, found.deploy, pickle.retrain):
        new.execute(statement.encode())
    assert rows(new, "select algorithm from pgml.deployed_models where name = %s", [found.name]) == [
        ("random_forest",)
    ]
    # and a project goes on from where it was
    new.execute("select * from pgml.train('Prices', algorithm => 'lightgbm')")


@pytest.mark.one_server
def test_classes_answer_right(old: OldCatalog, database: Database, new: Connection) -> None:
    project = old.project("Kinds", "classification")
    snapshot = old.snapshot(KINDS)
    two = old.snapshot([*ABC, column("yes", "bool", label=True, max=1.0)])
    models = {
        "softprob": old.model(project, snapshot, "xgboost", xgboost_file("softprob")),
        "softmax": old.model(
            project, snapshot, "xgboost", xgboost_file("softmax"), hyperparams={"objective": "multi:softmax"}
        ),
        "binary": old.model(
            project, two, "xgboost", xgboost_file("binary"), hyperparams={"objective": "binary:logistic"}
        ),
        "lightgbm": old.model(project, snapshot, "lightgbm", lightgbm_file("multiclass", 3)),
        "lightgbm_2": old.model(project, two, "lightgbm", lightgbm_file("binary", 2)),
    }
    report = run(old, database)
    ids = {name: outcome(report, model).new_id for name, model in models.items()}
    assert {outcome(report, model).outcome for model in models.values()} == {"carried"}
    expected = {name: old_catalog.expected(name) for name in ("softprob", "softmax", "binary")}
    assert predictions(new, ids["softprob"]) == [float(np.argmax(row)) for row in expected["softprob"]]
    assert predictions(new, ids["softmax"]) == expected["softmax"]
    assert predictions(new, ids["binary"]) == [float(share > 0.5) for share in expected["binary"]]
    probabilities = value(
        new, "select pgml.predict_proba(%s::bigint, %s::real[])", [ids["softprob"], ROWS[1]]
    )
    assert probabilities == pytest.approx(expected["softprob"][1], rel=1e-5)
    classes = "select classes from pgml.models where id in (%s, %s) order by id"
    assert rows(new, classes, [ids["softprob"], ids["binary"]]) == [
        (["0", "1", "2"],), (["false", "true"],),
    ]  # fmt: skip
    for name, labels in (("lightgbm", 3), ("lightgbm_2", 2)):
        booster = lightgbm.Booster(
            model_str=lightgbm_file("multiclass" if labels == 3 else "binary", labels).decode()
        )
        scores = np.asarray(booster.predict(np.array(ROWS, "f"))).reshape(len(ROWS), -1)
        theirs = scores.argmax(axis=1) if labels == 3 else scores[:, 0] > 0.5
        assert predictions(new, ids[name]) == theirs.astype(float).tolist()


@pytest.mark.one_server
def test_columns_are_prepared_as_postgresml_did_for_a_row(
    old: OldCatalog, database: Database, new: Connection
) -> None:
    categories = {"__NULL__": {"value": 0.0, "members": 1}, "low": {"value": 1.0, "members": 5}}
    size = column("size", "text", categories=categories, preprocessor={"encode": {"ordinal": ["low"]}})
    filled = column("b", preprocessor={"impute": "mean"})
    project = old.project("Prepared", "regression")
    prepared = [size, filled, column("c", "int2[]", size=2), column("price", label=True)]
    once, twice = old.snapshot(prepared), old.snapshot(prepared)
    booster = lightgbm_file("regression", width=4)
    model = old.model(project, once, "lightgbm", booster)
    stale = old.model(project, twice, "lightgbm", booster)
    newest = old.model(project, twice, "lightgbm", booster)
    report = run(old, database)
    assert f"was rewritten by the training of model {newest}" in outcome(report, stale).reason
    found = outcome(report, model)
    theirs = lightgbm.Booster(model_str=booster.decode()).predict(
        np.array([[1, 0.75, 3, 4], [0, 2, 3, 4]], "f")
    )
    asked = "select pgml.predict(%s::bigint, (%s::text, %s::real, array[3, 4]))"
    for given, answer in ((("low", None), theirs[0]), ((None, 2), theirs[1])):
        assert value(new, asked, [found.new_id, *given]) == pytest.approx(answer, rel=1e-6)
    with pytest.raises(Exception, match='feature "size"'):
        value(new, asked, [found.new_id, "new", 1])


@pytest.mark.one_server
def test_what_is_broken_or_not_exact_is_listed(old: OldCatalog, database: Database) -> None:
    project = old.project("Broken", "regression")
    kinds = old.project("Kinds", "classification")
    numbers = old.snapshot(NUMBERS)
    scaled = old.snapshot([column("a", preprocessor={"scale": "standard"}), *NUMBERS[1:]])
    encoded = old.snapshot(
        [column("a", "text", preprocessor={"encode": "target"}, categories={}), *NUMBERS[1:]]
    )
    wrong = old.snapshot([*NUMBERS, column("d")])
    dated = old.snapshot([column("a", "date"), *NUMBERS[1:]])
    odd = old.snapshot(
        [{**column("a"), "preprocessor": {"encode": []}, "size": "many", "array": True}, *NUMBERS[1:]]
    )
    joint = old.snapshot([*NUMBERS, column("rent", label=True)])
    xgboost, lightgbm_ = xgboost_file("regression"), lightgbm_file("regression")
    cases = {
        old.model(project, numbers, "xgboost", xgboost[:1000]): "in the middle of a model",
        old.model(project, numbers, "xgboost", b"not a model at all" * 20): "its file cannot be read",
        old.model(project, numbers, "xgboost", xgboost_file("dart")): "its booster is dart",
        old.model(project, numbers, "lightgbm", lightgbm_[:400]): "it is not LightGBM's text format, or not all",
        # LightGBM ends the process that reads this
        old.model(project, numbers, "lightgbm", lightgbm_.replace(b"num_leaves=", b"num_leave5=")): "lightgbm crashes",
        old.model(project, numbers, "lightgbm", b""): "it is not LightGBM's text format",
        old.model(project, numbers, "xgboost", None): "its file is missing",
        old.model(project, None, "xgboost", xgboost): "columns that it was trained on are not on record",
        old.model(project, scaled, "xgboost", xgboost): 'its column "a" is scaled',
        old.model(project, encoded, "xgboost", xgboost): 'its column "a" is encoded by the target',
        old.model(project, wrong, "xgboost", xgboost): "it takes 3 numbers, and its columns on record are 4",
        old.model(project, dated, "xgboost", xgboost): 'its column "a" has type date',
        old.model(project, odd, "xgboost", xgboost): "not on record as PostgresML writes them",
        old.model(project, joint, "xgboost", xgboost): "it has several targets",
        old.model(kinds, numbers, "xgboost", xgboost): "it answers with one number, and its project is a class",
        old.model(project, numbers, "xgboost", xgboost_file("softprob")): "it answers with 3 classes",
    }  # fmt: skip
    # version 2.0.0 put sixteen bytes before a model
    good = old.model(project, numbers, "lightgbm", bytes(16) + lightgbm_)
    report = run(old, database)
    for model, reason in cases.items():
        found = outcome(report, model)
        assert (found.outcome, reason in found.reason) == ("history", True), found
    assert outcome(report, good).outcome == "carried"


@pytest.mark.one_server
def test_version_1_is_history(bare_database: Database, database: Database, new: Connection) -> None:
    with bare_database.connect() as connection:
        connection.execute(old_catalog.TABLES_1)
    (found,) = migrate.run(bare_database.dsn, database.dsn).projects
    assert (found.deployments, found.answers) == (1, False)
    assert found.models[0].retrain == (
        "select * from pgml.train('Old', 'regression', 'houses', 'price', "
        "algorithm => 'orthogonal_matching_pursuit', test_sampling => 'random');"
    )
    assert rows(
        new, "select status, strategy from pgml.models m join pgml.deployments d on d.model_id = m.id"
    ) == [("failed", "specific")]


@pytest.mark.one_server
def test_the_old_server_is_asked_too(old: OldCatalog, database: Database, new: Connection) -> None:
    """Whether a 0 is a missing value to XGBoost cannot be read in its file: the old server's answers tell."""
    project = old.project("Prices", "regression")
    model = old.model(project, old.snapshot(NUMBERS), "xgboost", xgboost_file("regression"))
    old.deploy(project, model, "new_score")
    stranger = old.model(project, old.snapshot(NUMBERS), "lightgbm", lightgbm_file("regression"))
    assert not outcome(run(old, database, dry_run=True), model).compared
    # an old server that answers to 0 as to any number, and one that answers anything
    booster = xgboost.Booster()
    booster.load_model(bytearray(json.dumps(xgboost_binary.read(xgboost_file("regression"))).encode()))
    old.connection.execute("create table told (features real[], answer real)")
    said = booster.predict(xgboost.DMatrix(np.array(PROBES, "f"))).tolist()
    for probe, answer in zip(PROBES, said, strict=True):
        old.connection.execute("insert into told values (%s, %s)", [probe, answer])
    old.connection.execute(f"""
        create function pgml.predict(model_id bigint, asked real[]) returns real language sql
        return case when $1 = {model} then (select answer from told where features = $2) else 12345 end
    """)
    report = run(old, database)
    assert outcome(report, model).compared
    assert outcome(report, stranger).reason == "it answers otherwise here than on the old server"
    row = [0.0, ROWS[0][1], 0.0]
    said = booster.predict(xgboost.DMatrix(np.array([row], "f"))).tolist()
    assert value(new, "select pgml.predict('Prices', %s::real[])", [row]) == pytest.approx(said[0])


@pytest.mark.one_server
def test_a_dry_run_writes_nothing(
    old: OldCatalog, prices: dict[str, int], kinds: dict[str, int], database: Database, new: Connection
) -> None:
    before = contents(new)
    report = run(old, database, dry_run=True)
    assert contents(new) == before
    assert [(found.name, found.answers) for found in report.projects] == [
        ("Prices", True), ("It's \"Kinds\"", False),
    ]  # fmt: skip
    done = run(old, database)
    assert [[m.outcome for m in p.models] for p in done.projects] == [
        [m.outcome for m in p.models] for p in report.projects
    ]


@pytest.mark.one_server
def test_a_second_run_is_refused(
    old: OldCatalog, prices: dict[str, int], database: Database, new: Connection
) -> None:
    run(old, database)
    before = contents(new)
    old.project("More", "regression")
    with pytest.raises(server_errors.CannotMigrate, match="there is a project already for Prices"):
        run(old, database)
    assert contents(new) == before


@pytest.mark.one_server
def test_only_owners_and_only_the_right_way_round(
    old: OldCatalog, prices: dict[str, int], database: Database, bare_database: Database
) -> None:
    role = database.server.role()
    server = database.server
    stranger = server.cluster.dsn(database.name, user=role, password=server.roles[role])
    with pytest.raises(errors.NotPermitted, match=f'migrating as role "{role}" is not permitted'):
        migrate.run(old.dsn, stranger)
    with pytest.raises(server_errors.CannotMigrate, match="its schema pgml is already ours"):
        migrate.run(database.dsn, database.dsn)
    with pytest.raises(server_errors.CannotMigrate, match="the extension is not installed"):
        migrate.run(old.dsn, old.dsn)
    with pytest.raises(server_errors.CannotMigrate, match="it has no tables of PostgresML"):
        migrate.run(server.cluster.dsn("postgres"), database.dsn)


@pytest.mark.one_server
def test_the_command(
    old: OldCatalog, prices: dict[str, int], kinds: dict[str, int], database: Database, tmp_path: Path
) -> None:
    old.project("Chat", "text_generation")
    turnout = Commands(tmp_path)
    arguments = ("migrate-postgresml", "--from", old.dsn, "--to", database.dsn)
    dry = turnout.run(*arguments, "--dry-run", "--json")
    assert dry.returncode == 0, dry.stderr
    assert [project["outcome"] for project in json.loads(dry.stdout)["projects"]] == [
        "carried", "carried", "left out",
    ]  # fmt: skip
    done = turnout.run(*arguments)
    assert done.returncode == 0, done.stderr
    assert "carried over: 2 projects, 3 of 7 models with their artifacts" in done.stdout
    assert "left out: text_generation is no task of ours" in done.stdout
    again = turnout.run(*arguments)
    assert again.returncode == 1
    assert again.stderr.startswith("error: database")
    assert "hint: " in again.stderr
