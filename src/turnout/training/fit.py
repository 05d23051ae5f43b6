"""One fit from rows to a checked artifact."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.errors import FitFailed, TurnoutError, UnusableData
from turnout.runtime.formats import predictor_of
from turnout.training import classes as target_classes
from turnout.training import fitting, preprocessing, scoring
from turnout.training.export import CHECK_ROWS, export
from turnout.training.parts import Part, divide
from turnout.training.split import Split, draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from turnout.training.algorithms import Algorithm
    from turnout.training.choices import Choice
    from turnout.training.classes import Classes
    from turnout.training.dataset import Dataset
    from turnout.training.description import Description
    from turnout.training.libraries import Library

    Matrix = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is settled before the rows are there."""

    description: Description
    entry: Algorithm
    library: Library
    params: dict[str, Any]
    choices: dict[str, Choice]


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What came of it, with the raw test rows, on which later models may be judged too.

    Parameters
    ----------
    truth
        Each test row's target, or its class as an index into ``every``.
    classes
        The classes that the model knows, and ``every`` with those that only test rows have after them.
    """

    result: dict[str, Any]
    artifact: bytes
    split: Split
    test: Part
    texts: dict[str, list[str]]
    classes: Classes | None
    every: Classes | None


def run(plan: Plan, dataset: Dataset) -> Fit:
    """Split, prepare, fit, export, check and score; uses the dataset up.

    Raises
    ------
    TurnoutError
        If the rows or the hyperparameters can't be trained with, or no format serves what was fitted.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        fit = _Fit(plan, dataset).run()
    fit.result["warnings"] = sorted({" ".join(str(w.message).split()) for w in said if _concerns(w)})[:5]
    return fit


def _concerns(warning: warnings.WarningMessage) -> bool:
    return warning.category.__name__ == "ConvergenceWarning"


