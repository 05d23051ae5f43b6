"""Everybody changes deployments at once, over HTTP and in SQL: each is answered, and what came of it holds together."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from tests.acceptance.work import consistent
from tests.http.railway import PATH, Railway, railway
from tests.servers import Server

pytestmark = pytest.mark.one_server
ROUNDS = 40
# under way, taken, just gone
EXPECTED = {200, 202, 204, 404, 409}


@pytest.fixture(scope="module")
def rails(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Railway]:
    with railway(server, tmp_path_factory.mktemp("at_once")) as found:
        yield found


def test_all_at_once(rails: Railway) -> None:
    key = rails.made("contested", 1)
    token = rails.service.token("ed", rails.yard.keys["ed"])
    assets = list(map(str, rails.yard.assets.values()))

    def client() -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(
            base_url=rails.service.http, headers=headers, params={"version": "2026-11-01"}, timeout=60
        )

    def change(seed: int) -> set[int]:
        """Replace, roll back, rename the one deployment."""
        chance = random.Random(seed)
        with client() as ed:
            asks: list[Callable[[], httpx.Response]] = [
                lambda: ed.patch(f"{PATH}/{key}", json=[_set("/asset", {"id": chance.choice(assets)})]),
                lambda: ed.patch(f"{PATH}/{key}", json=[_set("/name", f"name {chance.random()}")]),
                lambda: ed.patch(
                    f"{PATH}/{key}",
                    json=[_set("/online/parameters/serving_name", f"s{chance.randint(0, 2)}")],
                ),
                lambda: ed.post(f"/v1/deployments/{key}/rollback"),
                lambda: ed.post(f"/v1/deployments/{key}/deploy", json={"strategy": "most_recent"}),
                lambda: ed.get(PATH),
            ]
            return {chance.choice(asks)().status_code for _ in range(ROUNDS)}

    def make(seed: int) -> set[int]:
        """Make deployments under few names, and remove them at once."""
        chance = random.Random(seed)
        found = set()
        with client() as ed:
            for _ in range(ROUNDS):
                named = {"parameters": {"serving_name": f"t{chance.randint(0, 2)}"}}
                body = {"space_id": str(rails.yard.space_id), "asset": {"id": assets[0]}, "online": named}
                answer = ed.post(PATH, json=body)
                found.add(answer.status_code)
                if answer.status_code == 202:
                    found.add(ed.delete(f"{PATH}/{answer.json()['metadata']['id']}").status_code)
        return found

    def deploy(seed: int) -> set[str]:
        """Switch the one deployment in SQL."""
        chance = random.Random(seed)
        found = set()
        with rails.yard.connect() as connection:
            for _ in range(ROUNDS):
                try:
                    connection.execute(
                        "select pgml.deploy(e.name, %s::bigint) from pgml.endpoints e "
                        "join pgml.online_deployments o on o.endpoint_id = e.id where o.id = %s",
                        [rails.yard.models[chance.randint(1, 3)], key],
                    )
                except psycopg.Error as error:
                    found.add(str(error.sqlstate))
        return found

    with ThreadPoolExecutor(8) as threads:
        # all are begun before the first is waited for
        changing, making = threads.map(change, range(4)), threads.map(make, range(2))
        deploying = threads.map(deploy, range(2))
        over_http, in_sql = [*changing, *making], list(deploying)
    assert set().union(*over_http) <= EXPECTED
    # under way, or renamed between two looks
    assert set().union(*in_sql) <= {"55006", "42704"}
    assert rails.settled(key)["entity"]["status"]["state"] == "ready"
    with rails.yard.connect() as connection:
        consistent(connection)


def _set(path: str, value: object) -> dict[str, object]:
    return {"op": "add", "path": path, "value": value}
