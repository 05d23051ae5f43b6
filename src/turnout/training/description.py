"""What a job is told before the rows come: the task, the algorithm, the columns, the split."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Self

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
class Reading:
    """What is read of a relation, for which task, and how its rows are to be split and prepared."""

    relation: str
    task: Task
    fields: tuple[Field, ...]
    targets: tuple[Field, ...]
    sampling: str
    seed: int
    test_size: float
    preprocess: dict[str, Any]

    @property
    def classifies(self) -> bool:
        """Whether the answer is a class."""
        return self.task == "classification"

    @classmethod
    def read(cls, given: dict[str, Any]) -> Self:
        """The description in a job's header."""
        return cls(**cls._details(given))

    @classmethod
    def _details(cls, given: dict[str, Any]) -> dict[str, Any]:
        split = given["split"]
        return {
            "relation": given["relation"],
            "task": given["task"],
            "fields": tuple(map(Field.read, given["fields"])),
            "targets": tuple(map(Field.read, given["targets"])),
            "sampling": split["sampling"],
            "seed": int(split["seed"]),
            "test_size": float(split["test_size"]),
            "preprocess": given.get("preprocess") or {},
        }


@dataclass(frozen=True, kw_only=True)
class Description(Reading):
    """One fit, as the backend asks for it."""

    algorithm: str
    hyperparams: dict[str, Any]
    key_metric: str
    search: str | None = None
    search_params: dict[str, Any] = field(default_factory=dict)
    search_args: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def _details(cls, given: dict[str, Any]) -> dict[str, Any]:
        return super()._details(given) | {
            "algorithm": given["algorithm"],
            "hyperparams": given.get("hyperparams") or {},
            "key_metric": given.get("key_metric") or key_metric(given["task"]).name,
            "search": given.get("search"),
            "search_params": given.get("search_params") or {},
            "search_args": given.get("search_args") or {},
        }
