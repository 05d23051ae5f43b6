"""SQL reaches online deployments: the same strategies, checks and history, and one namespace with projects."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.extension.statements import rows, value
from tests.http.railway import Railway, code, railway
from tests.http.yard import asset, silent
from tests.servers import Connection, Server

pytestmark = pytest.mark.one_server


@pytest.fixture(scope="module")
def rails(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Railway]:
    with railway(server, tmp_path_factory.mktemp("sql")) as found:
        yield found


@pytest.fixture
def admin(rails: Railway) -> Iterator[Connection]:
    with rails.yard.connect() as connection:
        yield connection


def predicted(connection: Connection, name: str) -> float:
    return float(str(value(connection, "select pgml.predict(%s, array[1.0]::real[])", [name])))


def refused(connection: Connection, query: str, sqlstate: str, match: str) -> None:
    with pytest.raises(psycopg.Error, match=match) as caught:
        connection.execute(query.encode())
    assert caught.value.sqlstate == sqlstate, str(caught.value)


def test_predictions_follow_what_is_live(rails: Railway, admin: Connection) -> None:
    rails.made("asked", 2)
    assert predicted(admin, "asked") == 2
    rails.replace("asked", rails.yard.assets[3])
    rails.settled("asked")
    assert predicted(admin, "asked") == 3


def test_a_switch_is_transactional_and_the_processes_follow(rails: Railway, admin: Connection) -> None:
    id_ = rails.made("switched", 1)
    with admin.transaction(force_rollback=True):
        admin.execute("select pgml.deploy('switched', 'most_recent')")
        assert predicted(admin, "switched") == 3
    assert rails.live(id_) == str(rails.yard.assets[1])
    found = rows(
        admin, "select * from pgml.deploy('switched', %s::bigint, 'by hand')", [rails.yard.models[2]]
    )
    assert found == [("switched", "specific", "linear")]
    assert predicted(admin, "switched") == 2
    assert rails.settled(id_)["entity"]["asset"]["id"] == str(rails.yard.assets[2])
    assert rows(admin, "select * from pgml.deploy('switched', 'rollback')") == [
        ("switched", "rollback", "linear")
    ]
    assert rails.settled(id_)["entity"]["asset"]["id"] == str(rails.yard.assets[1])
    assert rows(admin, "select revision, model_id, strategy, reason from pgml.history('switched')") == [
        (1, rails.yard.models[1], "specific", None),
        (2, rails.yard.models[2], "specific", "by hand"),
        (3, rails.yard.models[1], "rollback", None),
    ]
    assert value(admin, "select model_id from pgml.live_at('switched', now())") == rails.yard.models[1]
    entries = rails.ed.get("/v1/deployments/switched/history").json()["resources"]
    assert [one["user_name"] for one in entries] == ["ed", "postgres", "postgres"]


def test_strategies_choose_among_the_models_of_the_space(rails: Railway, admin: Connection) -> None:
    rails.made("chosen", 1)
    # all three are perfect: of equal ones the newest
    for strategy in ("best_score", "most_recent"):
        answer = rails.ed.post(
            "/v1/deployments/chosen/deploy", json={"strategy": strategy, "reason": "nightly"}
        )
        assert answer.status_code == 202, answer.text
        rails.settled("chosen")
        assert predicted(admin, "chosen") == 3
        rails.ed.post("/v1/deployments/chosen/rollback")
        assert rails.settled("chosen")["entity"]["asset"]["id"] == str(rails.yard.assets[1])
    answer = rails.ed.post(
        "/v1/deployments/chosen/deploy", json={"strategy": "best_score", "algorithm": "xgboost"}
    )
    assert code(answer) == (409, "no_candidate")
    answer = rails.ed.post("/v1/deployments/chosen/deploy", json={"strategy": "specific"})
    assert code(answer) == (400, "invalid_argument")
    answer = rails.ed.post("/v1/deployments/chosen/deploy", json={"model_id": rails.yard.models[2]})
    assert answer.status_code == 202
    rails.settled("chosen")
    assert predicted(admin, "chosen") == 2
    assert code(rails.ed.post("/v1/deployments/chosen/deploy", json={"model_id": 987654})) == (
        404,
        "unknown_model",
    )


def test_a_model_that_is_in_no_asset_of_the_space(rails: Railway, admin: Connection) -> None:
    rails.made("closed")
    admin.execute("select * from pgml.train('elsewhere', 'regression', 't1', 'y')")
    model = value(admin, "select max(id) from pgml.models")
    refused(
        admin, f"select pgml.deploy('closed', {model})", "55000", f"model {model} is no model of the space"
    )
    answer = rails.ed.post("/v1/deployments/closed/deploy", json={"model_id": model})
    assert code(answer) == (409, "not_in_space")
    refused(
        admin,
        f"select * from pgml.compatibility_report('closed', {model})",
        "22023",
        "expected a model of the space",
    )


def test_one_namespace(rails: Railway, admin: Connection) -> None:
    rails.made("express")
    refused(
        admin,
        "select pgml.train('express', 'regression', 't1', 'y')",
        "42710",
        'the name "express" is taken by another online',
    )
    assert code(rails.create("switchyard")) == (409, "name_taken")
    refused(admin, "select pgml.undeploy('express')", "0A000", "an online deployment has a model")


def test_what_does_not_fit_is_refused(rails: Railway, admin: Connection) -> None:
    rails.made("strict")
    admin.execute(
        "create table if not exists wide as select x::real, 1.0::real as z, x as y from generate_series(1, 40) x"
    )
    admin.execute("select pgml.train('wide', 'regression', 'wide', 'y')")
    model = int(str(value(admin, "select max(id) from pgml.models")))
    id_ = asset(rails.yard, "wide", model)
    answer = rails.replace("strict", id_)
    assert code(answer) == (400, "incompatible_model")
    assert [one["message"] for one in answer.json()["errors"][1:]] == ["z: the new model needs this column"]
    assert 'of deployment "strict": z: the new model needs' in answer.json()["errors"][0]["message"]
    found = rails["vic"].get("/v1/deployments/strict/compatibility", params={"asset_id": str(id_)}).json()
    assert (found["compatible"], found["differences"]) == (
        False,
        [{"field": "z", "severity": "breaking", "difference": "the new model needs this column"}],
    )
    refused(admin, f"select pgml.deploy('strict', {model})", "55000", "z: the new model needs this column")
    assert rows(admin, "select field from pgml.compatibility_report('strict', %s)", [model]) == [("z",)]
    # most_recent passes it over
    admin.execute("select pgml.deploy('strict', 'most_recent')")
    assert rails.settled("strict")["entity"]["asset"]["id"] == str(rails.yard.assets[3])
    assert code(rails.replace("strict", id_, override="true")) == (403, "role_too_low")
    assert rails.replace("strict", id_, by="ann", override="true").status_code == 202
    status = rails.settled("strict")["entity"]["status"]
    assert status["message"] == {"level": "warning", "text": "z: the new model needs this column"}
    entry = rails.ed.get("/v1/deployments/strict/history").json()["resources"][-1]
    assert (entry["checks"]["forced"], entry["checks"]["forced_by"]) == (True, "ann")
    # what callers knew before may always come back
    assert rails.ed.post("/v1/deployments/strict/rollback").status_code == 202
    assert rails.settled("strict")["entity"]["asset"]["id"] == str(rails.yard.assets[3])


def test_a_model_that_cannot_be_loaded_is_not_switched_to(rails: Railway, admin: Connection) -> None:
    id_ = rails.made("loaded")
    model = rails.yard.broken(1)
    asset(rails.yard, "broken", model)
    refused(admin, f"select pgml.deploy('loaded', {model})", "XX001", "it does not begin as an artifact does")
    assert rails.get(id_)["entity"]["status"]["state"] == "ready"
    admin.execute("delete from pgml.assets where model_id = %s", [model])


def test_a_replacement_under_way_is_not_overtaken(rails: Railway, admin: Connection) -> None:
    rails.made("busy")
    rails.made("witness")
    with silent(rails.yard):
        assert rails.replace("busy", rails.yard.assets[2]).status_code == 202
        refused(
            admin, "select pgml.deploy('busy', 'most_recent')", "55006", 'deployment "busy" is being updated'
        )
        assert rails.get("busy")["entity"]["status"]["state"] == "updating"
        # it is the business of nobody else
        admin.execute("select pgml.deploy('witness', %s::bigint)", [rails.yard.models[2]])
    assert rails.settled("busy")["entity"]["asset"]["id"] == str(rails.yard.assets[2])


def test_what_a_role_of_sql_may(rails: Railway, server: Server, admin: Connection) -> None:
    rails.made("owned")
    made = server.role()
    with admin.transaction():
        for function in ("deploy(text, text, text, text, boolean)", "history(text)"):
            admin.execute(
                sql.SQL("grant execute on function pgml.{} to {}").format(
                    sql.SQL(function), sql.Identifier(made)
                )
            )
    with rails.yard.database.connect(role=made) as connection:
        refused(
            connection,
            "select pgml.deploy('owned', 'most_recent')",
            "42501",
            "with the role editor in its space",
        )
        refused(
            connection, "select * from pgml.history('owned')", "42501", "with the role viewer in its space"
        )
        for role, may in (("viewer", False), ("editor", True)):
            admin.execute(
                "insert into pgml.users (name, key_hash) values (%s, '') on conflict do nothing", [made]
            )
            admin.execute(
                "delete from pgml.members m using pgml.users u where u.id = m.user_id and u.name = %s", [made]
            )
            admin.execute(
                "insert into pgml.members (space_id, user_id, role) select %s, id, %s from pgml.users where name = %s",
                [rails.yard.space_id, role, made],
            )
            assert len(rows(connection, "select * from pgml.history('owned')")) == 1
            if may:
                connection.execute("select pgml.deploy('owned', 'most_recent')")
            else:
                refused(
                    connection, "select pgml.deploy('owned', 'most_recent')", "42501", "with the role editor"
                )
    assert rails.ed.get("/v1/deployments/owned/history").json()["resources"][-1]["user_name"] == made


def test_a_project_is_switched_over_http(rails: Railway, admin: Connection) -> None:
    assert code(rails.ed.post("/v1/deployments/switchyard/rollback")) == (404, "unknown_deployment")
    answer = rails["root"].post(
        "/v1/deployments/switchyard/deploy", json={"model_id": rails.yard.models[3], "reason": "r"}
    )
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "project": "switchyard",
            "strategy": "specific",
            "model_id": rails.yard.models[3],
            "algorithm": "linear",
        },
    )
    assert predicted(admin, "switchyard") == 3
    assert (
        rails["root"].post("/v1/deployments/switchyard/rollback").json()["model_id"] == rails.yard.models[1]
    )
    entries = rails["root"].get("/v1/deployments/switchyard/history").json()["resources"]
    assert [(one["model_id"], one["user_name"], one["reason"]) for one in entries] == [
        (rails.yard.models[1], None, None),
        (rails.yard.models[3], "root", "r"),
        (rails.yard.models[1], "root", None),
    ]
    found = rails["root"].get(
        "/v1/deployments/switchyard/compatibility", params={"model_id": str(rails.yard.models[2])}
    )
    assert found.json()["compatible"] is True
