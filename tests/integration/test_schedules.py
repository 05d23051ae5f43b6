"""Random schedules of two sessions: each prediction is compared with reading the pointer in the same statement."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.servers import Connection, Server
from tests.switchyard import Switchyard, switchyard

STEPS = st.sampled_from(
    ["begin", "begin repeatable read", "commit", "rollback", "savepoint", "rollback to", "deploy 1", "deploy 2",
     "deploy 3", "rollback strategy", "predict", "predict", "predict", "predict in a loop"]
)  # fmt: skip
SCHEDULES = st.lists(st.tuples(st.integers(0, 1), STEPS), min_size=5, max_size=40)

# both are evaluated in one statement, and so in one snapshot
ASK = """
    select pgml.predict('switchyard', array[1.0])::int,
      (select e.model_id from pgml.endpoints e where e.name = 'switchyard')
"""
LOOP = """
    do $$
    declare
      truth bigint;
      answer int;
    begin
      for i in 1..2 loop
        select pgml.predict('switchyard', array[1.0])::int, e.model_id into answer, truth
        from pgml.endpoints e where e.name = 'switchyard';
        if answer <> truth - (select min(id) from pgml.models) + 1 then
          raise exception 'answered % for model %', answer, truth;
        end if;
      end loop;
    end $$
"""


@pytest.fixture(scope="module")
def yard(server: Server) -> Iterator[Switchyard]:
    with switchyard(server) as found:
        yield found


class Player:
    """One session that takes its steps, and passes over those that are impossible where it stands."""

    def __init__(self, yard: Switchyard) -> None:
        self.yard = yard
        self.connection: Connection = yard.connect()
        self.connection.execute("set lock_timeout = '50ms'")
        self.saved = False
        self.asked = 0

    def step(self, step: str) -> None:
        status = self.connection.info.transaction_status
        inside = status != psycopg.pq.TransactionStatus.IDLE
        if status == psycopg.pq.TransactionStatus.INERROR and step not in ("commit", "rollback"):
            if step != "rollback to" or not self.saved:
                return
        elif step.startswith("begin") == inside and step in (
            "begin", "begin repeatable read", "commit", "rollback", "savepoint", "rollback to",
        ):  # fmt: skip
            return
        try:
            self._take(step)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.SerializationFailure):
            pass
        except psycopg.errors.ObjectNotInPrerequisiteState as error:
            assert "rolled back" in str(error)  # noqa: PT017

    def _take(self, step: str) -> None:
        if step == "begin repeatable read":
            self.connection.execute("begin isolation level repeatable read")
        elif step == "savepoint":
            self.connection.execute("savepoint s")
            self.saved = True
        elif step == "rollback to":
            if self.saved:
                self.connection.execute("rollback to savepoint s")
        elif step.startswith("deploy"):
            self.yard.deploy(self.connection, int(step[-1]))
        elif step == "rollback strategy":
            self.connection.execute("select pgml.deploy('switchyard', 'rollback')")
        elif step == "predict":
            row = self.connection.execute(ASK).fetchone()
            assert row is not None
            assert self.yard.models[int(str(row[0]))] == row[1]
            self.asked += 1
        elif step == "predict in a loop":
            self.connection.execute(LOOP)
        else:
            self.connection.execute(step)
            self.saved = False


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(schedule=SCHEDULES)
def test_every_answer_is_that_of_the_pointer_in_its_own_snapshot(
    yard: Switchyard, schedule: list[tuple[int, str]]
) -> None:
    players = [Player(yard), Player(yard)]
    try:
        for who, step in schedule:
            players[who].step(step)
    finally:
        for player in players:
            player.connection.close()
    with yard.connect() as connection:
        revisions = connection.execute(
            "select array_agg(revision order by id) from pgml.deployments"
        ).fetchone()
        assert revisions is not None
        found = revisions[0]
        assert isinstance(found, list)
        assert sorted(found) == list(range(1, len(found) + 1))