class _Fit:
    def __init__(self, plan: Plan, dataset: Dataset) -> None:
        self.plan = plan
        self.description = plan.description
        self.dataset = dataset
        self.relation = plan.description.relation
        self.texts = {name: column.values for name, column in dataset.texts.items()}
        self.every: Classes | None = None
        self.classes: Classes | None = None

    def run(self) -> Fit:
        columns = self._check_features()
        split, train, test = self._parts()
        train, header = self._prepare(train)
        estimator, fit_time = self._fit(train)
        rows = preprocessing.apply(header, test.features, self.texts, relation=self.relation)
        exported, predictor = self._export(estimator, header, rows, train)
        start = time.perf_counter()
        scores = scoring.scores_of(predictor, rows)
        score_time = time.perf_counter() - start
        metrics = (scoring.classification if self.classes else scoring.regression)(test.target, scores)
        result = {
            "metrics": metrics | {"fit_time": fit_time, "score_time": score_time},
            "classes": self.classes.values if self.classes else None,
            "split": split.as_json(),
            "columns": columns,
            "rows": {"train": len(train), "test": len(test)},
            "num_features": sum(field.width for field in self.description.fields),
            "hyperparams": self.plan.params,
            "format": exported.format,
            "export": exported.refused,
            "library": header["library"],
        }
        return Fit(
            result=result,
            artifact=exported.data,
            split=split,
            test=test,
            texts=self.texts,
            classes=self.classes,
            every=self.every,
        )

    def _unusable(self, reason: str) -> UnusableData:
        return UnusableData(relation=self.relation, reason=reason)

    def _check_features(self) -> dict[str, Any]:
        if not self.dataset.rows:
            raise self._unusable("it has no rows")
        for name, statistics in self.dataset.statistics.items():
            if statistics.infinite:
                reason = f'column "{name}" has {statistics.infinite} values that are infinite or out of the range of real'
                raise self._unusable(reason)
        return self.dataset.summaries()

    def _parts(self) -> tuple[Split, Part, Part]:
        dataset = self.dataset
        target = np.concatenate(dataset.targets)
        hashes = np.concatenate(dataset.hashes)
        dataset.targets.clear()
        dataset.hashes.clear()
        target, labels = self._target(target)
        split, mask = draw(
            sampling=self.description.sampling,
            test_size=self.description.test_size,
            seed=self.description.seed,
            hashes=hashes,
            classes=target if self.every else None,
            labels=labels,
            relation=self.relation,
            columns=dataset.fingerprint,
        )
        train, test = divide(dataset, target, hashes, mask)
        if self.every:
            train, test = self._known_classes(train, test)
        return split, train, test

    def _target(self, target: NDArray[Any]) -> tuple[NDArray[Any], list[str]]:
        field = self.dataset.target
        if target.dtype.kind == "f" and not np.isfinite(target).all():
            count = int((~np.isfinite(target)).sum())
            raise self._unusable(f'its target column "{field.name}" is NaN or infinite in {count} rows')
        if not self.description.classifies:
            if field.kind == "text":
                raise self._unusable(
                    f'its target column "{field.name}" is text, and a regression needs numbers'
                )
            return target.astype(np.float64), []
        self.every, target = target_classes.encode(field, target, self.dataset.target_texts.values)
        if len(self.every) < 2:
            reason = f'its target column "{field.name}" has one class only, "{self.every.labels[0]}"'
            raise self._unusable(reason)
        return target, self.every.labels

    def _known_classes(self, train: Part, test: Part) -> tuple[Part, Part]:
        """Indexes among the classes that training rows have; the others come after them."""
        assert self.every is not None
        self.classes, table = target_classes.keep(self.every, train.target)
        if len(self.classes) < 2:
            reason = f'all its training rows have one class, "{self.classes.labels[0]}"'
            raise self._unusable(reason)
        strangers = np.flatnonzero(table < 0)
        table[strangers] = len(self.classes) + np.arange(len(strangers))
        self.every = target_classes.Classes(
            self.classes.values + [self.every.values[i] for i in strangers.tolist()]
        )
        return _with_target(train, table[train.target]), _with_target(test, table[test.target])

    def _prepare(self, train: Part) -> tuple[Part, dict[str, Any]]:
        fitted = fitting.fit_transform(
            self.description,
            self.plan.choices,
            train,
            self.texts,
            classes=len(self.classes) if self.classes else 0,
            takes_missing=self.plan.entry.takes_missing,
        )
        header = self._header([column.entry for column in fitted])
        matrix = preprocessing.apply(header, train.features, self.texts, relation=self.relation, owned=True)
        fitting.put_crossed(matrix, header, fitted)
        return Part(features=matrix, target=train.target, hashes=train.hashes), header

    def _header(self, transform: list[dict[str, Any]]) -> dict[str, Any]:
        description = self.description
        return {
            "version": 1,
            "algorithm": description.algorithm,
            "task": description.task,
            "fields": [{"name": f.name, "type": f.type, "size": f.size} for f in description.fields],
            "targets": [{"name": f.name, "type": f.type} for f in description.targets],
            "classes": self.classes.values if self.classes else None,
            "transform": transform,
            "library": self.plan.library.version(),
        }

    def _fit(self, train: Part) -> tuple[Any, float]:
        plan = self.plan
        estimator = plan.library.build(plan.entry, self.description.task, plan.params, train.target)
        rows: Any = train.features.astype(np.float64) if plan.entry.double else train.features
        start = time.perf_counter()
        try:
            estimator.fit(rows, train.target)
        except TurnoutError:
            raise
        except Exception as error:
            raise self._failed(error) from error
        return estimator, time.perf_counter() - start

    def _failed(self, error: Exception) -> TurnoutError:
        blamed = self.plan.library.blame(self.plan.entry, self.plan.params, error)
        if blamed is not None:
            return blamed
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
        return FitFailed(algorithm=self.description.algorithm, relation=self.relation, reason=reason)

    def _export(self, estimator: Any, header: dict[str, Any], test: Matrix, train: Part) -> tuple[Any, Any]:
        rows = _check_rows(test, train.features, holes=self._may_miss(header, test.shape[1]))
        scores = estimator.predict_proba if self.classes else estimator.predict
        answers = scores(rows.astype(np.float64) if self.plan.entry.double else rows)
        exported = export(self.plan.library, estimator, header, rows, answers)
        from turnout.runtime.artifact import unpack

        full, payload = unpack(exported.data)
        return exported, predictor_of(exported.format)(payload, full, 0)

    def _may_miss(self, header: dict[str, Any], width: int) -> NDArray[np.bool_]:
        from turnout.runtime.columns import columns_of

        able = [value is None for column in columns_of(header) for value in column.impute]
        return np.array(able, np.bool_) & self.plan.entry.takes_missing if able else np.zeros(width, np.bool_)


def _check_rows(test: Matrix, train: Matrix, *, holes: NDArray[np.bool_]) -> Matrix:
    """Held-out rows, training rows where those are few, and some rows again with values missing."""
    rows = test[:CHECK_ROWS]
    if len(rows) < 1000:
        rows = np.concatenate([rows, train[: 1000 - len(rows)]])
    if not holes.any():
        return np.ascontiguousarray(rows)
    pierced = rows[:1000].copy()
    pierced[(np.random.default_rng(0).random(pierced.shape) < 0.1) & holes] = np.nan
    return np.concatenate([rows, pierced])


def _with_target(part: Part, target: NDArray[Any]) -> Part:
    return Part(features=part.features, target=target, hashes=part.hashes)
