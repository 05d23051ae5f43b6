"""scikit-learn's histogram boosting as ONNX: skl2onnx takes neither its numbers' types nor its float64 thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOGARITHMS = ("poisson", "gamma")


def as_onnx(estimator: Any, opset: dict[str, int]) -> Any:
    """A model with one output: the answer, or one probability per class."""
    nodes = [
        make_node("TreeEnsembleRegressor", ["features"], ["raw"], domain="ai.onnx.ml", **_trees(estimator))
    ]
    wanted = _answer(estimator, nodes)
    ends = [make_tensor_value_info(name, TensorProto.FLOAT, [None, None]) for name in ("features", wanted)]
    graph = make_graph(nodes, "trees", ends[:1], ends[1:])
    return make_model(
        graph, opset_imports=[make_opsetid(domain, version) for domain, version in opset.items()]
    )


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


def _trees(estimator: Any) -> dict[str, Any]:
    """The attributes of the sums: one tree for each class in each round."""
    base = np.ravel(estimator._baseline_prediction).astype(np.float32)
    found: dict[str, list[Any]] = {}
    number = 0
    for trees in estimator._predictors:
        for target, tree in enumerate(trees):
            for name, values in _tree(tree.nodes, number, target).items():
                found.setdefault(name, []).extend(values.tolist())
            number += 1
    found["nodes_modes"] = ["LEAF" if leaf else "BRANCH_LEQ" for leaf in found.pop("leaves")]
    return {**found, "n_targets": len(base), "base_values": base.tolist(), "post_transform": "NONE"}


def _tree(nodes: Any, number: int, target: int) -> dict[str, NDArray[Any]]:
    leaves = nodes["is_leaf"].astype(bool)
    places = np.arange(len(nodes))
    at = places[leaves]

    def inner(name: str) -> NDArray[Any]:
        return np.where(leaves, 0, nodes[name].astype(np.int64))

    return {
        "leaves": leaves,
        "nodes_treeids": np.full(len(nodes), number),
        "nodes_nodeids": places,
        "nodes_featureids": inner("feature_idx"),
        "nodes_values": np.where(leaves, 0, _rounded_down(nodes["num_threshold"])),
        "nodes_truenodeids": inner("left"),
        "nodes_falsenodeids": inner("right"),
        "nodes_missing_value_tracks_true": inner("missing_go_to_left"),
        "target_treeids": np.full(len(at), number),
        "target_nodeids": at,
        "target_ids": np.full(len(at), target),
        "target_weights": nodes["value"][leaves],
    }


def _rounded_down(exact: NDArray[np.float64]) -> NDArray[np.float32]:
    """For float32 features ``x <= t`` exactly if ``x <= t`` rounded down."""
    with np.errstate(over="ignore"):
        near = exact.astype(np.float32)
    return np.where(near > exact, np.nextafter(near, np.float32(-np.inf)), near)
