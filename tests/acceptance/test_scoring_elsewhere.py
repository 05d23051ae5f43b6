"""Whole relations on a standby, and in a session that keeps the model that it saw first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.acceptance.work import one
from tests.processes import until
from tests.servers import Connection, Server
from tests.switchyard import Switchyard, switchyard

SCORED = "select max(prediction) from pgml.predict_relation('switchyard', '{}', 'x')"


def answer(connection: Connection, relation: str) -> int:
    """Which model has answered, whose number times 40 is its largest answer."""
    return round(float(str(one(connection, SCORED.format(relation)))) / 40)


def test_on_a_standby(server: Server) -> None:
    with switchyard(server) as yard:
        with yard.connect() as primary:
            primary.execute("create view seen as select * from t1")
            yard.deploy(primary, 2)
        with server.standby() as standby:
            there: Switchyard = replace(yard, database=replace(yard.database, server=standby))

            def visible() -> bool:
                with there.connect() as connection:
                    return one(connection, "select to_regclass('seen')") is not None

            until(visible, "the standby to follow")
            with there.connect() as reader:
                assert one(reader, "select pg_is_in_recovery()") is True
                assert [answer(reader, relation) for relation in ("t1", "seen")] == [2, 2]
                with pytest.raises(Exception, match="read-only transaction"):
                    reader.execute("select pgml.score_into('switchyard', 't1', 'x', 'answers')")


def test_a_session_that_is_pinned(server: Server) -> None:
    with switchyard(server) as yard, yard.connect() as pinned, yard.connect() as other:
        pinned.execute("set pgml.pin_deployments = on")
        assert answer(pinned, "t1") == 1
        yard.deploy(other, 3)
        assert answer(pinned, "t1") == 1
        assert answer(other, "t1") == 3
        pinned.execute("select pgml.score_into('switchyard', 't1', 'x', 'answers')")
        assert round(float(str(one(pinned, "select max(prediction) from answers"))) / 40) == 1
        pinned.execute("set pgml.pin_deployments = off")
        assert answer(pinned, "t1") == 3
