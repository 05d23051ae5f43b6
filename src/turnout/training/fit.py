"""One fit from rows to a checked artifact."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.domain.metrics import METRICS
from turnout.errors import FitFailed, TurnoutError
from turnout.runtime.artifact import VERSION
from turnout.runtime.formats.shapes import METHODS, in_parts
from turnout.training import fitting, joint, memory, preprocessing, scoring, search
from turnout.training.check_rows import check_rows
from turnout.training.division import Division, divided
from turnout.training.explaining import explained
from turnout.training.export import Exported, export
from turnout.training.importance import Permutation, importance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from turnout.training.algorithms import Algorithm
    from turnout.training.choices import Choice
    from turnout.training.dataset import Dataset
    from turnout.training.description import Description
    from turnout.training.libraries import Library
    from turnout.training.parts import Part
    from turnout.training.search import Search

    Matrix = NDArray[np.float32]

# pairs of a row and a training row that a prediction compares at once: 128 MB of distances in float64
PAIRS_AT_ONCE = 1 << 24


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is settled before the rows are there."""

    description: Description
    entry: Algorithm
    library: Library
    params: dict[str, Any]
    choices: dict[str, Choice]
    search: Search | None = None


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What came of it, with the raw test rows, on which an earlier model may be scored too.

    Parameters
    ----------
    result
        What the catalog keeps, as JSON.
    texts
        The distinct texts of each text column, into which its features are codes.
    explanation
        What explains the answers, where the artifact itself does not do.
    """

    result: dict[str, Any]
    artifact: bytes
    explanation: bytes
    division: Division
    texts: dict[str, list[str]]


def run(plan: Plan, dataset: Dataset) -> Fit:
    """Split, prepare, fit, export, check and score; uses the dataset up.

    Raises
    ------
    TurnoutError
        If the rows or the hyperparameters can't be trained with, or no format serves what was fitted.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        fit = _Run(plan, dataset).run(dataset)
    fit.result["warnings"] = sorted({_first_sentence(warning) for warning in said if _concerns(warning)})[:5]
    return fit


