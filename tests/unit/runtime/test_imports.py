"""What a session pays for its first prediction: nothing heavy is imported before a model's format asks for it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.unit.training.jobs import trained

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


@pytest.mark.parametrize("algorithm", ["linear", "random_forest", "xgboost", "lightgbm", "catboost"])
def test_trees_and_linear_models_need_no_array_library(algorithm: str, tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    artifact = tmp_path / "artifact"
    artifact.write_bytes(trained(rows, (rows[:, 0] > 0).astype(int), algorithm=algorithm).artifact)
    script = f"""
import sys; sys.path[:0] = {sys.path!r}
from turnout.runtime.model import Model
model = Model.load(open({str(artifact)!r}, "rb").read())
assert model.predict_array([3.0, 0.0, 0.0]) == 1.0
assert len(model.proba_array([3.0, 0.0, 0.0])) == 2
assert model.predict_many([3.0, 0.0, 0.0, -3.0, 0.0, 0.0]) == [1.0, 0.0]
print(*sys.modules)
"""
    found = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True)
    assert not (FORBIDDEN | {"onnxruntime", algorithm}) & set(found.stdout.split())


def test_asking_for_algorithms_imports_no_library() -> None:
    script = "import sys; from turnout.training import algorithms, executors; algorithms.names(); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"numpy", "sklearn", "xgboost", "lightgbm"} & set(found.stdout.split())
