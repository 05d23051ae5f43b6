"""Questions that only code inside a backend can answer: its Python, its packages, its rights."""

from __future__ import annotations

import json
from dataclasses import dataclass

from turnout.install.connection import Connection, value

# Nothing in pg_temp outlives the session. The interpreter's own path is put back after the look.
PROBE = """
create or replace function pg_temp.turnout_probe(path text) returns text language plpython3u as $body$
import json, os, pwd, sys
user = os.geteuid()
# in a namespace, as whom the system sees us
for line in open("/proc/self/uid_map") if os.path.exists("/proc/self/uid_map") else ():
    inside, outside, count = map(int, line.split())
    if inside <= os.geteuid() < inside + count:
        user = outside + os.geteuid() - inside
try:
    user = pwd.getpwuid(user).pw_name
except KeyError:
    pass
found = {"version": "%d.%d.%d" % sys.version_info[:3], "prefix": sys.prefix, "user": str(user)}
before = list(sys.path)
sys.path.extend(each for each in path.split(":") if each and each not in sys.path)
found["path"] = list(sys.path)
try:
    import turnout
    found["turnout"], found["file"] = turnout.__version__, turnout.__file__
    import numpy
    found["interpreted"] = []
    for part in ("turnout.catalog._snapshot", "turnout.runtime._sums"):
        try:
            __import__(part)
        except ImportError as error:
            found["interpreted"].append("%s: %s" % (part, error))
except Exception as error:
    found["problem"] = "%s: %s" % (type(error).__name__, error)
sys.path[:] = before
return json.dumps(found)
$body$
"""

RUN = """
create or replace function pg_temp.turnout_run(python text) returns text language plpython3u as $body$
import json, os, subprocess
code = "import turnout, numpy, sys; print(turnout.__version__, '%d.%d.%d' % sys.version_info[:3])"
try:
    done = subprocess.run(
        [python, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
except Exception as error:
    return json.dumps({"problem": str(error)})
if done.returncode:
    told = done.stderr.strip().splitlines() or ["exit code %d" % done.returncode]
    return json.dumps({"problem": told[-1]})
return json.dumps(dict(zip(("turnout", "version"), done.stdout.split())))
$body$
"""


@dataclass(frozen=True, kw_only=True)
class ServerPython:
    """The Python that the server's PL/Python runs, as seen from inside.

    Attributes
    ----------
    version, prefix, path
        ``sys.version_info``, ``sys.prefix``, and ``sys.path`` with what pgml.path adds.
    user
        The OS user that it runs under.
    turnout, file
        The version and the place of the turnout that can be imported there; None where none can.
    interpreted
        The parts that are not compiled there, each with the reason.
    problem
        Why turnout or what it needs can't be imported; empty if it can.
    """

    version: str
    prefix: str
    path: tuple[str, ...]
    user: str
    turnout: str | None = None
    file: str | None = None
    interpreted: tuple[str, ...] = ()
    problem: str = ""

    @property
    def minor(self) -> str:
        """The version that packages depend on, as "3.11"."""
        return ".".join(self.version.split(".")[:2])


@dataclass(frozen=True, kw_only=True)
class FitPython:
    """What came of running ``pgml.python`` as the server does."""

    version: str = ""
    turnout: str = ""
    problem: str = ""


def server_python(connection: Connection, path: str) -> ServerPython:
    """Ask PL/Python about itself; needs plpython3u and a superuser."""
    connection.execute(PROBE.encode())
    found = json.loads(str(value(connection, "select pg_temp.turnout_probe(%s)", path)))
    lists = {name: tuple(found[name]) for name in ("path", "interpreted") if name in found}
    return ServerPython(**found | lists)


def fit_python(connection: Connection, python: str) -> FitPython:
    """Run an interpreter from inside the backend; needs plpython3u and a superuser."""
    connection.execute(RUN.encode())
    return FitPython(**json.loads(str(value(connection, "select pg_temp.turnout_run(%s)", python))))