class _Run:
    def __init__(self, plan: Plan, dataset: Dataset) -> None:
        self.plan = plan
        self.description = plan.description
        self.texts = {name: column.values for name, column in dataset.texts.items()}
        self.summaries = dataset.summaries if dataset.rows else {}
        self.names = [target.name for target in plan.description.targets]
        self.classes: list[int] = []

    def run(self, dataset: Dataset) -> Fit:
        division = divided(self.description, dataset)
        self.classes = [len(known) for known in division.known]
        train, header = self._prepare(division)
        # the raw training rows have done their work
        division = replace(division, train=replace(division.train, features=train.features[:0]))
        memory.for_fit()
        searched = self._search(train)
        estimator, fit_time = self._fit(train)
        test = self._apply(header, division.test.features)
        exported = self._export(estimator, header, test, train.features)
        start = time.perf_counter()
        scores = scoring.scores_of(exported.predictor, test)
        score_time = time.perf_counter() - start
        metrics = self._metrics(estimator, division.test.target, test, scores)
        result = {
            "metrics": metrics | {"fit_time": fit_time, "score_time": score_time} | searched,
            "classes": header["classes"],
            "split": division.split.as_json(),
            "columns": {name: summary.figures for name, summary in self.summaries.items()},
            "rows": {"train": len(train), "test": len(division.test)},
            "num_features": sum(field.width for field in self.description.fields),
            "hyperparams": self.plan.params,
            "format": exported.format,
            "export": exported.refused,
            "library": header["library"],
            "importance": self._importance(
                estimator, header, exported=exported, train=train, test=replace(division.test, features=test)
            ),
        }
        explains = self.plan.library.explains(estimator, train.features)
        told = explained(explains, header, exported, test)
        result["explanation"] = told.kept
        return Fit(
            result=result,
            artifact=exported.data,
            explanation=told.data,
            division=division,
            texts=self.texts,
        )

    def _prepare(self, division: Division) -> tuple[Part, dict[str, Any]]:
        """The training rows as the estimator gets them, and the artifact's header."""
        fitted = fitting.fit_transform(
            self.description,
            self.plan.choices,
            division.train,
            self.texts,
            {name: summary.missing for name, summary in self.summaries.items()},
            classes=self.classes,
            takes_missing=self.plan.entry.takes_missing,
        )
        header = self._header(division, [column.entry for column in fitted])
        matrix = self._apply(header, division.train.features, owned=True)
        fitting.put_crossed(matrix, header, fitted)
        return replace(division.train, features=matrix), header

    def _apply(self, header: dict[str, Any], raw: Matrix, *, owned: bool = False) -> Matrix:
        return preprocessing.apply(header, raw, self.texts, relation=self.description.relation, owned=owned)

    def _header(self, division: Division, transform: list[dict[str, Any]]) -> dict[str, Any]:
        description = self.description
        return {
            "version": VERSION,
            "algorithm": description.algorithm,
            "task": description.task,
            "fields": [{"name": f.name, "type": f.type, "size": f.size} for f in description.fields],
            "targets": [{"name": f.name, "type": f.type} for f in description.targets],
            "classes": _classes(division),
            "transform": transform,
            "library": self.plan.library.version(),
            **self._limits(division),
        }

    def _limits(self, division: Division) -> dict[str, Any]:
        entry = self.plan.entry
        limits: dict[str, Any] = {"double": True} if entry.double else {}
        if entry.pairwise:
            limits["rows_at_once"] = max(1, PAIRS_AT_ONCE // len(division.train))
        return limits

    def _search(self, train: Part) -> dict[str, Any]:
        """Look for the best hyperparameters, if that is asked for, and go on with them; the record of the search."""
        wanted = self.plan.search
        if wanted is None:
            return {}
        classifies, task = self.description.classifies, self.description.task

        def attempt(
            candidate: dict[str, Any], inside: NDArray[np.intp], outside: NDArray[np.intp]
        ) -> tuple[float, float, dict[str, float]]:
            part = replace(train, features=train.features[inside], target=train.target[inside])
            estimator, fit_time = self._fit(part, self._with(candidate))
            scores = getattr(estimator, METHODS[task])
            rows = self._as_fitted(train.features[outside])
            answers, score_time = search.timed(lambda: np.asarray(scores(rows)).reshape(len(rows), -1))
            return fit_time, score_time, self._metrics(estimator, train.target[outside], rows, answers)

        found = search.run(
            wanted, train, classes=classifies, relation=self.description.relation, attempt=attempt
        )
        self.plan = replace(self.plan, params=self._with(found.best))
        return {"search_results": found.results}

    def _metrics(self, estimator: Any, truth: Any, rows: Any, scores: Any) -> dict[str, float]:
        task = self.description.task
        if task == "clustering":
            return scoring.clustering(rows, scores)
        if task == "decomposition":
            return scoring.decomposition(rows, estimator.inverse_transform(scores))
        return scoring.task_metrics(truth, scores, targets=self.names, classes=self.classes)

    def _importance(
        self,
        estimator: Any,
        header: dict[str, Any],
        *,
        exported: Exported,
        train: Part,
        test: Part,
    ) -> dict[str, Any]:
        def figures(chosen: NDArray[np.intp], scores: NDArray[Any]) -> dict[str, float]:
            return self._metrics(estimator, test.target[chosen], test.features[chosen], scores)

        permutation = Permutation(
            rows=test.features,
            scores=lambda rows: scoring.scores_of(exported.predictor, rows),
            figures=figures,
            metric=METRICS[self.description.key_metric],
            seed=self.description.seed,
            paired=self.description.task == "clustering",
            compared=len(train) if self.plan.entry.pairwise or self.plan.entry.slows else 0,
        )
        ask = joint.importance if len(self.names) > 1 else _importance
        return importance(header, lambda: ask(self.plan.library, estimator, train.features), permutation)

    def _with(self, candidate: dict[str, Any]) -> dict[str, Any]:
        plan = self.plan
        return plan.library.check(
            plan.entry, self.description.task, {**self.description.hyperparams, **candidate}
        )

    def _fit(self, train: Part, params: dict[str, Any] | None = None) -> tuple[Any, float]:
        plan = self.plan
        wanted = plan.params if params is None else params
        build = partial(plan.library.build, plan.entry, self.description.task, wanted)
        together = plan.library.takes_several if not self.description.classifies else _one_each
        rows = self._as_fitted(train.features)
        start = time.perf_counter()
        try:
            estimator = joint.fitted(build, rows, train.target, self.names, together)
        except TurnoutError:
            raise
        except Exception as error:
            # whatever a library raises is the fit's failure, and often a hyperparameter's
            raise self._failed(error) from error
        return estimator, time.perf_counter() - start

    def _failed(self, error: Exception) -> TurnoutError:
        blamed = self.plan.library.blame(self.plan.entry, self.plan.params, error)
        if blamed is not None:
            return blamed
        whose = "".join(f"{note}: " for note in getattr(error, "__notes__", []))
        reason = f"{whose}{type(error).__name__}: {self.plan.library.readable(error)[:500]}"
        return FitFailed(algorithm=self.plan.entry.name, relation=self.description.relation, reason=reason)

    def _as_fitted(self, rows: Matrix) -> Any:
        return rows.astype(np.float64) if self.plan.entry.double else rows

    def _export(self, estimator: Any, header: dict[str, Any], test: Matrix, train: Matrix) -> Exported:
        rows = check_rows(header, test, train, takes_missing=self.plan.entry.takes_missing)
        scores = getattr(estimator, METHODS[self.description.task])
        try:
            answers = in_parts(scores, self._as_fitted(rows), header.get("rows_at_once"))
        except Exception as error:
            # some hyperparameters can be fitted with and not predicted
            raise self._failed(error) from error
        return export(self.plan.library, estimator, header, rows, answers)


def _classes(division: Division) -> list[Any] | None:
    """The classes of the target, or a list of them for each of several; none for numbers."""
    known = [classes.values for classes in division.known]
    return known if len(known) > 1 else known[0] if known else None


def _one_each(estimator: Any) -> bool:  # noqa: ARG001  classes differ from target to target
    return False


def _importance(library: Library, estimator: Any, rows: Matrix) -> tuple[str, NDArray[Any]] | None:
    return library.importance(estimator, rows)


def _concerns(warning: warnings.WarningMessage) -> bool:
    return warning.category.__name__ == "ConvergenceWarning"


def _first_sentence(warning: warnings.WarningMessage) -> str:
    return " ".join(str(warning.message).split()).split(". ")[0].split(": ")[0]
