"""Every route, called by everybody: who is let in is let in, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import psycopg
import pytest
from starlette.routing import Route

from tests.http.roles import NOTHING, OPERATOR, PEOPLE, RULES, Call, World
from tests.http.service import Service
from turnout.catalog.over_wire import WireSession
from turnout.http import app
from turnout.http.database import Work
from turnout.http.directory import Here
from turnout.services import users

pytestmark = pytest.mark.one_server


@pytest.fixture(scope="module")
def world(service: Service) -> Iterator[World]:
    """A service with one user of each kind, named as the role is that it will have in spaces."""
    with ExitStack() as stack:
        # named "admin" is the first administrator; the admin of a space is to be nothing more
        with psycopg.connect(service.database.dsn) as connection:
            users.add(WireSession(connection), name=OPERATOR, role="admin")
            users.remove(WireSession(connection), name="admin")
            keys = {
                person: users.add(WireSession(connection), name=person, role="user") for person in PEOPLE[:-1]
            }
            keys[OPERATOR] = users.rotate(WireSession(connection), name=OPERATOR)
        clients = {
            person: stack.enter_context(service.client(person, key.api_key)) for person, key in keys.items()
        }
        ids = {person: str(client.get("/v1/me").json()["id"]) for person, client in clients.items()}
        yield World(service=service, ids=ids, clients=clients)


def send(client: httpx.Client, rule: str, call: Call) -> httpx.Response:
    method, _, path = rule.partition(" ")
    return client.request(
        method,
        path.format(**call.path),
        params={"version": "2026-11-01", **call.query},
        json=call.json,
        content=call.content,
    )


def routes() -> set[str]:
    """Every route of the application."""
    own = [route for route in app.build(Work("host=/nowhere"), Here()).routes if isinstance(route, Route)]
    included = [route for router in app.ROUTERS for route in router.routes if isinstance(route, Route)]
    return {
        f"{method} {route.path}"
        for route in own + included
        for method in (route.methods or ())
        if method != "HEAD"
    }


def test_every_route_has_a_rule() -> None:
    assert routes() == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_nobody_is_let_in_without_a_token(service: Service, world: World, rule: str) -> None:
    known = RULES[rule]
    with httpx.Client(base_url=service.http) as nobody:
        answer = send(nobody, rule, known.call(world))
    assert answer.status_code == (known.status if known.needs == NOTHING else 401), answer.text


@pytest.mark.parametrize("rule", RULES)
def test_a_route_lets_in_who_has_the_role(world: World, rule: str) -> None:
    known = RULES[rule]
    found = {}
    for person in PEOPLE:
        answer = send(world.clients[person], rule, known.call(world))
        found[person] = answer.status_code
        if answer.status_code >= 400:
            assert answer.json()["status_code"] == answer.status_code
    assert found == {person: known.expected(person) for person in PEOPLE}


def test_what_is_hidden_is_told_apart_from_what_is_not_there_by_nobody(world: World) -> None:
    hidden, absent = (
        world.clients["stranger"].get(f"/v2/spaces/{space}").json()
        for space in (world.space(), "00000000-0000-0000-0000-000000000000")
    )
    for answer in (hidden, absent):
        answer.pop("trace")
        answer["errors"][0]["message"] = answer["errors"][0]["message"].split('"', 2)[2]
    assert hidden == absent
