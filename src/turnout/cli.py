"""The command ``turnout``."""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated

import typer
from rich.console import Console

from turnout import errors
from turnout.embedded import DATABASE, Home
from turnout.embedded.service import Status, down, status, up

app = typer.Typer(
    help="Train models where the data lives, in PostgreSQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
output = Console(highlight=False, soft_wrap=True)
messages = Console(stderr=True, highlight=False, soft_wrap=True)

NOT_RUNNING = 3
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("up")
def _up() -> None:
    """Start the embedded PostgreSQL; the first time, set it up."""
    with messages.status("starting PostgreSQL"):
        found = up(Home())
    _tell(found)


@app.command("down")
def _down() -> None:
    """Stop the embedded PostgreSQL."""
    home = Home()
    stopped = down(home)
    output.print(f"stopped: {home.path}" if stopped else f"not running: {home.path}", markup=False)


@app.command("status")
def _status(as_json: Json = False) -> None:
    """Say whether the embedded PostgreSQL runs, and how to connect; exit code 3 when it doesn't."""
    found = status(Home())
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        _tell(found)
    if not found["running"]:
        raise typer.Exit(NOT_RUNNING)


@app.command(
    "psql",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    add_help_option=False,
)
def _psql(
    arguments: Annotated[list[str] | None, typer.Argument(help="psql's own arguments.")] = None,
) -> None:
    """Open psql on the embedded PostgreSQL."""
    home = Home()
    if not home.running:
        raise errors.ServerNotRunning(home=home.path)
    server = home.cluster()
    program = str(server.programs / "psql")
    # As defaults in the environment, so that -d, -U or a dsn among the arguments win.
    connection = {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGUSER": server.user,
        "PGPASSWORD": server.password,
        "PGDATABASE": DATABASE,
        "LD_LIBRARY_PATH": server.environment["LD_LIBRARY_PATH"],
    }
    os.execve(program, [program, *(arguments or [])], {**os.environ, **connection})  # noqa: S606


def _tell(found: Status) -> None:
    word = f"running: PostgreSQL {found['version']}" if found["running"] else "not running"
    output.print(word, markup=False)
    for name in ("dsn", "home", "data", "log"):
        if found[name]:
            output.print(f"{name + ':':5} {found[name]}", markup=False)


def main() -> None:
    """Run the command; an error of ours is one line and, where there is one, a hint."""
    try:
        app()
    except errors.TurnoutError as error:
        messages.print(f"error: {error.message}", markup=False, style="red")
        if error.advice:
            messages.print(f"hint: {error.advice}", markup=False)
        sys.exit(1)
