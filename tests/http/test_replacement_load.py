"""A hundred replacements and rollbacks under load: nobody notices more than other answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.http.load import Answer, load, spread
from tests.http.railway import Railway, railway
from tests.http.yard import asset
from tests.servers import Server

pytestmark = pytest.mark.one_server
REPLACEMENTS = 100
CONNECTIONS = 16


@pytest.fixture(scope="module")
def rails(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Railway]:
    with railway(server, tmp_path_factory.mktemp("load"), "--workers", "2") as found:
        yield found


@dataclass
class Reign:
    """When a model may have answered: from before its replacement was accepted until the next one was ready."""

    served: int
    begun: float
    ended: float = float("inf")

    def allows(self, answer: Answer) -> bool:
        return self.served == answer.served and answer.sent <= self.ended and answer.done >= self.begun


def refused_model(rails: Railway) -> object:
    """An asset that would break callers."""
    with rails.yard.connect() as connection:
        connection.execute(
            "create table other as select x::real as another, x as y from generate_series(1, 40) x"
        )
        connection.execute("select pgml.train('other', 'regression', 'other', 'y')")
        row = connection.execute("select max(id) from pgml.models").fetchone()
    assert row is not None
    return asset(rails.yard, "refused", int(str(row[0])))


def test_a_hundred_replacements_under_load(rails: Railway) -> None:
    refused, broken = refused_model(rails), asset(rails.yard, "broken", rails.yard.broken(1))
    key = rails.made("express", 1)
    token = rails.service.token("vic", rails.yard.keys["vic"])
    history = [1]
    reigns = [Reign(1, time.monotonic())]

    def settle(expected: int, *, failed: bool) -> None:
        """Until nothing is under way; meanwhile, and then, the states are as promised."""
        before, states = history[-1], []
        while True:
            found = rails.get(key)["entity"]
            states.append(found["status"]["state"])
            if states[-1] != "updating":
                break
            assert found["asset"]["id"] in {str(rails.yard.assets[k]) for k in (before, expected)}
            time.sleep(0.005)
        assert set(states) <= {"updating", "ready"}, states
        assert ("failure" in found["status"]) == failed, found
        assert found["asset"]["id"] == str(rails.yard.assets[expected])

    with load(rails.service, token, key, connections=CONNECTIONS) as found:
        spread(found, rails.service)
        for number in range(REPLACEMENTS):
            kind = number % 5
            begun = time.monotonic()
            if kind == 3:
                assert rails.replace(key, refused).status_code == 400
                settle(history[-1], failed=False)
            elif kind == 4:
                assert rails.replace(key, broken).status_code == 202
                settle(history[-1], failed=True)
            else:
                if kind == 2:
                    expected = history[-2]
                    answer = rails.ed.post(f"/v1/deployments/{key}/rollback", json={"reason": "test"})
                else:
                    expected = history[-1] % 3 + 1
                    answer = rails.replace(key, rails.yard.assets[expected])
                assert answer.status_code == 202, answer.text
                reigns.append(Reign(expected, begun))
                settle(expected, failed=False)
                reigns[-2].ended = time.monotonic()
                history.append(expected)
        last = time.monotonic()
        while not found.since(last):
            time.sleep(0.01)
    assert len({one.port for one in found.answers}) == len(found.threads) >= CONNECTIONS
    check(found.answers, reigns)
    assert {one.served for one in found.since(last)} == {history[-1]}
    entries = rails.ed.get(f"/v1/deployments/{key}/history").json()["resources"]
    assert [one["model_id"] for one in entries] == [rails.yard.models[k] for k in history]


def check(answers: list[Answer], reigns: list[Reign]) -> None:
    """No request failed, each was answered by a model that was live meanwhile, and no connection went back."""
    assert [one for one in answers if one.error] == []
    strange = [one for one in answers if not any(reign.allows(one) for reign in reigns)]
    assert strange == []
    latest: dict[int, int] = {}
    for one in sorted(answers, key=lambda one: one.sent):
        assert one.revision >= latest.get(one.port, 0), one
        latest[one.port] = one.revision
        assert not one.stale
    assert len(answers) > REPLACEMENTS
