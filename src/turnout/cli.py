"""The command ``turnout``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console

from turnout import __version__, errors, server_errors, user_commands
from turnout.config import Settings
from turnout.demo import show
from turnout.doctor import Check, examine, examine_embedded
from turnout.embedded import Home
from turnout.embedded.service import down, psql_environment, status, up
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
app.add_typer(user_commands.app, name="user")
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
    """Start the embedded PostgreSQL and the HTTP service; the first time, set them up."""
    # the web framework takes its time to be imported, and most commands don't need it
    from turnout.http import background, setup

    home = Home()
    with messages.status("starting PostgreSQL") as spinner:
        found = up(home)
        spinner.update("starting the HTTP service")
        made = setup.prepare(home.conninfo())
        with home.lock():
            background.start(home)
    _tell({**found, **_service(home)})
    if made is not None:
        _show_key(made.name, made.api_key)


@app.command("down")
def _down() -> None:
    """Stop the HTTP service and the embedded PostgreSQL."""
    from turnout.http import background

    home = Home()
    with home.lock():
        background.stop(home)
    stopped = down(home)
    output.print(f"stopped: {home.path}" if stopped else f"not running: {home.path}", markup=False)


@app.command("status")
def _status(as_json: Json = False) -> None:
    """Say whether the embedded PostgreSQL runs, and how to connect; exit code 3 when it doesn't."""
    home = Home()
    found = {**status(home), **_service(home)}
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


@app.command("serve")
def _serve(  # noqa: PLR0917  the options of the command
    dsn: Annotated[str, typer.Option("--dsn", help="A PostgreSQL 15 to 18 that has Turnout.")],
    workers: Annotated[int, typer.Option("--workers", min=1, max=256, help="Processes that answer.")] = 2,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    http_port: Annotated[int, typer.Option("--http-port", min=0, max=65535, help="0: any free one.")] = 8080,
    https_port: Annotated[
        int, typer.Option("--https-port", min=0, max=65535, help="0: any free one.")
    ] = 8443,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="A PEM file; by default one is made.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="The certificate's key, a PEM file.")] = None,
    as_json: Json = False,
) -> None:
    """Run the HTTP service alone, against any PostgreSQL that has Turnout, until it is told to end."""
    from turnout.http import certificate as certificates
    from turnout.http import setup
    from turnout.http.options import Options
    from turnout.http.supervisor import Supervisor

    settings = Settings.from_environment()
    if (certificate is None) != (key is None):
        raise errors.MissingArgument(
            argument="--key" if key is None else "--certificate", reason="the two belong together"
        )
    if certificate is None or key is None:
        certificate, key = certificates.ensure(Home().path / "tls")
    made = setup.prepare(dsn)
    supervisor = Supervisor(
        Options(
            dsn=dsn,
            host=host,
            http_port=http_port,
            https_port=https_port,
            workers=workers,
            certificate=str(certificate),
            key=str(key),
            replacement_seconds=settings.replacement_seconds,
            max_body=int(settings.max_body_mb * 2**20),
            max_upload=int(settings.upload_mb * 2**20),
        )
    )
    plain, secure = supervisor.listen()
    found = {"http": plain, "https": secure, "certificate": str(certificate)}

    def ready() -> None:
        if as_json:
            print(json.dumps({**found, **(asdict(made) if made else {})}), flush=True)
            return
        for name, text in found.items():
            output.print(f"{name + ':':6} {text}", markup=False)
        if made is not None:
            _show_key(made.name, made.api_key)

    supervisor.run(ready)


def _embedded_dsn() -> str:
    home = Home()
    if not home.running:
        raise server_errors.ServerNotRunning(home=home.path)
    return home.dsn()


def _report(checks: list[Check]) -> None:
    for check in checks:
        output.print(f"{check.state:8}", style=COLOURS[check.state], end="")
        output.print(f"{check.name}: {check.found}".replace("\n", "\n" + " " * 8), markup=False)
        if check.mend:
            output.print(f"{'':8}to mend: {check.mend}", markup=False)
    if any(check.state == "failed" for check in checks):
        raise typer.Exit(1)


def _service(home: Home) -> dict[str, str | None]:
    """Where the home's HTTP service is, if it runs."""
    from turnout.http import background

    found = background.of(home)
    return {
        "http": found.http if found else None,
        "https": found.https if found else None,
        "certificate": found.certificate if found else None,
    }


def _show_key(name: str, key: str) -> None:
    output.print(f"user:  {name}", markup=False)
    output.print(f"key:   {key}  (shown once)", markup=False)


def _tell(found: Mapping[str, Any]) -> None:
    word = f"running: PostgreSQL {found['version']}" if found["running"] else "not running"
    output.print(word, markup=False)
    for name in ("dsn", "http", "https", "certificate", "home", "data", "log"):
        if found[name]:
            output.print(f"{name + ':':6} {found[name]}", markup=False)


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
