"""What holds when something dies: a server process is killed or stands still, PostgreSQL restarts."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from tests.http.load import load, process_of, spread
from tests.http.railway import PATH, Railway, railway
from tests.http.service import restarted
from tests.http.yard import silent
from tests.processes import until
from tests.servers import Server

pytestmark = pytest.mark.one_server
SECONDS = 2


@pytest.fixture(scope="module")
def rails(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Railway]:
    environment = {"TURNOUT_REPLACEMENT_SECONDS": str(SECONDS)}
    with railway(server, tmp_path_factory.mktemp("faults"), environment=environment) as found:
        yield found


@pytest.fixture(scope="module")
def token(rails: Railway) -> str:
    return rails.service.token("vic", rails.yard.keys["vic"])


def servers(rails: Railway) -> int:
    with rails.yard.connect() as connection:
        row = connection.execute("select count(*) from pgml.live_servers").fetchone()
    assert row is not None
    return int(str(row[0]))


def test_a_killed_process_takes_only_its_own_connections_along(rails: Railway, token: str) -> None:
    key = rails.made("killed", 1)
    with load(rails.service, token, key) as found:
        before = spread(found, rails.service)
        victim = rails.service.workers()[0]
        os.kill(victim, signal.SIGKILL)
        restarted(rails.service, victim)
        until(lambda: servers(rails) == 2, "another process to be on the list")
        assert rails.replace(key, rails.yard.assets[2]).status_code == 202
        assert rails.settled(key)["entity"]["asset"]["id"] == str(rails.yard.assets[2])
        ready = time.monotonic()
        until(lambda: len(found.since(ready)) > 100, "answers")
        after = {port: process_of(port, rails.service) for port in found.ports()}
    assert {before[one.port] for one in found.failed if one.port} <= {victim}
    assert [one for one in found.failed if one.port not in before] == []
    assert {one.served for one in found.since(ready)} == {2}
    assert not set(after.values()) & {victim}


def test_a_process_that_stands_still_is_left_behind(rails: Railway, token: str) -> None:
    key = rails.made("frozen", 1)
    with load(rails.service, token, key) as found:
        ends = spread(found, rails.service)
        frozen = rails.service.workers()[0]
        theirs = {port for port, process in ends.items() if process == frozen}
        os.kill(frozen, signal.SIGSTOP)
        try:
            begun = time.monotonic()
            # the listening socket is everybody's: a client of its own may wait at the frozen process
            with rails.yard.connect() as connection:
                endpoint = connection.execute(
                    "select endpoint_id from pgml.online_deployments where serving_name = 'frozen'"
                ).fetchone()
            assert endpoint is not None
            rails.yard.replace(int(str(endpoint[0])), rails.yard.models[2], seconds=SECONDS)
            until(lambda: rails.yard.revision(int(str(endpoint[0]))) == 2, "the switch")
            took = time.monotonic() - begun
            until(
                lambda: {one.served for one in found.since(time.monotonic() - 0.2)} == {2},
                "the others to follow",
            )
        finally:
            woken = time.monotonic()
            os.kill(frozen, signal.SIGCONT)
        until(lambda: servers(rails) == 2, "it to be back")
        until(
            lambda: len({one.port for one in found.since(woken)} & theirs) == len(theirs), "its connections"
        )
    assert found.failed == []
    assert took < SECONDS + 5
    old = [one for one in found.since(woken) if one.served == 1]
    assert all(one.stale for one in old)
    waiting = [one for one in found.answers if one.sent <= woken and one.done > woken and one.served == 1]
    assert all(one.stale for one in waiting if one.sent > begun + 1.0)
    assert rails.settled(key)["entity"]["status"]["state"] == "ready"


def test_postgresql_restarts_and_no_prediction_fails(rails: Railway, server: Server, token: str) -> None:
    key = rails.made("lasting", 1)
    with load(rails.service, token, key) as found:
        server.cluster.stop("fast")
        answer = rails.ed.get(f"{PATH}/{key}")
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        until(lambda: found.answers[-1].stale, "answers to be marked")
        server.cluster.start()
        with rails.yard.connect() as connection:
            # before any process has come back, perhaps
            connection.execute("select pgml.deploy('lasting', %s::bigint)", [rails.yard.models[3]])
        until(lambda: servers(rails) == 2, "both to be back")
        assert rails.settled(key)["entity"]["asset"]["id"] == str(rails.yard.assets[3])
        ready = time.monotonic()
        # a process may mark its answers for a moment longer than it has to
        until(lambda: {one.stale for one in found.since(ready)[-100:]} == {False}, "answers without a mark")
    assert found.failed == []
    assert {one.served for one in found.since(ready)} == {3}


def test_nobody_waits_longer_than_the_set_time_for_one_that_is_silent(rails: Railway) -> None:
    key = rails.made("patient", 1)
    with silent(rails.yard) as one:
        begun = time.monotonic()
        assert rails.replace(key, rails.yard.assets[2]).status_code == 202
        assert rails.replace(key, rails.yard.assets[3]).status_code == 409
        assert rails.settled(key)["entity"]["asset"]["id"] == str(rails.yard.assets[2])
        assert time.monotonic() - begun >= SECONDS
        with pytest.raises(Exception, match="terminat"):
            one.connection.execute("select 1")
