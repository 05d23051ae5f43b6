"""The algorithms by name. Asking for names imports no library."""

from __future__ import annotations

from turnout.errors import NotSupported, UnknownChoice
from turnout.training.algorithms import lightgbm, linear, random_forest, svm, xgboost
from turnout.training.algorithms.entry import Algorithm

_ENTRIES: dict[str, Algorithm] = {
    module.ENTRY.name: module.ENTRY for module in (linear, svm, random_forest, xgboost, lightgbm)
}


def names() -> list[str]:
    """Every algorithm that can be trained."""
    return list(_ENTRIES)


def get(name: str, task: str | None = None) -> Algorithm:
    """The algorithm of that name.

    Raises
    ------
    UnknownChoice
        If there is none.
    NotSupported
        If it isn't made for ``task``.
    """
    entry = _ENTRIES.get(name)
    if entry is None:
        raise UnknownChoice(what="algorithm", value=name, choices=", ".join(_ENTRIES))
    if task is not None and task not in entry.estimators:
        reason = f"it is for {' and '.join(entry.estimators)}"
        raise NotSupported(what=f"algorithm {name} for {task}", reason=reason)
    return entry


__all__ = ["Algorithm", "get", "names"]
