"""What a server needs, what it has, and how to mend the difference."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import psycopg

from turnout import __version__, server_errors
from turnout.embedded import Home, interpreter
from turnout.install import database, packages, probe
from turnout.install.connection import Connection, connect, value, where
from turnout.install.service import NEWEST, OLDEST

PYTHONS = ("3.11", "3.12", "3.13")

State = Literal["ok", "failed", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    name
        What it is, in a word or two.
    state
        "unknown" where it could not be looked at.
    found
        What was seen.
    mend
        What to do about it; empty when all is well.
    """

    name: str
    state: State
    found: str
    mend: str = ""


def examine(dsn: str) -> list[Check]:
    """Look at the server and the database of ``dsn``."""
    return list(_server(dsn))


def examine_embedded(home: Home) -> list[Check]:
    """Look at the embedded server."""
    try:
        interpreter.server_environment(home.installation)
    except server_errors.EmbeddedUnavailable as error:
        return [Check(name="embedded", state="failed", found=error.message, mend=error.advice)]
    if not home.running:
        missing = server_errors.ServerNotRunning(home=home.path)
        return [Check(name="embedded", state="failed", found=missing.message, mend=missing.advice)]
    found = f"PostgreSQL in {home.path}, programs in {home.installation}"
    return [Check(name="embedded", state="ok", found=found), *_server(home.dsn())]


def _server(dsn: str) -> Iterator[Check]:
    try:
        connection = connect(dsn)
    except server_errors.CannotConnect as error:
        yield Check(
            name="server", state="failed", found=error.message, mend="check --dsn, and that the server runs"
        )
        return
    with connection:
        yield Check(name="server", state="ok", found=f"answers at {where(dsn)}")
        yield _version(connection)
        yield _extension(connection)
        yield _language(connection)
        try:
            # Nothing of the looking stays: not even the language, where it had to be created for it.
            with connection.transaction(force_rollback=True):
                yield from _inside(connection)
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            mend = "the server's log may say more"
            yield Check(name="PL/Python", state="failed", found=reason, mend=mend)


def _version(connection: Connection) -> Check:
    found = f"PostgreSQL {value(connection, 'show server_version')}"
    if OLDEST <= connection.info.server_version // 10000 <= NEWEST:
        return Check(name="version", state="ok", found=found)
    return Check(name="version", state="failed", found=found, mend=f"use PostgreSQL {OLDEST} to {NEWEST}")


def _extension(connection: Connection) -> Check:
    found, name = database.installed(connection), connection.info.dbname
    if found is None:
        mend = "`turnout install --dsn ...`, or `create extension pgml` where the server has its files"
        return Check(name="extension", state="failed", found=f"pgml is not in database {name}", mend=mend)
    if found != __version__:
        seen = f"pgml {found} in database {name}, and this is turnout {__version__}"
        return Check(name="extension", state="failed", found=seen, mend="`turnout install --dsn ...` again")
    return Check(name="extension", state="ok", found=f"pgml {found} in database {name}")


def _language(connection: Connection) -> Check:
    query = "select installed_version from pg_available_extensions where name = 'plpython3u'"
    row = connection.execute(query.encode()).fetchone()
    if row is None:
        major = connection.info.server_version // 10000
        mend = f"on Debian and Ubuntu: apt-get install postgresql-plpython3-{major}"
        return Check(name="PL/Python", state="failed", found="the server has none", mend=mend)
    if row[0] is None:
        found, mend = f"available, not in database {connection.info.dbname}", "create extension plpython3u"
        return Check(name="PL/Python", state="failed", found=found, mend=mend)
    return Check(name="PL/Python", state="ok", found=f"plpython3u {row[0]}")


def _inside(connection: Connection) -> Iterator[Check]:
    if value(connection, "select 1 from pg_available_extensions where name = 'plpython3u'") is None:
        return
    if value(connection, "select current_setting('is_superuser')") != "on":
        found = f"only a superuser can ask PL/Python about itself, and {connection.info.user} is none"
        yield Check(name="Python", state="unknown", found=found, mend="run this with a superuser's --dsn")
        return
    database.create_language(connection)
    python = probe.server_python(connection, packages.setting(connection, "pgml.path"))
    yield _python(python)
    yield _packages(python)
    if not python.problem:
        yield _compiled(python)
    yield _fit(connection, python)


def _python(python: probe.ServerPython) -> Check:
    looks = "".join(f"\n  {place}" for place in python.path)
    found = (
        f"PL/Python is linked with Python {python.version} of {python.prefix}, run by user {python.user}; "
        f"it looks for packages in{looks}"
    )
    if python.minor in PYTHONS:
        return Check(name="Python", state="ok", found=found)
    mend = f"use a PL/Python that is linked with Python {', '.join(PYTHONS[:-1])} or {PYTHONS[-1]}"
    return Check(name="Python", state="failed", found=found, mend=mend)


def _packages(python: probe.ServerPython) -> Check:
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    if python.problem:
        mend = f"`turnout install --dsn ...` by a turnout on Python {python.minor} which {python.user} reads"
        if python.minor == ours:
            mend += f"; this one is in {interpreter.package_path()[0]}"
        found = f"turnout cannot be imported there ({python.problem})"
        return Check(name="packages", state="failed", found=found, mend=mend)
    found = f"turnout {python.turnout} can be imported there, from {python.file}"
    if python.turnout != __version__:
        mend = f"`turnout install --dsn ...` sets pgml.path to this one, which is {__version__}"
        return Check(name="packages", state="failed", found=found, mend=mend)
    return Check(name="packages", state="ok", found=found)


def _compiled(python: probe.ServerPython) -> Check:
    """Without these all is right, and slower."""
    if not python.interpreted:
        found = "snapshots are compared, and trees walked, by compiled code"
        return Check(name="compiled", state="ok", found=found)
    mend = "predictions take longer without; install a C compiler, and turnout again"
    return Check(name="compiled", state="failed", found="; ".join(python.interpreted), mend=mend)


def _fit(connection: Connection, python: probe.ServerPython) -> Check:
    program = packages.setting(connection, "pgml.python")
    if not program:
        mend = "`turnout install --dsn ...` sets it to the interpreter that runs turnout"
        return Check(name="pgml.python", state="failed", found="not set for this database", mend=mend)
    ran = probe.fit_python(connection, program)
    if ran.problem:
        found = f"{program} cannot train when user {python.user} runs it ({ran.problem})"
        mend = f"set pgml.python to an interpreter that {python.user} can run and that has turnout installed"
        return Check(name="pgml.python", state="failed", found=found, mend=mend)
    found = f"{program} is Python {ran.version} with turnout {ran.turnout}"
    if ran.turnout != python.turnout:
        mend = f"it must have the turnout that the server imports, {python.turnout}"
        return Check(name="pgml.python", state="failed", found=found, mend=mend)
    return Check(name="pgml.python", state="ok", found=found)
