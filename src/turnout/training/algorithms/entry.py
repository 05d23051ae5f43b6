"""What an algorithm is: an estimator for each task, and what its library has to know about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """One entry of the registry.

    Parameters
    ----------
    name
        As SQL says it.
    library
        The module of ``training.libraries`` that checks, builds and exports it.
    estimators
        For each task ``"module:Class"``; imported when it is needed.
    nearest
        Which algorithm to use in place of one that has no way to answer for rows that it wasn't fitted on.
    takes_missing
        Whether it understands NaN.
    double
        Whether it is fitted on float64, because it would lose precision otherwise.
    pairwise
        Whether a prediction compares its row with every training row, so that many rows at once need much memory.
    slows
        Whether a prediction takes the longer the more rows it was fitted on, as one that is pairwise does.
    defaults
        Hyperparameters that stand unless others are given; only those that an estimator has are used.
    ignores
        Hyperparameters that are accepted and left out.
    """

    name: str
    library: str
    estimators: dict[str, str]
    nearest: str = ""
    takes_missing: bool = False
    double: bool = False
    pairwise: bool = False
    slows: bool = False
    defaults: dict[str, Any] = field(default_factory=dict)
    ignores: tuple[str, ...] = ()
