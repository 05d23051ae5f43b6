"""The demo: five models of handwritten digits, trained, deployed and rolled back in PostgreSQL."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from importlib.resources import files

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from turnout.demo.script import Step, steps
from turnout.demo.session import PsqlSession
from turnout.embedded import DATABASE, Home
from turnout.embedded.service import psql_environment, up


def show(home: Home, output: Console, messages: Console) -> None:
    """Run the demo on the embedded server, started first where it doesn't run.

    Parameters
    ----------
    output
        Gets the statements and their results.
    messages
        Gets the progress, where it is a terminal.
    """
    with messages.status("starting PostgreSQL"):
        up(home)
    script = steps(files("turnout.demo").joinpath("digits.sql").read_text(encoding="utf-8"))
    psql = str(home.cluster().programs / "psql")
    with PsqlSession([psql], psql_environment(home, os.environ)) as session:
        for step in script:
            _show(step, session, output, messages)
    output.print("The server goes on running. To look around, or to stop it:", style="bold")
    output.print(f"  {_command()} psql\n  {_command()} down", markup=False)
    output.print(f"With another client: {home.cluster().dsn(DATABASE)}", markup=False)


def _command() -> str:
    """How to call this very program with this very home."""
    program = "turnout" if shutil.which("turnout") == sys.argv[0] else os.path.relpath(sys.argv[0])
    home = os.environ.get("TURNOUT_HOME")
    return f"TURNOUT_HOME={shlex.quote(home)} {program}" if home else program


def _show(step: Step, session: PsqlSession, output: Console, messages: Console) -> None:
    if step.story:
        output.print(f"-- {step.story}", style="bold cyan", markup=False)
    output.print(step.statement, style="bold", markup=False)
    began = time.monotonic()
    with _progress(messages) as progress:
        progress.add_task(step.statement.splitlines()[0])
        result = session.run(step.statement)
    output.print(result.rstrip("\n"), markup=False)
    took = time.monotonic() - began
    output.print(f"Time: {took:.1f} s\n" if took > 1 else "", style="dim")


def _progress(messages: Console) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    return Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal)
