"""scikit-learn's six small sets, as tables: read in a process of its own, for a backend would keep the library."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from turnout.errors import FitProcessMissing
from turnout.training.interpreters import environment

NAMES = ("breast_cancer", "diabetes", "digits", "iris", "linnerud", "wine")
# how the columns are called where scikit-learn's own names are none for SQL
_COLUMNS = {
    "iris": ["sepal_length", "sepal_width", "petal_length", "petal_width"],
    "linnerud": ["chins", "situps", "jumps", "weight", "waist", "pulse"],
}
_POLL_SECONDS = 0.05


def fetch(python: str, name: str, interrupts: Callable[[], None]) -> dict[str, Any]:
    """A set as ``{"columns": [[name, type], ...], "rows": [[value, ...], ...]}``.

    Parameters
    ----------
    python
        The interpreter of the process that reads it.
    interrupts
        Called while waiting; what it raises ends the process.
    """
    command = [python, "-P", "-m", __spec__.name, name]
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    except OSError as error:
        raise FitProcessMissing(python=python, reason=error) from error
    try:
        while True:
            try:
                out, err = process.communicate(timeout=_POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                interrupts()
    except BaseException:
        process.kill()
        process.communicate()
        raise
    if process.returncode:
        reason = err.decode(errors="replace").strip().splitlines() or [f"exit status {process.returncode}"]
        raise FitProcessMissing(python=python, reason=reason[-1])
    found: dict[str, Any] = json.loads(out)
    return found


def read(name: str) -> dict[str, Any]:
    """A set, read with scikit-learn."""
    from sklearn import datasets

    data = getattr(datasets, f"load_{name}")()
    if name == "digits":
        columns = [["image", "smallint[]"], ["target", "smallint"]]
        rows = [
            [[int(pixel) for pixel in row], int(digit)]
            for row, digit in zip(data.data, data.target, strict=True)
        ]
    elif name == "linnerud":
        columns = [[column, "real"] for column in _COLUMNS[name]]
        rows = [[*x, *y] for x, y in zip(data.data.tolist(), data.target.tolist(), strict=True)]
    else:
        names = _COLUMNS.get(name) or list(data.feature_names)
        target, kind, convert = _target(name)
        columns = [*([column, "real"] for column in names), [target, kind]]
        rows = [[*x, convert(y)] for x, y in zip(data.data.tolist(), data.target.tolist(), strict=True)]
    return {"columns": columns, "rows": rows}


def _target(name: str) -> tuple[str, str, Callable[[Any], Any]]:
    if name == "breast_cancer":
        # scikit-learn's class 0 is the malignant one
        return "malignant", "boolean", lambda y: y == 0
    if name == "diabetes":
        return "target", "real", float
    return "target", "integer", int


if __name__ == "__main__":
    json.dump(read(sys.argv[1]), sys.stdout)
