"""The algorithms by name. Asking for names imports no library."""

from __future__ import annotations

from turnout.errors import NotSupported, UnknownChoice
from turnout.training.algorithms import (
    ada_boost,
    automatic_relevance_determination,
    bagging,
    bayesian_ridge,
    catboost,
    elastic_net,
    extra_trees,
    gaussian_process,
    gradient_boosting_trees,
    hist_gradient_boosting,
    huber,
    kernel_ridge,
    knn,
    lasso,
    lasso_least_angle,
    least_angle,
    lightgbm,
    linear,
    linear_svm,
    nu_svm,
    orthogonal_matching_pursuit,
    passive_aggressive,
    perceptron,
    quantile,
    random_forest,
    ransac,
    ridge,
    stochastic_gradient_descent,
    svm,
    theil_sen,
    xgboost,
    xgboost_random_forest,
)
from turnout.training.algorithms.entry import Algorithm

# in the order of the type pgml.algorithm
_MODULES = (
    linear,
    xgboost,
    xgboost_random_forest,
    svm,
    lasso,
    elastic_net,
    ridge,
    knn,
    random_forest,
    least_angle,
    lasso_least_angle,
    orthogonal_matching_pursuit,
    bayesian_ridge,
    automatic_relevance_determination,
    stochastic_gradient_descent,
    perceptron,
    passive_aggressive,
    ransac,
    theil_sen,
    huber,
    quantile,
    kernel_ridge,
    gaussian_process,
    nu_svm,
    ada_boost,
    bagging,
    extra_trees,
    gradient_boosting_trees,
    hist_gradient_boosting,
    linear_svm,
    lightgbm,
    catboost,
)
_ENTRIES: dict[str, Algorithm] = {module.ENTRY.name: module.ENTRY for module in _MODULES}


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
