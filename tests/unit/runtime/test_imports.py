"""What a session pays for its first prediction: nothing heavy is imported before a model's format asks for it."""

import subprocess
import sys

FORBIDDEN = {
    "numpy",
    "dataclasses",
    "enum",
    "typing",
    "re",
    "inspect",
    "json",
    "functools",
    "contextlib",
    "datetime",
    "pandas",
}
PATH = "turnout.runtime.model, turnout.runtime.cache, turnout.runtime.json_reader, turnout.domain.metrics"


def test_prediction_path_imports_little() -> None:
    # without site, which imports some of these itself where packages are installed editable
    script = f"import sys; sys.path[:0] = {sys.path!r}; import {PATH}; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True)
    assert not FORBIDDEN & set(found.stdout.split())


def test_asking_for_algorithms_imports_no_library() -> None:
    script = "import sys; from turnout.training import algorithms, executors; algorithms.names(); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"numpy", "sklearn", "xgboost", "lightgbm"} & set(found.stdout.split())
