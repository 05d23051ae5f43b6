"""A dataset divided: training and test part, and the classes that a model can learn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.errors import UnusableData
from turnout.training import classes, strata, texts
from turnout.training.classes import Classes
from turnout.training.parts import Part, divide
from turnout.training.split import Split, draw, test_rows
from turnout.training.targets import one_by_one, side_by_side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from turnout.training.dataset import Dataset
    from turnout.training.description import Description, Reading
    from turnout.training.targets import Target


@dataclass(frozen=True, kw_only=True)
class Division:
    """What a fit works with.

    Parameters
    ----------
    train, test
        Raw features; targets as numbers, or as indexes into ``every``; a column for each where there are several.
    known
        The classes of each target that training rows have; empty for numbers.
    every
        Those, and after them the classes that only test rows have.
    """

    train: Part
    test: Part
    split: Split
    known: tuple[Classes, ...] = ()
    every: tuple[Classes, ...] = ()


def divided(description: Description, dataset: Dataset) -> Division:
    """Draw the split; uses the dataset up.

    Raises
    ------
    UnusableData
        If there are no rows, infinite values, or fewer than two classes to learn.
    """
    check_features(description, dataset)
    hashes = np.concatenate(dataset.hashes)
    dataset.hashes.clear()
    every, columns = _targets(description, dataset)
    held_out = test_rows(description.test_size, len(hashes), description.relation)
    group, labels = strata.groups(every, columns, held_out / len(hashes))
    split, mask = draw(
        sampling=description.sampling,
        test_size=description.test_size,
        seed=description.seed,
        hashes=hashes,
        classes=group,
        labels=labels,
        relation=description.relation,
        columns=dataset.fingerprint,
    )
    train, test = divide(dataset, side_by_side(columns), hashes, mask)
    return _with_known_classes(description, Division(train=train, test=test, split=split, every=every))


def check_features(reading: Reading, dataset: Dataset) -> None:
    """Refuse rows that nothing can be trained on; before the dataset is used up.

    Raises
    ------
    UnusableData
        If there are none, infinite values among their features, or more texts in one than have codes.
    """
    if not dataset.rows:
        raise UnusableData(relation=reading.relation, reason="it has no rows")
    for name, column in dataset.texts.items():
        if len(column.codes) > texts.MOST:
            reason = f'column "{name}" has more than {texts.MOST} different texts: leave it out, with a view'
            raise UnusableData(relation=reading.relation, reason=reason)
    for field in reading.fields:
        infinite = dataset.summaries[field.name].infinite
        if infinite:
            some = "a value that is" if infinite == 1 else f"{infinite} values that are"
            reason = f'column "{field.name}" has {some} infinite or out of the range of real'
            raise UnusableData(relation=reading.relation, reason=reason)


def _targets(description: Description, dataset: Dataset) -> tuple[tuple[Classes, ...], list[NDArray[Any]]]:
    """The classes of each target, and its values or class indexes; zeros where there is no target."""
    if not dataset.targets:
        return (), [np.zeros(dataset.rows, np.float32)]
    if not description.classifies:
        return (), [numbers_of(description, target).astype(np.float64) for target in dataset.targets]
    found = [_classes(description, target) for target in dataset.targets]
    return tuple(every for every, _ in found), [indexes for _, indexes in found]


def numbers_of(reading: Reading, target: Target) -> NDArray[Any]:
    """A target's values, or codes of its texts; uses the target up.

    Raises
    ------
    UnusableData
        If there is one that cannot be learned.
    """
    field, relation = target.field, reading.relation
    if field.kind == "text" and not reading.classifies:
        reason = f'its target column "{field.name}" is text, and a regression needs numbers'
        raise UnusableData(relation=relation, reason=reason)
    values = target.take()
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        count = int((~np.isfinite(values)).sum())
        some = "a row" if count == 1 else f"{count} rows"
        reason = f'its target column "{field.name}" is NaN or infinite in {some}'
        raise UnusableData(relation=relation, reason=reason)
    return values


def _classes(description: Description, target: Target) -> tuple[Classes, NDArray[np.int64]]:
    every, indexes = classes.encode(target.field, numbers_of(description, target), target.texts.values)
    if len(every) < 2:
        reason = f'its target column "{target.field.name}" has one class only, "{every.labels[0]}"'
        raise UnusableData(relation=description.relation, reason=reason)
    return every, indexes


def _with_known_classes(description: Description, division: Division) -> Division:
    """Class indexes among those that training rows have; the others come after them."""
    if not division.every:
        return division
    train, test = one_by_one(division.train.target), one_by_one(division.test.target)
    known, every = [], []
    for i, (field, had) in enumerate(zip(description.targets, division.every, strict=True)):
        kept, table = classes.keep(had, train[i])
        if len(kept) < 2:
            whose = f' of target "{field.name}"' if len(description.targets) > 1 else ""
            reason = f'all its training rows have one class{whose}, "{kept.labels[0]}"'
            raise UnusableData(relation=description.relation, reason=reason)
        strangers = np.flatnonzero(table < 0)
        table[strangers] = len(kept) + np.arange(len(strangers))
        train[i], test[i] = table[train[i]], table[test[i]]
        known.append(kept)
        every.append(Classes(kept.values + [had.values[place] for place in strangers.tolist()]))
    return replace(
        division,
        train=replace(division.train, target=side_by_side(train)),
        test=replace(division.test, target=side_by_side(test)),
        known=tuple(known),
        every=tuple(every),
    )
