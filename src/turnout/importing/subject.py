"""What an estimator is asked for: its task, its classes, its targets, and the names of its inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from turnout.importing.refusal import Refused


@dataclass(frozen=True, kw_only=True)
class Subject:
    """An estimator, and how to ask it.

    Attributes
    ----------
    method
        As `turnout.runtime.formats.pipeline.scores_by` takes it.
    classes
        One list, or one for each target; none for numbers.
    targets
        How many it has.
    names
        Of the columns that it was trained on; none where it was trained on a matrix.
    width
        How many columns it takes.
    rows
        As `turnout.runtime.formats.pipeline.asked` takes it.
    """

    estimator: Any
    task: str
    method: str
    classes: list[Any] | None
    targets: int
    names: list[str] | None
    width: int
    rows: str

    @property
    def final(self) -> Any:
        """The last step of a pipeline."""
        found = self.estimator
        while hasattr(found, "steps"):
            found = found.steps[-1][1]
        return found


def subject_of(estimator: Any) -> Subject:
    """Look at an estimator.

    Raises
    ------
    Refused
        If it was never fitted, or answers nothing that a deployment can give.
    """
    _check_fitted(estimator)
    task, method = _task(estimator)
    classes = _classes(estimator) if task == "classification" else None
    names = _names(estimator)
    return Subject(
        estimator=estimator,
        task=task,
        method=method,
        classes=classes,
        targets=_targets(estimator, task, classes),
        names=names,
        width=len(names) if names is not None else _width(estimator),
        rows=_rows(estimator, names),
    )


def _rows(estimator: Any, names: list[str] | None) -> str:
    first = estimator
    while hasattr(first, "steps"):
        first = first.steps[0][1]
    if hasattr(first, "transformer_list"):
        first = first.transformer_list[0][1]
    if hasattr(first, "build_analyzer"):
        return "texts"
    # a booster is asked with a matrix, whatever its columns are called
    if hasattr(estimator, "session"):
        return "matrix"
    return "frame" if names is not None and hasattr(estimator, "get_params") else "matrix"


def _check_fitted(estimator: Any) -> None:
    if type(estimator).__module__.startswith("catboost."):
        if not estimator.is_fitted():
            raise Refused("its estimator was never fitted")
        return
    if not hasattr(estimator, "get_params"):
        # a booster or a graph, which is written only when it was made
        return
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(estimator)
    except NotFittedError:
        raise Refused(f"its estimator, a {type(estimator).__name__}, was never fitted") from None


def _task(estimator: Any) -> tuple[str, str]:
    if hasattr(estimator, "classes_") and hasattr(estimator, "predict") and len(estimator.classes_):
        return "classification", "predict_proba" if hasattr(estimator, "predict_proba") else "classes"
    kind = getattr(estimator, "_estimator_type", None) or _kind(estimator)
    if kind in ("clusterer", "outlier_detector") and hasattr(estimator, "predict"):
        return "clustering", "predict"
    if hasattr(estimator, "predict"):
        return "regression", "predict"
    if hasattr(estimator, "transform"):
        return "decomposition", "transform"
    raise Refused(f"a {type(estimator).__name__} cannot predict for rows that it was not fitted on")


def _kind(estimator: Any) -> str | None:
    if not hasattr(estimator, "__sklearn_tags__"):
        return None
    from sklearn.utils import get_tags

    kind: str | None = get_tags(estimator).estimator_type
    return kind


def _classes(estimator: Any) -> list[Any]:
    found = estimator.classes_
    if isinstance(found, list):
        return [_plain(own) for own in found]
    return _plain(found)


def _plain(classes: Any) -> list[Any]:
    values = np.asarray(classes)
    if values.ndim != 1 or not len(values):
        raise Refused("it has no classes")
    plain = [value.item() if isinstance(value, np.generic) else value for value in values.tolist()]
    if not all(isinstance(value, str | bool | int | float) for value in plain):
        raise Refused("its classes are neither texts nor numbers")
    if len({type(value) is str for value in plain}) > 1:
        raise Refused("some of its classes are texts and some are numbers")
    if any(isinstance(value, float) and value != value for value in plain):  # noqa: PLR0124
        raise Refused("one of its classes is NaN")
    return plain


def _targets(estimator: Any, task: str, classes: list[Any] | None) -> int:
    if classes is not None:
        return len(classes) if isinstance(classes[0], list) else 1
    if task != "regression":
        return 1
    final = estimator
    while hasattr(final, "steps"):
        final = final.steps[-1][1]
    for name in ("n_outputs_", "n_targets_"):
        found = getattr(final, name, None)
        if isinstance(found, int | np.integer) and found > 1:
            return int(found)
    # of the others, the shape of the first answer says
    return 0


def _names(estimator: Any) -> list[str] | None:
    for name in ("feature_names_in_", "feature_names"):
        found = _asked(estimator, name)
        if found is not None:
            names = [str(one) for one in found]
            return None if names == [f"Column_{i}" for i in range(len(names))] else names
    if type(estimator).__module__.startswith("catboost."):
        found = list(estimator.feature_names_)
        return found if found != [str(i) for i in range(len(found))] else None
    return None


def _width(estimator: Any) -> int:
    if type(estimator).__module__.startswith("catboost."):
        return len(estimator.feature_names_)
    for name in ("n_features_in_", "n_features_"):
        found = _asked(estimator, name)
        if found is not None:
            return int(found)
    # a vectorizer is given texts, and counts no columns
    return 1


def _asked(estimator: Any, name: str) -> Any:
    try:
        return getattr(estimator, name, None)
    except Exception:
        # properties of pipelines and wrappers raise where there is nothing
        return None
