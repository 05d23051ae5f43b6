"""A dataset divided: training and test part, and the classes that a model can learn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.errors import UnusableData
from turnout.training import classes
from turnout.training.classes import Classes
from turnout.training.parts import Part, divide
from turnout.training.split import Split, draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from turnout.training.dataset import Dataset
    from turnout.training.description import Description


@dataclass(frozen=True, kw_only=True)
class Division:
    """What a fit works with.

    Parameters
    ----------
    train, test
        Raw features; targets as numbers, or as indexes into ``every``.
    known
        The classes that training rows have; none for a regression.
    every
        Those, and after them the classes that only test rows have.
    """

    train: Part
    test: Part
    split: Split
    known: Classes | None = None
    every: Classes | None = None


def divided(description: Description, dataset: Dataset) -> Division:
    """Draw the split; uses the dataset up.

    Raises
    ------
    UnusableData
        If there are no rows, infinite values, or fewer than two classes to learn.
    """
    _check_features(description, dataset)
    target, hashes = np.concatenate(dataset.targets), np.concatenate(dataset.hashes)
    dataset.targets.clear()
    dataset.hashes.clear()
    every, target = _target(description, dataset, target)
    split, mask = draw(
        sampling=description.sampling,
        test_size=description.test_size,
        seed=description.seed,
        hashes=hashes,
        classes=target if every else None,
        labels=every.labels if every else [],
        relation=description.relation,
        columns=dataset.fingerprint,
    )
    train, test = divide(dataset, target, hashes, mask)
    division = Division(train=train, test=test, split=split, every=every)
    return _with_known_classes(description, division, every) if every else division


def _check_features(description: Description, dataset: Dataset) -> None:
    if not dataset.rows:
        raise UnusableData(relation=description.relation, reason="it has no rows")
    for field in description.fields:
        infinite = dataset.summaries[field.name].infinite
        if infinite:
            some = "a value that is" if infinite == 1 else f"{infinite} values that are"
            reason = f'column "{field.name}" has {some} infinite or out of the range of real'
            raise UnusableData(relation=description.relation, reason=reason)


def _target(
    description: Description, dataset: Dataset, target: NDArray[Any]
) -> tuple[Classes | None, NDArray[Any]]:
    field, relation = dataset.target, description.relation
    if target.dtype.kind == "f" and not np.isfinite(target).all():
        count = int((~np.isfinite(target)).sum())
        some = "a row" if count == 1 else f"{count} rows"
        reason = f'its target column "{field.name}" is NaN or infinite in {some}'
        raise UnusableData(relation=relation, reason=reason)
    if not description.classifies:
        if field.kind == "text":
            reason = f'its target column "{field.name}" is text, and a regression needs numbers'
            raise UnusableData(relation=relation, reason=reason)
        return None, target.astype(np.float64)
    every, target = classes.encode(field, target, dataset.target_texts.values)
    if len(every) < 2:
        reason = f'its target column "{field.name}" has one class only, "{every.labels[0]}"'
        raise UnusableData(relation=relation, reason=reason)
    return every, target


def _with_known_classes(description: Description, division: Division, every: Classes) -> Division:
    """Class indexes among those that training rows have; the others come after them."""
    known, table = classes.keep(every, division.train.target)
    if len(known) < 2:
        reason = f'all its training rows have one class, "{known.labels[0]}"'
        raise UnusableData(relation=description.relation, reason=reason)
    strangers = np.flatnonzero(table < 0)
    table[strangers] = len(known) + np.arange(len(strangers))
    return replace(
        division,
        train=replace(division.train, target=table[division.train.target]),
        test=replace(division.test, target=table[division.test.target]),
        known=known,
        every=Classes(known.values + [every.values[i] for i in strangers.tolist()]),
    )
