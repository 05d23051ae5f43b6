"""The search for hyperparameters: every candidate is fitted and scored on folds of the training rows.

Equal rows are always in the same fold, and each class is spread over all folds; both by the rows' hashes, so a search
can be repeated. Candidates share the machine's cores as threads, since libraries let go of the interpreter while they
fit, and a thread dies with its process when the search is cancelled.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.domain.metrics import METRICS, Metric
from turnout.errors import InvalidArgument, UnusableData
from turnout.training.targets import one_by_one

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from turnout.training.description import Description
    from turnout.training.parts import Part

    Candidate = dict[str, Any]
    # fits a candidate on some rows, and gives its scores for others: seconds of the fit, of the scores, the metrics
    Try = Callable[[Candidate, NDArray[np.intp], NDArray[np.intp]], tuple[float, float, dict[str, float]]]

FOLDS = 5
DRAWS = 10
MOST = 10_000


@dataclass(frozen=True, kw_only=True)
class Search:
    """What to search.

    Parameters
    ----------
    candidates
        The hyperparameters to try in place of the given ones.
    folds
        How often each is fitted and scored.
    metric
        By what they are compared.
    """

    candidates: tuple[dict[str, Any], ...]
    folds: int
    metric: Metric


@dataclass(frozen=True, kw_only=True)
class Found:
    """The best candidate, and the record of all."""

    best: dict[str, Any]
    results: dict[str, Any]


def read_search(description: Description) -> Search | None:
    """The search that a description asks for; none if it asks for none.

    Raises
    ------
    InvalidArgument
        If the parameters are no lists of values, or an argument is not one.
    """
    if description.search is None:
        return None
    choices = _choices(description.search_params)
    arguments = description.search_args
    for name in arguments:
        if name not in ("cv", "n_iter"):
            raise InvalidArgument(argument="search_args", value=f'"{name}"', expected="cv or n_iter")
    folds = _whole(arguments, "cv", FOLDS, least=2)
    draws = _whole(arguments, "n_iter", DRAWS, least=1)
    grid = description.search == "grid"
    candidates = _grid(choices) if grid else _random(choices, draws, description.seed)
    return Search(candidates=tuple(candidates), folds=folds, metric=METRICS[description.key_metric])


def run(search: Search, train: Part, *, classes: bool, relation: str, attempt: Try) -> Found:
    """Try every candidate on every fold.

    Parameters
    ----------
    classes
        Whether the target is a class, which then is spread over the folds.
    attempt
        Fits and scores; what it raises ends the search.

    Raises
    ------
    UnusableData
        If there are too few different rows, of some class, for the folds.
    """
    place = _places(train, search.folds, classes=classes, relation=relation)
    work = list(product(range(len(search.candidates)), range(search.folds)))

    def score(item: tuple[int, int]) -> tuple[float, float, float]:
        candidate, fold = item
        inside, outside = np.flatnonzero(place != fold), np.flatnonzero(place == fold)
        fit_time, score_time, metrics = attempt(search.candidates[candidate], inside, outside)
        return fit_time, score_time, metrics.get(search.metric.name, float("nan"))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        figures = np.array(list(pool.map(score, work))).reshape(len(search.candidates), search.folds, 3)
    return _found(search, figures)


def timed(make: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gives, and the seconds that it takes."""
    start = time.perf_counter()
    made = make()
    return made, time.perf_counter() - start


def _choices(given: dict[str, Any]) -> dict[str, list[Any]]:
    if not given:
        raise InvalidArgument(
            argument="search_params", value="empty", expected='the values to try, as {"max_depth": [3, 6, 9]}'
        )
    for name, values in given.items():
        if not isinstance(values, list) or not values:
            raise InvalidArgument(
                argument=f'"{name}" in search_params', value=repr(values), expected="a list of values to try"
            )
    return given


def _whole(arguments: dict[str, Any], name: str, default: int, *, least: int) -> int:
    value = arguments.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidArgument(
            argument=f'"{name}" in search_args', value=repr(value), expected=f"a whole number from {least} up"
        )
    return value


