"""The OS account that PostgreSQL's programs run under, since they refuse to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from turnout import server_errors

USERS = ("postgres", "nobody")


@dataclass(frozen=True, kw_only=True)
class Account:
    """How a server program is started, and who owns its files as seen from here.

    Attributes
    ----------
    prefix
        What stands before a command: empty, or the program that leaves root behind and executes the rest.
    uid, gid
        The owner of the files that such a command makes.
    """

    prefix: tuple[str, ...] = ()
    uid: int
    gid: int

    def own(self, *paths: Path) -> None:
        """Give those of ``paths`` that are another's, and all below them, to this account."""
        for path in paths:
            if os.geteuid() == 0 and path.stat().st_uid != self.uid:
                for each in (path, *path.rglob("*")):
                    os.chown(each, self.uid, self.gid, follow_symlinks=False)


def ourselves() -> Account:
    """The account of this very process."""
    return Account(uid=os.geteuid(), gid=os.getegid())


@cache
def server_account(user: str = "", *places: Path) -> Account:
    """The account that the server runs under.

    Parameters
    ----------
    user
        Root only: run the server as this OS user rather than as whatever works.
    places
        The directories that it must be able to enter.

    Raises
    ------
    EmbeddedUnavailable
        We are root, and no other account can run the interpreter that runs us and enter the places.
    """
    if os.geteuid() != 0:
        return ourselves()
    for account in _as_user(user) if user else _candidates():
        if _can_serve(account, places):
            return account
    needed = ", ".join(str(place) for place in (sys.executable, *places))
    raise server_errors.EmbeddedUnavailable(
        reason=f"PostgreSQL does not run as root, and {user or 'no other account'} can not use {needed}",
        hint="run turnout as an ordinary user, or have these readable by others: TURNOUT_HOME and "
        "XDG_CACHE_HOME choose other directories",
    )


def _candidates() -> Iterator[Account]:
    if shutil.which("unshare"):
        # Another user id in a namespace of its own: the files stay root's, and stay readable below /root.
        prefix = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
        yield Account(prefix=prefix, uid=os.geteuid(), gid=os.getegid())
    for name in USERS:
        yield from _as_user(name)


def _as_user(name: str) -> Iterator[Account]:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return
    change = ("setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups")
    # A container's root may not make namespaces, but may pass on the right to read what is below /root.
    # The bit is for access(), which else asks without that right.
    keep = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup")
    for prefix in ((*change, *keep), change):
        yield Account(prefix=prefix, uid=entry.pw_uid, gid=entry.pw_gid)


def _can_serve(account: Account, places: tuple[Path, ...]) -> bool:
    code = (
        "import os, sys; sys.exit(os.geteuid() == 0 or not all(os.access(p, os.X_OK) for p in sys.argv[1:]))"
    )
    command = [*account.prefix, sys.executable, "-I", "-c", code, *map(str, places)]
    try:
        done = subprocess.run(command, capture_output=True, cwd="/", check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
