"""The commands ``turnout user ...``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import psycopg
import typer
from rich.console import Console

from turnout.catalog.over_wire import WireSession
from turnout.embedded import Home
from turnout.install.connection import where
from turnout.server_errors import CannotConnect, ServerNotRunning

if TYPE_CHECKING:
    from turnout.services.users import NewKey

app = typer.Typer(help="Who may use the HTTP service.", no_args_is_help=True)
output = Console(highlight=False, soft_wrap=True)

Name = Annotated[str, typer.Argument(help="The user's name.")]
Dsn = Annotated[str, typer.Option("--dsn", help="The database; by default that of the embedded server.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def _session(dsn: str) -> Iterator[WireSession]:
    home = Home()
    if not dsn and not home.running:
        raise ServerNotRunning(home=home.path)
    chosen = dsn or home.conninfo()
    try:
        connection = psycopg.connect(chosen, connect_timeout=10, application_name="turnout")
    except psycopg.Error as error:
        raise CannotConnect(server=where(chosen), reason=" ".join(str(error).split())) from None
    with connection:
        yield WireSession(connection)


@app.command("add")
def _add(
    name: Name,
    role: Annotated[str, typer.Option("--role", help="user, or admin: everything in every space.")] = "user",
    dsn: Dsn = "",
    as_json: Json = False,
) -> None:
    """Make a user, and print their API key: it is kept nowhere."""
    from turnout.services import users

    with _session(dsn) as session:
        made = users.add(session, name=name, role=role)
    _show(made, as_json=as_json)


@app.command("rotate")
def _rotate(name: Name, dsn: Dsn = "", as_json: Json = False) -> None:
    """Give a user another API key; the earlier one and its tokens end at once."""
    from turnout.services import users

    with _session(dsn) as session:
        made = users.rotate(session, name=name)
    _show(made, as_json=as_json)


@app.command("remove")
def _remove(name: Name, dsn: Dsn = "") -> None:
    """Remove a user; what they have made stays."""
    from turnout.services import users

    with _session(dsn) as session:
        users.remove(session, name=name)
    output.print(f"removed: {name}", markup=False)


@app.command("list")
def _list(dsn: Dsn = "", as_json: Json = False) -> None:
    """List the users."""
    from turnout.catalog import users

    with _session(dsn) as session:
        found = [
            {"id": str(user.id), "name": user.name, "role": "admin" if user.admin else "user"}
            for user in users.every(session)
        ]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for user in found:
        output.print(f"{user['role']:6} {user['name']}", markup=False)


def _show(made: NewKey, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(made)))
        return
    output.print(f"user:  {made.name}", markup=False)
    output.print(f"key:   {made.api_key}  (shown once)", markup=False)