def _grid(choices: dict[str, list[Any]]) -> list[dict[str, Any]]:
    size = int(np.prod([len(values) for values in choices.values()], dtype=np.float64))
    if size > MOST:
        raise InvalidArgument(
            argument="search_params",
            value=f"a grid of {size} candidates",
            expected=f"at most {MOST}",
            hint="search => 'random' draws some of them",
        )
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


def _random(choices: dict[str, list[Any]], draws: int, seed: int) -> list[dict[str, Any]]:
    """So many different candidates of the grid, or all if it has no more."""
    from sklearn.model_selection import ParameterSampler

    size = int(np.prod([len(values) for values in choices.values()], dtype=np.float64))
    return list(ParameterSampler(choices, n_iter=min(draws, size), random_state=seed % 2**32))


def _places(train: Part, folds: int, *, classes: bool, relation: str) -> NDArray[np.intp]:
    """Each row's fold: rows of one class in the order of their hashes are dealt out in turn."""
    if classes and train.target.ndim > 1:
        return _places_of_combinations(train, folds, relation)
    place = np.empty(len(train), np.intp)
    groups = (
        [np.flatnonzero(train.target == label) for label in np.unique(train.target)]
        if classes
        else [slice(None)]
    )
    for group in groups:
        different, rank = np.unique(train.hashes[group], return_inverse=True)
        if len(different) < folds:
            raise _too_few("a class" if classes else "its training part", len(different), folds, relation)
        place[group] = rank % folds
    return place


def _places_of_combinations(train: Part, folds: int, relation: str) -> NDArray[np.intp]:
    """Rows with the same classes of all targets are dealt out after each other, however few they are.

    Every class of every target is to be learnt from whatever fold is left out.
    """
    different, first, back = np.unique(train.hashes, return_index=True, return_inverse=True)
    columns = one_by_one(train.target[first])
    order = np.lexsort([different, *reversed(columns)])
    place = np.empty(len(different), np.intp)
    place[order] = np.arange(len(different)) % folds
    for column in columns:
        for label in np.unique(column):
            rows = column == label
            if rows.sum() < folds or len(np.unique(place[rows])) < 2:
                raise _too_few("a class", int(rows.sum()), folds, relation)
    return place[back]


def _too_few(whose: str, rows: int, folds: int, relation: str) -> UnusableData:
    return UnusableData(
        relation=relation,
        reason=f"{whose} has {rows} different rows, and a search over {folds} folds needs as many",
        hint="search_args => '{\"cv\": 2}' makes fewer folds",
    )


def _found(search: Search, figures: NDArray[np.float64]) -> Found:
    """The record in the words of scikit-learn's ``cv_results_``, an entry per candidate."""
    scores = figures[:, :, 2]
    means = scores.mean(axis=1)
    worst = -np.inf if search.metric.greater_is_better else np.inf
    comparable = np.where(np.isnan(means), worst, means)
    best = int(comparable.argmax() if search.metric.greater_is_better else comparable.argmin())
    results: dict[str, Any] = {
        "params": list(search.candidates),
        "n_splits": search.folds,
        "best_index": best,
        "metric": search.metric.name,
    }
    for at, name in enumerate(("fit_time", "score_time", "test_score")):
        results[f"mean_{name}"] = _plain(figures[:, :, at].mean(axis=1))
        results[f"std_{name}"] = _plain(figures[:, :, at].std(axis=1))
    for fold in range(search.folds):
        results[f"split{fold}_test_score"] = _plain(scores[:, fold])
    for name in search.candidates[0]:
        results[f"param_{name}"] = [candidate[name] for candidate in search.candidates]
    return Found(best=search.candidates[best], results=results)


def _plain(values: NDArray[np.float64]) -> list[float | None]:
    """As JSON has it: no NaN."""
    return [None if np.isnan(value) else float(value) for value in values]
