"""The command ``turnout``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from typing import Annotated

import psycopg
import typer
from rich.console import Console

from turnout import __version__, errors
from turnout.demo import show
from turnout.doctor import Check, examine, examine_embedded
from turnout.embedded import Home
from turnout.embedded.service import Status, down, psql_environment, status, up
from turnout.install import install, install_catalog

app = typer.Typer(
    help="Train models where the data lives, in PostgreSQL.",
    no_args_is_help=True,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
output = Console(highlight=False, soft_wrap=True)
messages = Console(stderr=True, highlight=False, soft_wrap=True)

NOT_RUNNING = 3
COLOURS = {"ok": "green", "failed": "red", "unknown": "yellow"}
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        print(f"turnout {__version__}")
        raise typer.Exit


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
    program = str(home.cluster().programs / "psql")
    os.execve(program, [program, *(arguments or [])], psql_environment(home, os.environ))  # noqa: S606


@app.command("demo")
def _demo() -> None:
    """Train, deploy and roll back models of handwritten digits."""
    show(Home(), output, messages)


@app.command("install")
def _install(
    dsn: Annotated[str, typer.Option("--dsn", help="A PostgreSQL 15 to 18, as a superuser.")],
    without_plpython: Annotated[
        bool, typer.Option("--without-plpython", help="The catalog alone, for a server without PL/Python.")
    ] = False,
) -> None:
    """Put the extension into a database of an existing PostgreSQL."""
    if without_plpython:
        with messages.status("installing the catalog"):
            done = install_catalog(dsn)
        output.print(f"catalog {done.version} installed", markup=False)
        return
    with messages.status("installing"):
        done = install(dsn, tell=lambda step: output.print(step, markup=False))
        checks = examine(dsn)
    output.print(f"to let the database's owner choose its settings: {done.grant};", markup=False)
    _report([check for check in checks if check.state != "ok"])


@app.command("doctor")
def _doctor(
    dsn: Annotated[str, typer.Option("--dsn", help="A server; by default the embedded one.")] = "",
    as_json: Json = False,
) -> None:
    """Say what a server has, what it lacks, and how to mend that; exit code 1 when something does."""
    with messages.status("looking"):
        checks = examine(dsn) if dsn else examine_embedded(Home())
    if as_json:
        print(json.dumps([asdict(check) for check in checks], indent=2))
        raise typer.Exit(int(any(check.state == "failed" for check in checks)))
    _report(checks)


@app.command("migrate-postgresml")
def _migrate(
    source: Annotated[str, typer.Option("--from", help="The database that PostgresML is in.")],
    target: Annotated[str, typer.Option("--to", help="Where to; by default the embedded server.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing, say what would be done.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Carry projects, models and deployments over from PostgresML, and list what must be trained again."""
    # the libraries take their time to be imported, and no other command needs them
    from turnout import migrate

    with messages.status("migrating") as spinner:
        report = migrate.run(
            source,
            target or _embedded_dsn(),
            dry_run=dry_run,
            tell=lambda project: spinner.update(f"migrating {project}"),
        )
    if as_json:
        print(json.dumps(asdict(report), indent=2))
    else:
        migrate.show(report, output)


def _embedded_dsn() -> str:
    home = Home()
    if not home.running:
        raise errors.ServerNotRunning(home=home.path)
    return home.dsn()


def _report(checks: list[Check]) -> None:
    for check in checks:
        output.print(f"{check.state:8}", style=COLOURS[check.state], end="")
        output.print(f"{check.name}: {check.found}".replace("\n", "\n" + " " * 8), markup=False)
        if check.mend:
            output.print(f"{'':8}to mend: {check.mend}", markup=False)
    if any(check.state == "failed" for check in checks):
        raise typer.Exit(1)


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
    except (OSError, psycopg.Error, subprocess.SubprocessError) as error:
        messages.print(f"error: {' '.join(str(error).split())}", markup=False, style="red")
        sys.exit(1)
