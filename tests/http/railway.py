"""A service on a yard, and what clients do there: deploy, replace, wait until it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.http import service as services
from tests.http.service import Service
from tests.http.yard import Yard, yard
from tests.processes import until
from tests.servers import Server

PATH = "/ml/v4/deployments"
MOVING = ("initializing", "updating")


@dataclass(frozen=True, kw_only=True)
class Railway:
    """The service, the yard, and a client of each user."""

    service: Service
    yard: Yard
    clients: dict[str, httpx.Client]

    def __getitem__(self, name: str) -> httpx.Client:
        return self.clients[name]

    @property
    def ed(self) -> httpx.Client:
        """The editor's client."""
        return self.clients["ed"]

    def create(self, called: str, k: int = 1, **more: object) -> httpx.Response:
        """Ask for a deployment of model ``k`` with this serving name."""
        body = {
            "name": called,
            "space_id": str(self.yard.space_id),
            "asset": {"id": str(self.yard.assets[k])},
            "online": {"parameters": {"serving_name": called}},
            **more,
        }
        return self.ed.post(PATH, json=body)

    def made(self, name: str, k: int = 1) -> str:
        """A deployment that is ready; its id."""
        answer = self.create(name, k)
        assert answer.status_code == 202, answer.text
        found = self.settled(answer.json()["metadata"]["id"])
        assert found["entity"]["status"]["state"] == "ready", found
        return str(found["metadata"]["id"])

    def get(self, key: str) -> dict[str, Any]:
        """A deployment as it is."""
        answer = self.ed.get(f"{PATH}/{key}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def settled(self, key: str) -> dict[str, Any]:
        """A deployment as it is once nothing is under way."""
        until(lambda: self.get(key)["entity"]["status"]["state"] not in MOVING, f"deployment {key}")
        return self.get(key)

    def replace(self, key: str, asset: object, *, by: str = "ed", **query: str) -> httpx.Response:
        """Ask for another asset."""
        operations = [{"op": "replace", "path": "/asset", "value": {"id": str(asset)}}]
        return self.patch(key, operations, by=by, **query)

    def patch(self, key: str, operations: object, *, by: str = "ed", **query: str) -> httpx.Response:
        """Patch a deployment."""
        return self[by].patch(f"{PATH}/{key}", json=operations, params={"version": "2026-11-01", **query})

    def live(self, key: str) -> str:
        """The asset that is live."""
        return str(self.get(key)["entity"]["asset"]["id"])


@contextmanager
def railway(
    server: Server, directory: Path, *options: str, environment: Mapping[str, str] | None = None
) -> Iterator[Railway]:
    """A fresh one."""
    with ExitStack() as stack:
        made = stack.enter_context(yard(server))
        found = stack.enter_context(
            services.running(made.database, directory, *options, environment=environment)
        )
        clients = {name: stack.enter_context(found.client(name, key)) for name, key in made.keys.items()}
        yield Railway(service=found, yard=made, clients=clients)


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, str(answer.json()["errors"][0]["code"])
