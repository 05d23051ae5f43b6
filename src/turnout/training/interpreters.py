"""Which Python runs a fit, and where it finds what this process has found."""

from __future__ import annotations

import os
import sys

_WANTED = ("turnout", "numpy", "sklearn")


def own_interpreter() -> str:
    """The interpreter of this process; inside a backend, the one of the Python that the server is linked with.

    There ``sys.executable`` is the first ``python3`` on the path, or nothing.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    likely = [sys.executable, *(os.path.join(base, "bin", version) for base in (sys.prefix, sys.base_prefix))]
    if not os.path.basename(sys.executable or "").startswith("python"):
        likely = likely[1:]
    return next((path for path in likely if path and os.access(path, os.X_OK)), "python3")


def python_path() -> str:
    """For ``PYTHONPATH``: the entries of ``sys.path`` that hold Turnout and what it needs, then what was given."""
    found = [entry for entry in sys.path if entry and any(map(os.path.isdir, _places(entry)))]
    given = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    return os.pathsep.join(dict.fromkeys([*found, *given]))


def environment() -> dict[str, str]:
    """Ours, with the way to our packages.

    OpenMP's threads are to sleep while they wait: they share the machine with a database, and where they don't get
    a core at once, spinning ones make a fit ten times slower. GNU's spin for some microseconds before, since going to
    sleep between steps as short as those of histograms costs a tenth of a fit.
    """
    waiting = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "1000"}
    # whoever says how threads are to wait has said all of it
    chosen = {} if waiting.keys() & os.environ.keys() else waiting
    return {**chosen, **os.environ, "PYTHONPATH": python_path()}


def _places(entry: str) -> list[str]:
    return [os.path.join(entry, name) for name in _WANTED]
