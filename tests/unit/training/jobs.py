"""Jobs for tests: columns as the backend sends them, and fits in this process."""

import json
from itertools import pairwise
from typing import Any

import numpy as np

from turnout.domain.choices import UNSUPERVISED
from turnout.domain.metrics import key_metric
from turnout.training.fit import Fit
from turnout.training.job import Job

WIRE = {"float4": ">f4", "float8": ">f8", "int8": ">i8", "bool": ">i8", "date": ">i4", "timestamp": ">i8"}


def column(kind: str, values: Any) -> bytes:
    """One column's buffer."""
    if kind == "text":
        return json.dumps(list(values)).encode()
    return np.asarray(values).astype(WIRE[kind]).tobytes()


def chunk(fields: list[dict[str, Any]], columns: list[Any]) -> tuple[dict[str, Any], bytes]:
    """A frame of rows."""
    buffers = [column(field["kind"], values) for field, values in zip(fields, columns, strict=True)]
    header = {"count": len(columns[-1]), "lengths": [len(buffer) for buffer in buffers]}
    return header, b"".join(buffers)


def described(
    fields: list[dict[str, Any]],
    *,
    target: dict[str, Any] | None = None,
    targets: list[dict[str, Any]] | None = None,
    task: str = "classification",
    algorithm: str = "linear",
    hyperparams: dict[str, Any] | None = None,
    preprocess: dict[str, Any] | None = None,
    sampling: str = "stratified",
    seed: int = 1,
    test_size: float = 0.25,
) -> dict[str, Any]:
    """The header of a fit."""
    default = (
        {"kind": "int8", "type": "int4"} if task == "classification" else {"kind": "float8", "type": "float8"}
    )
    return {
        "do": "fit",
        "relation": "public.t",
        "task": task,
        "algorithm": algorithm,
        "hyperparams": hyperparams or {},
        "fields": fields,
        "targets": [] if task in UNSUPERVISED else targets or [{"name": "target", **(target or default)}],
        "split": {"sampling": sampling, "seed": seed, "test_size": test_size},
        "preprocess": preprocess or {},
        "key_metric": key_metric(task).name,
    }


def floats(count: int) -> list[dict[str, Any]]:
    """Fields c0, c1, ..."""
    return [{"name": f"c{i}", "type": "float4", "size": None, "kind": "float4"} for i in range(count)]


def job(fields: list[dict[str, Any]], columns: list[Any], goal: Any, *, chunks: int = 2, **given: Any) -> Job:
    """A job that has its rows; where there are several targets, the goal is a list of columns."""
    header = described(fields, **given)
    made = Job(header)
    goals = goal if len(header["targets"]) > 1 else [goal]
    bounds = np.linspace(0, len(goals[0]), chunks + 1).astype(int).tolist()
    for start, end in pairwise(bounds):
        wanted = [*columns, *goals] if header["targets"] else columns
        part = [values[start:end] for values in wanted]
        made.rows(*chunk([*fields, *header["targets"]], part))
    return made


def trained(rows: Any, goal: Any, **given: Any) -> Fit:
    """A fit on a matrix."""
    rows = np.asarray(rows)
    return job(floats(rows.shape[1]), list(rows.T), goal, **given).fit()
