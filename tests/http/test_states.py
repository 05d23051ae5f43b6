"""The states of a deployment, each as promised: initializing, updating, ready, failed; and `failure`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.http.railway import Railway, railway
from tests.http.yard import asset, silent
from tests.processes import until
from tests.servers import Server

pytestmark = pytest.mark.one_server


@pytest.fixture(scope="module")
def rails(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Railway]:
    with railway(server, tmp_path_factory.mktemp("states")) as found:
        yield found


def seen(rails: Railway, key: str) -> tuple[str, bool, int]:
    """The state, whether there is a failure, and which model is shown."""
    entity = rails.get(key)["entity"]
    shown = {str(id_): k for k, id_ in rails.yard.assets.items()}
    return entity["status"]["state"], "failure" in entity["status"], shown.get(entity["asset"]["id"], 0)


def endpoint(rails: Railway, key: str) -> int:
    with rails.yard.connect() as connection:
        row = connection.execute(
            "select endpoint_id from pgml.online_deployments where serving_name = %s", [key]
        ).fetchone()
    assert row is not None
    return int(str(row[0]))


def test_from_the_first_model_to_the_next(rails: Railway) -> None:
    with silent(rails.yard) as one:
        assert rails.create("staged", 1).status_code == 202
        held = endpoint(rails, "staged")
        assert seen(rails, "staged") == ("initializing", False, 1)
        one.prepared(held)
        until(lambda: rails.yard.revision(held) == 1, "the switch")
        # one process has not followed
        assert seen(rails, "staged") == ("initializing", False, 1)
        assert rails.replace("staged", rails.yard.assets[2]).status_code == 409
        one.say(held, 1)
        assert rails.settled("staged")
        assert seen(rails, "staged") == ("ready", False, 1)
        assert rails.replace("staged", rails.yard.assets[2]).status_code == 202
        assert seen(rails, "staged") == ("updating", False, 1)
        one.prepared(held)
        until(lambda: rails.yard.revision(held) == 2, "the switch")
        assert seen(rails, "staged") == ("updating", False, 2)
        one.say(held, 2)
        assert rails.settled("staged")
        assert seen(rails, "staged") == ("ready", False, 2)


def test_a_creation_that_fails_and_is_mended(rails: Railway) -> None:
    broken = asset(rails.yard, "broken", rails.yard.broken(1))
    assert rails.create("mended", 1, asset={"id": str(broken)}).status_code == 202
    rails.settled("mended")
    assert seen(rails, "mended") == ("failed", True, 0)
    # a new name makes it no better
    rails.patch("mended", [{"op": "replace", "path": "/name", "value": "another"}])
    assert seen(rails, "mended") == ("failed", True, 0)
    assert rails.replace("mended", rails.yard.assets[3]).status_code == 202
    rails.settled("mended")
    assert seen(rails, "mended") == ("ready", False, 3)


def test_a_replacement_that_fails(rails: Railway) -> None:
    rails.made("kept", 1)
    broken = asset(rails.yard, "broken too", rails.yard.broken(2))
    assert rails.replace("kept", broken).status_code == 202
    rails.settled("kept")
    assert seen(rails, "kept") == ("ready", True, 1)
    error = rails.get("kept")["entity"]["status"]["failure"]["errors"][0]
    assert (error["code"], "it does not begin as an artifact does" in error["message"]) == (
        "unfit_model",
        True,
    )
    # what is refused is not accepted, and leaves the failure
    assert rails.replace("kept", "x").status_code == 400
    assert seen(rails, "kept") == ("ready", True, 1)
    assert rails.patch("kept", [{"op": "replace", "path": "/name", "value": "another"}]).status_code == 200
    assert seen(rails, "kept") == ("ready", False, 1)


def test_what_sql_has_made_live_and_nobody_can_load(rails: Railway) -> None:
    rails.made("forced", 1)
    held = endpoint(rails, "forced")
    with rails.yard.connect() as connection:
        connection.execute(
            "update pgml.endpoints set model_id = %s, revision = 2 where id = %s",
            [rails.yard.broken(3), held],
        )
    rails.settled("forced")
    state, failure, _ = seen(rails, "forced")
    assert (state, failure) == ("failed", True)
    assert "does not begin as an artifact does" in str(rails.get("forced")["entity"]["status"])


def test_two_updates_at_once(rails: Railway) -> None:
    rails.made("contested", 1)
    with silent(rails.yard):
        answers = [rails.replace("contested", rails.yard.assets[k]).status_code for k in (2, 3)]
        assert answers == [202, 409]
        assert rails.ed.post("/v1/deployments/contested/rollback").status_code == 409
        # what is no replacement may go on
        assert rails.patch("contested", [{"op": "replace", "path": "/name", "value": "x"}]).status_code == 200
        # and it may be removed
        assert rails.ed.delete("/ml/v4/deployments/contested").status_code == 204
    rails.made("contested", 3)
