"""Trees of scikit-learn: forests, gradient boosting, bags of trees, AdaBoost of trees, histogram boosting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.training.flat import NoForm
from turnout.training.flat.ensemble import Tree, payload

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOGARITHMS = ("poisson", "gamma")


def is_ensemble(estimator: Any) -> bool:
    """Whether it is made of trees, as a rule."""
    return type(estimator).__name__ in _MAKERS


def trees_of(estimator: Any) -> bytes:
    """The payload of an ensemble of trees.

    Raises
    ------
    NoForm
        If it has other members, or its answers are no sums.
    """
    return _MAKERS[type(estimator).__name__](estimator)


def _by_treelite(estimator: Any) -> bytes:
    import treelite

    from turnout.training.flat.from_treelite import from_treelite

    return from_treelite(treelite.sklearn.import_model(estimator), classifies=hasattr(estimator, "classes_"))


def _bagging(estimator: Any) -> bytes:
    """The mean of what the trees say, each of which may see some of the features only."""
    classes = len(estimator.classes_) if hasattr(estimator, "classes_") else 0
    trees = []
    for grown, features in zip(estimator.estimators_, estimator.estimators_features_, strict=True):
        if not hasattr(grown, "tree_"):
            raise NoForm(f"it is a bag of {type(grown).__name__}, no tree")
        answers = _answers(grown)
        if classes:
            # a tree may not have met every class
            wide = np.zeros((len(answers), classes))
            wide[:, grown.classes_.astype(int)] = answers / answers.sum(axis=1, keepdims=True)
            answers = wide
        trees.append(_tree(grown.tree_, answers if classes else answers[:, 0], features=np.asarray(features)))
    return payload(
        trees,
        width=estimator.n_features_in_,
        link="identity",
        base=np.zeros(classes or 1),
        factor=1 / len(trees),
    )


def _ada_boost(estimator: Any) -> bytes:
    """Votes of trees, weighted: SAMME (Zhu, Zou, Rosset and Hastie, "Multi-class AdaBoost", 2009)."""
    if not hasattr(estimator, "classes_"):
        return _ada_boost_r2(estimator)
    classes = len(estimator.classes_)
    weights = estimator.estimator_weights_[: len(estimator.estimators_)]
    trees = []
    for grown, weight in zip(estimator.estimators_, weights, strict=True):
        if not hasattr(grown, "tree_"):
            raise NoForm(f"it boosts {type(grown).__name__}, no tree")
        said = grown.classes_.astype(int)[_answers(grown).argmax(axis=1)]
        votes = (
            np.where(said[:, None] == np.arange(classes), 1.0, -1.0 / (classes - 1)) * weight / weights.sum()
        )
        # two classes have one sum: what speaks for the second, once for each side
        trees.append(_tree(grown.tree_, votes[:, 1] * 2 if classes == 2 else votes))
    if classes == 2:
        return payload(trees, width=estimator.n_features_in_, link="sigmoid", base=np.zeros(1))
    return payload(
        trees,
        width=estimator.n_features_in_,
        link="softmax",
        base=np.zeros(classes),
        factor=1 / (classes - 1),
    )


def _ada_boost_r2(estimator: Any) -> bytes:
    """The weighted median of what the trees say, each an output of its own: AdaBoost.R2 (Drucker, 1997)."""
    trees = []
    for place, grown in enumerate(estimator.estimators_):
        if not hasattr(grown, "tree_"):
            raise NoForm(f"it boosts {type(grown).__name__}, no tree")
        trees.append(_tree(grown.tree_, _answers(grown)[:, 0], target=place))
    return payload(
        trees,
        width=estimator.n_features_in_,
        link="median",
        base=np.zeros(len(trees)),
        notes=estimator.estimator_weights_[: len(trees)],
    )


def _hist(estimator: Any) -> bytes:
    """One tree for each class in each round."""
    base = np.ravel(estimator._baseline_prediction)
    if not hasattr(estimator, "classes_"):
        link = "exponential" if estimator.loss in _LOGARITHMS else "identity"
    else:
        link = "sigmoid" if len(estimator.classes_) == 2 else "softmax"
    trees = [
        _hist_tree(found, target) for trees in estimator._predictors for target, found in enumerate(trees)
    ]
    return payload(trees, width=estimator.n_features_in_, link=link, base=base)


def _hist_tree(found: Any, target: int) -> Tree:
    nodes = found.nodes
    if nodes["is_categorical"].any():
        raise NoForm("it looks into sets of categories")
    return Tree(
        leaf=nodes["is_leaf"].astype(bool),
        feature=nodes["feature_idx"].astype(np.int64),
        threshold=nodes["num_threshold"],
        left=nodes["left"].astype(np.int64),
        right=nodes["right"].astype(np.int64),
        missing_left=nodes["missing_go_to_left"],
        or_equal=True,
        value=nodes["value"],
        target=target,
    )


def _answers(grown: Any) -> NDArray[np.float64]:
    found: NDArray[np.float64] = grown.tree_.value[:, 0]
    return found


def _tree(
    found: Any, answers: NDArray[Any], *, features: NDArray[Any] | None = None, target: int = 0
) -> Tree:
    leaf = found.children_left < 0
    asked = np.where(leaf, 0, found.feature)
    return Tree(
        leaf=leaf,
        feature=asked if features is None else features[asked],
        threshold=found.threshold,
        left=found.children_left,
        right=found.children_right,
        missing_left=found.missing_go_to_left,
        or_equal=True,
        value=answers,
        target=target,
    )


_MAKERS = {
    "RandomForestClassifier": _by_treelite,
    "RandomForestRegressor": _by_treelite,
    "ExtraTreesClassifier": _by_treelite,
    "ExtraTreesRegressor": _by_treelite,
    "GradientBoostingClassifier": _by_treelite,
    "GradientBoostingRegressor": _by_treelite,
    "HistGradientBoostingClassifier": _hist,
    "HistGradientBoostingRegressor": _hist,
    "BaggingClassifier": _bagging,
    "BaggingRegressor": _bagging,
    "AdaBoostClassifier": _ada_boost,
    "AdaBoostRegressor": _ada_boost,
}
