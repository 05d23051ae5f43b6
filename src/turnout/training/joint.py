"""Several targets at once: by an estimator that takes them all, or by one for each that answer side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.training.targets import one_by_one

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from turnout.training.libraries import Library

    # an estimator, yet to be fitted, for a target
    Build = Callable[[NDArray[Any]], Any]


class PerTarget:
    """One fitted estimator for each target.

    scikit-learn's own MultiOutputClassifier would clone a single one, and ours are built for their target's classes.
    """

    def __init__(self, estimators: Sequence[Any]) -> None:
        self.estimators = list(estimators)

    def predict(self, rows: Any) -> NDArray[Any]:
        """One number per target."""
        return np.column_stack([estimator.predict(rows) for estimator in self.estimators])

    def predict_proba(self, rows: Any) -> NDArray[Any]:
        """The probabilities of the first target's classes, then of the second's."""
        return np.hstack([estimator.predict_proba(rows) for estimator in self.estimators])


def fitted(
    build: Build, rows: Any, targets: NDArray[Any], names: Sequence[str], takes_several: Callable[[Any], bool]
) -> Any:
    """What is fitted for one target, or for several.

    Parameters
    ----------
    names
        The targets' names; an error in fitting one of several gets its name as a note.
    takes_several
        Whether an estimator is to be fitted on all targets at once.
    """
    columns = one_by_one(targets)
    first = build(columns[0])
    if len(columns) == 1 or takes_several(first):
        return first.fit(rows, targets)
    estimators = []
    for name, column in zip(names, columns, strict=True):
        try:
            estimators.append(build(column).fit(rows, column))
        except Exception as error:
            error.add_note(f'target "{name}"')
            raise
    return PerTarget(estimators)


def importance(library: Library, estimator: Any, rows: NDArray[Any]) -> tuple[str, NDArray[Any]] | None:
    """What each target's estimator says of its inputs, as shares, and the mean of those; none if one says nothing.

    One that takes all targets says most of those whose values are the largest, so it isn't asked.
    """
    if not isinstance(estimator, PerTarget):
        return None
    found = [library.importance(one, rows) for one in estimator.estimators]
    shares = [one[1] / (np.sum(one[1]) or 1.0) for one in found if one is not None]
    return None if found[0] is None or len(shares) < len(found) else (found[0][0], np.mean(shares, axis=0))


def widths(targets: int, classes: Sequence[int]) -> list[int]:
    """How many scores each target has: a number, or one probability per class.

    >>> widths(2, []), widths(2, [2, 3])
    ([1, 1], [2, 3])
    """
    return list(classes) or [1] * targets


def parts(scores: Any, width: Sequence[int]) -> list[Any]:
    """The scores of each target, from those of all.

    >>> [part.tolist() for part in parts(np.array([[5, 6, 7]]), [1, 2])]
    [[[5]], [[6, 7]]]
    """
    return np.split(scores, np.cumsum(width)[:-1].tolist(), axis=1)
