"""The words that a caller may choose from, and the check of one."""

from __future__ import annotations

from turnout.errors import UnknownChoice

TASKS = ("regression", "classification", "clustering", "decomposition")
# these learn from the rows alone
UNSUPERVISED = ("clustering", "decomposition")
SAMPLINGS = ("random", "last", "first", "stratified")
SEARCHES = ("grid", "random")
RUNTIMES = ("python", "rust")
STRATEGIES = ("best_score", "most_recent", "rollback")
# in the order of the type pgml.algorithm, which a test compares
ALGORITHMS = (
    "linear",
    "xgboost",
    "xgboost_random_forest",
    "svm",
    "lasso",
    "elastic_net",
    "ridge",
    "kmeans",
    "dbscan",
    "knn",
    "random_forest",
    "least_angle",
    "lasso_least_angle",
    "orthogonal_matching_pursuit",
    "bayesian_ridge",
    "automatic_relevance_determination",
    "stochastic_gradient_descent",
    "perceptron",
    "passive_aggressive",
    "ransac",
    "theil_sen",
    "huber",
    "quantile",
    "kernel_ridge",
    "gaussian_process",
    "nu_svm",
    "ada_boost",
    "bagging",
    "extra_trees",
    "gradient_boosting_trees",
    "hist_gradient_boosting",
    "linear_svm",
    "lightgbm",
    "catboost",
    "affinity_propagation",
    "birch",
    "mini_batch_kmeans",
    "mean_shift",
    "optics",
    "spectral",
    "pca",
)

# how PostgresML 1 spelled a name, and its examples with it
_FORMER = {"orthoganl_matching_pursuit": "orthogonal_matching_pursuit"}


def algorithm(name: str | None) -> str | None:
    """The algorithm's name of today; any other word is left as it is.

    >>> algorithm("orthoganl_matching_pursuit")
    'orthogonal_matching_pursuit'
    """
    return _FORMER.get(name, name) if name else name


def one_of(what: str, value: str, choices: tuple[str, ...], hint: str = "") -> str:
    """The value, if it is among the choices.

    Raises
    ------
    UnknownChoice
        Naming the value and every choice.

    >>> one_of("task", "regression", TASKS)
    'regression'
    """
    if value not in choices:
        raise UnknownChoice(what=what, value=value, choices=", ".join(choices), hint=hint)
    return value
