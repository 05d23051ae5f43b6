"""The algorithms by name. Asking for names imports no library."""

from __future__ import annotations

from turnout.errors import NotSupported, UnknownChoice
from turnout.training.algorithms import (
    ada_boost,
    affinity_propagation,
    automatic_relevance_determination,
    bagging,
    bayesian_ridge,
    birch,
    catboost,
    dbscan,
    elastic_net,
    extra_trees,
    gaussian_process,
    gradient_boosting_trees,
    hist_gradient_boosting,
    huber,
    kernel_ridge,
    kmeans,
    knn,
    lasso,
    lasso_least_angle,
    least_angle,
    lightgbm,
    linear,
    linear_svm,
    mean_shift,
    mini_batch_kmeans,
    nu_svm,
    optics,
    orthogonal_matching_pursuit,
    passive_aggressive,
    pca,
    perceptron,
    quantile,
    random_forest,
    ransac,
    ridge,
    spectral,
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
    kmeans,
    dbscan,
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
    affinity_propagation,
    birch,
    mini_batch_kmeans,
    mean_shift,
    optics,
    spectral,
    pca,
)
# what the SQL function has for an algorithm if none is given, and what that means where it can't be meant
DEFAULT = "linear"
_FIRST = {"clustering": "kmeans", "decomposition": "pca"}
_ENTRIES: dict[str, Algorithm] = {module.ENTRY.name: module.ENTRY for module in _MODULES}


def names() -> list[str]:
    """Every algorithm that can be trained."""
    return [entry.name for entry in _ENTRIES.values() if entry.estimators]


def chosen(name: str | None, task: str) -> str:
    """The algorithm that a call asks for; what stands for none given is the linear one, or the simplest of its task."""
    return _FIRST.get(task, DEFAULT) if name in (None, DEFAULT) else name or DEFAULT


def get(name: str, task: str | None = None) -> Algorithm:
    """The algorithm of that name.

    Raises
    ------
    UnknownChoice
        If there is none.
    NotSupported
        If it isn't made for ``task``, or can't answer for rows that it wasn't fitted on.
    """
    entry = _ENTRIES.get(name)
    if entry is None:
        raise UnknownChoice(what="algorithm", value=name, choices=", ".join(_ENTRIES))
    if entry.nearest:
        reason = f"it has no way to answer for rows that it was not trained on; {entry.nearest} is the nearest that has"
        raise NotSupported(what=f"algorithm {name}", reason=reason)
    if task is not None and task not in entry.estimators:
        reason = f"it is for {' and '.join(entry.estimators)}"
        raise NotSupported(what=f"algorithm {name} for {task}", reason=reason)
    return entry


__all__ = ["Algorithm", "chosen", "get", "names"]
