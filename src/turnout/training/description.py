"""What a fit is told before the rows come: the task, the algorithm, the columns, the split."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from turnout.domain.metrics import key_metric

Kind = Literal["float4", "float8", "int8", "bool", "date", "timestamp", "text"]
Task = Literal["regression", "classification", "clustering", "decomposition"]


@dataclass(frozen=True, kw_only=True)
class Field:
    """A column of the relation.

    Parameters
    ----------
    name, type
        As PostgreSQL calls them.
    kind
        How its values travel: big-endian numbers, days or microseconds since 2000, or a JSON array of texts.
    size
        Elements of a fixed-length array; none for a single value.
    """

    name: str
    type: str
    kind: Kind
    size: int | None = None

    @property
    def width(self) -> int:
        """Numbers per row."""
        return self.size or 1

    @classmethod
    def read(cls, given: dict[str, Any]) -> Field:
        """The field that a job's header describes."""
        return cls(name=given["name"], type=given["type"], kind=given["kind"], size=given.get("size"))


@dataclass(frozen=True, kw_only=True)
class Description:
    """One fit, as the backend asks for it."""

    relation: str
    task: Task
    algorithm: str
    hyperparams: dict[str, Any]
    fields: tuple[Field, ...]
    targets: tuple[Field, ...]
    sampling: str
    seed: int
    test_size: float
    preprocess: dict[str, Any]
    key_metric: str
    search: str | None = None
    search_params: dict[str, Any] = field(default_factory=dict)
    search_args: dict[str, Any] = field(default_factory=dict)

    @property
    def classifies(self) -> bool:
        """Whether the answer is a class."""
        return self.task == "classification"

    @classmethod
    def read(cls, given: dict[str, Any]) -> Description:
        """The description in a job's header."""
        split = given["split"]
        return cls(
            relation=given["relation"],
            task=given["task"],
            algorithm=given["algorithm"],
            hyperparams=given.get("hyperparams") or {},
            fields=tuple(map(Field.read, given["fields"])),
            targets=tuple(map(Field.read, given["targets"])),
            sampling=split["sampling"],
            seed=int(split["seed"]),
            test_size=float(split["test_size"]),
            preprocess=given.get("preprocess") or {},
            key_metric=given.get("key_metric") or key_metric(given["task"]).name,
            search=given.get("search"),
            search_params=given.get("search_params") or {},
            search_args=given.get("search_args") or {},
        )
