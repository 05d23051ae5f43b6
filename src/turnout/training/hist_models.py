"""scikit-learn's histogram boosting as ONNX: skl2onnx takes neither its numbers' types nor its float64 thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx.helper import make_node

from turnout.training import tree_models

_LOGARITHMS = ("poisson", "gamma")


def as_onnx(estimator: Any, opset: dict[str, int]) -> Any:
    """A model with one output: the answer, or one probability per class."""
    nodes = [tree_models.sums(_trees(estimator), np.ravel(estimator._baseline_prediction))]
    wanted = _answer(estimator, nodes)
    return tree_models.model(nodes, wanted, opset)


def _answer(estimator: Any, nodes: list[Any]) -> str:
    """Add what comes after the sums; the name of what it gives."""
    if not hasattr(estimator, "classes_"):
        if estimator.loss not in _LOGARITHMS:
            return "raw"
        nodes.append(make_node("Exp", ["raw"], ["answers"]))
        return "answers"
    if len(estimator.classes_) > 2:
        nodes.append(make_node("Softmax", ["raw"], ["probabilities"], axis=1))
        return "probabilities"
    nodes += [
        make_node("Neg", ["raw"], ["against"]),
        make_node("Sigmoid", ["raw"], ["second"]),
        make_node("Sigmoid", ["against"], ["first"]),
        make_node("Concat", ["first", "second"], ["probabilities"], axis=1),
    ]
    return "probabilities"


def _trees(estimator: Any) -> list[tree_models.Tree]:
    """One tree for each class in each round."""
    return [
        _tree(found.nodes, number * len(trees) + target, target)
        for number, trees in enumerate(estimator._predictors)
        for target, found in enumerate(trees)
    ]


def _tree(nodes: Any, number: int, target: int) -> tree_models.Tree:
    leaves = nodes["is_leaf"].astype(bool)
    return tree_models.tree(
        number=number,
        leaves=leaves,
        features=nodes["feature_idx"],
        thresholds=nodes["num_threshold"],
        children=(nodes["left"], nodes["right"]),
        missing_left=nodes["missing_go_to_left"],
        answers=nodes["value"][leaves][:, None],
        first_target=target,
    )
