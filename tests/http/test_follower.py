"""How a server process keeps in step: each of these has followers of its own, without a service around them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.http.yard import ROW, Yard, yard
from tests.processes import until
from tests.servers import Server
from turnout.http.directory import Here
from turnout.http.follower import Follower

pytestmark = pytest.mark.one_server


@pytest.fixture
def rails(server: Server) -> Iterator[Yard]:
    with yard(server) as found:
        yield found


@contextmanager
def following(made: Yard, count: int = 1, **options: float) -> Iterator[list[Here]]:
    """So many processes' worth of followers within this one."""
    each = [Here() for _ in range(count)]
    followers = [Follower(made.database.dsn, here, **options) for here in each]
    try:
        for follower in followers:
            follower.start()
        until(lambda: all(here.ready for here in each), "them to be ready")
        yield each
    finally:
        for follower in followers:
            follower.stop()


def answer(here: Here, name: str) -> int | None:
    """What is answered, which tells the model."""
    live, _ = here.find(name)
    return None if live is None or live.model is None else round(live.model.predict_row(ROW))


def sessions(made: Yard) -> list[int]:
    """The backends of the followers."""
    with made.connect() as connection:
        return [int(str(row[0])) for row in connection.execute("select backend_pid from pgml.live_servers")]


def failure(made: Yard) -> str:
    with made.connect() as connection:
        row = connection.execute(
            "select failure -> 'errors' -> 0 ->> 'message' from pgml.online_deployments"
        ).fetchone()
    assert row is not None
    return str(row[0])


def test_every_process_prepares_and_then_all_switch(rails: Yard) -> None:
    id_, endpoint = rails.deployment("express")
    with following(rails, 2) as each:
        for here in each:
            live, stale = here.find("express")
            assert live is not None
            assert (live.model, live.revision, stale) == (None, 0, False)
            assert here.find(str(id_))[0] is live
        for revision, k in enumerate((1, 2, 3, 1), 1):
            rails.replace(endpoint, rails.models[k])
            until(lambda k=k: [answer(here, "express") for here in each] == [k, k], f"model {k}")  # type: ignore[misc]
            live, stale = each[0].find("express")
            assert live is not None
            assert (live.revision, live.model_id, stale) == (revision, rails.models[k], False)
    assert sessions(rails) == []


def test_a_model_that_cannot_be_loaded_leaves_the_old_one(rails: Yard) -> None:
    _, endpoint = rails.deployment("express")
    broken = rails.broken(1)
    with following(rails, 2) as each:
        rails.replace(endpoint, rails.models[2])
        until(lambda: answer(each[0], "express") == 2, "model 2")
        rails.replace(endpoint, broken)
        until(lambda: "None" not in failure(rails), "the failure")
        assert failure(rails) == (
            f"model {broken} cannot take over: the artifact of model {broken} cannot be used: "
            "it does not begin as an artifact does"
        )
        assert rails.revision(endpoint) == 1
        until(lambda: [answer(here, "express") for here in each] == [2, 2], "model 2")
        assert not each[0].stale
        rails.replace(endpoint, rails.models[3])
        until(lambda: [answer(here, "express") for here in each] == [3, 3], "model 3")


def test_a_late_process_starts_right(rails: Yard) -> None:
    _, endpoint = rails.deployment("express")
    with following(rails) as first:
        rails.replace(endpoint, rails.models[2])
        until(lambda: answer(first[0], "express") == 2, "model 2")
        with following(rails) as second:
            assert answer(second[0], "express") == 2
            rails.replace(endpoint, rails.models[3])
            until(lambda: [answer(one[0], "express") for one in (first, second)] == [3, 3], "model 3")
        # one that has gone is not waited for
        rails.replace(endpoint, rails.models[1])
        until(lambda: answer(first[0], "express") == 1, "model 1")


def test_a_lost_session_is_told_and_made_up_for(rails: Yard) -> None:
    _, endpoint = rails.deployment("express")
    with following(rails, 2) as each:
        rails.replace(endpoint, rails.models[1])
        until(lambda: [answer(here, "express") for here in each] == [1, 1], "model 1")
        with rails.connect() as connection:
            connection.execute("select pg_terminate_backend(backend_pid) from pgml.live_servers")
        until(lambda: all(here.stale for here in each) or len(sessions(rails)) == 2, "them to notice")
        assert [answer(here, "express") for here in each] == [1, 1]
        rails.replace(endpoint, rails.models[2])
        until(lambda: [answer(here, "express") for here in each] == [2, 2], "model 2")
        until(lambda: not any(here.stale for here in each), "them to be current again")
        assert len(sessions(rails)) == 2


def test_what_sql_has_switched_to_and_nobody_can_load(rails: Yard) -> None:
    _, endpoint = rails.deployment("express")
    broken = rails.broken(1)
    with following(rails) as (here,):
        rails.replace(endpoint, rails.models[1])
        until(lambda: answer(here, "express") == 1, "model 1")
        with rails.connect() as connection:
            connection.execute(
                "update pgml.endpoints set model_id = %s, revision = 2 where id = %s", [broken, endpoint]
            )
        until(lambda: here.find("express")[1], "the mark")
        assert answer(here, "express") == 1
        assert not here.stale


def test_no_model_is_kept_that_nobody_needs(rails: Yard) -> None:
    _, endpoint = rails.deployment("express")
    here = Here()
    follower = Follower(rails.database.dsn, here)
    follower.start()
    try:
        for k in (1, 2, 3):
            rails.replace(endpoint, rails.models[k])
            until(lambda k=k: answer(here, "express") == k, f"model {k}")  # type: ignore[misc]
        until(lambda: len(follower._models) == 1, "the others to go")
        with rails.connect() as connection:
            connection.execute("delete from pgml.online_deployments")
        until(lambda: here.find("express")[0] is None, "the deployment to go")
        until(lambda: len(follower._models) == 0, "its model to go")
    finally:
        follower.stop()


def test_a_process_at_a_standby_follows_and_says_nothing(rails: Yard, server: Server) -> None:
    _, endpoint = rails.deployment("express")
    with following(rails) as (here,), server.standby() as copy:
        rails.replace(endpoint, rails.models[1])
        until(lambda: answer(here, "express") == 1, "model 1")
        away = Here()
        follower = Follower(copy.cluster.dsn(rails.database.name), away, lease=2.0)
        follower.start()
        try:
            until(lambda: away.ready, "the standby's to be ready")
            assert (answer(away, "express"), away.stale) == (1, False)
            assert len(sessions(rails)) == 1
            rails.replace(endpoint, rails.models[2])
            until(lambda: answer(here, "express") == 2, "model 2")
            until(lambda: answer(away, "express") == 2, "model 2 at the standby")
            server.cluster.stop("fast")
            try:
                until(lambda: away.stale, "the standby's answers to be marked")
                assert answer(away, "express") == 2
            finally:
                server.cluster.start()
            until(lambda: not away.stale, "the standby to hear again")
        finally:
            follower.stop()
