"""``turnout migrate-postgresml``: two connections, one transaction, and the list of what became of each model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from rich.console import Console

from turnout.catalog.over_wire import WireSession
from turnout.install.connection import connect
from turnout.services.migration import ModelReport, ProjectReport, Report, migrate


@dataclass(frozen=True, kw_only=True)
class _Again:
    """Models that stay behind for one reason."""

    reason: str
    models: list[ModelReport]


def run(
    source: str, target: str, *, dry_run: bool = False, tell: Callable[[str], None] = lambda _: None
) -> Report:
    """Carry everything from one database over to another, or nothing.

    Parameters
    ----------
    source, target
        The database with PostgresML's tables, and the one with our extension.
    dry_run
        Write nothing.
    tell
        Called with the name of each project before its turn.

    Raises
    ------
    CannotConnect, CannotMigrate, NotPermitted
        Before anything is written.
    """
    with connect(source) as old, connect(target) as ours:
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        old.read_only = True
        with old.transaction(), ours.transaction():
            return migrate(WireSession(old), WireSession(ours), dry_run=dry_run, tell=tell)


def show(report: Report, output: Console) -> None:
    """Print what was carried over, what is history only, and the statements that train again."""
    for project in report.projects:
        _project(project, output)
    models = [model for project in report.projects for model in project.models]
    carried = sum(model.outcome == "carried" for model in models)
    done = "would be carried over" if report.dry_run else "carried over"
    projects = sum(project.outcome == "carried" for project in report.projects)
    _line(output, f"{done}: {projects} projects, {carried} of {len(models)} models with their artifacts")
    if report.dry_run:
        _line(output, "nothing was written")


def _project(project: ProjectReport, output: Console) -> None:
    output.print(f"{project.name} ({project.task})", style="bold", markup=False)
    if project.outcome != "carried":
        _line(output, f"  {project.outcome}: {project.reason}")
        return
    for model in project.models:
        if model.outcome == "carried":
            now = "" if model.new_id is None else f", now model {model.new_id}"
            how = "answers as on the old server" if model.compared else "loaded and asked here"
            _line(output, f"  carried: model {model.id} ({model.algorithm}){now}; {how}")
    for again in _again(project):
        names = ", ".join(f"{model.id} ({model.algorithm or 'not known here'})" for model in again.models)
        _line(output, f"  history only: model {names}: {again.reason}")
    for model in project.models:
        if model.retrain:
            _line(output, f"    to train model {model.id} again: {model.retrain}")
    _live(project, output)


def _again(project: ProjectReport) -> list[_Again]:
    found: dict[str, list[ModelReport]] = {}
    for model in project.models:
        if model.outcome != "carried":
            found.setdefault(model.reason, []).append(model)
    return [_Again(reason=reason, models=models) for reason, models in found.items()]


def _live(project: ProjectReport, output: Console) -> None:
    if project.live is None:
        _line(output, "  nothing was deployed")
    elif project.answers:
        _line(output, f"  {project.deployments} deployments; model {project.live} is live, as it was")
    else:
        _line(
            output,
            f"  {project.deployments} deployments; nothing is live, since model {project.live} stayed behind",
        )
        _line(output, f"    to deploy what is trained again: {project.deploy}")


def _line(output: Console, text: str) -> None:
    output.print(text, markup=False)
