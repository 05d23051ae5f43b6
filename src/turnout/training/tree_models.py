"""Sums of trees as ONNX, written column by column: a large forest has millions of nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import AttributeProto, NodeProto, TensorProto
from onnx.helper import make_graph, make_model, make_opsetid, make_tensor_value_info

if TYPE_CHECKING:
    from numpy.typing import NDArray

# the attributes of one tree, each an array
Tree = dict[str, Any]

_LEAF, _BRANCH = b"LEAF", b"BRANCH_LEQ"


def tree(
    *,
    number: int,
    leaves: NDArray[np.bool_],
    features: NDArray[Any],
    thresholds: NDArray[Any],
    children: tuple[NDArray[Any], NDArray[Any]],
    missing_left: NDArray[Any],
    answers: NDArray[np.float64],
    first_target: int = 0,
) -> Tree:
    """One tree: a row goes left where its feature is at most the threshold.

    Parameters
    ----------
    answers
        Leaves x targets, the leaves in the order of the nodes.
    first_target
        To which of the sums the first of them is added.
    """
    places = np.arange(len(leaves))

    def inner(values: NDArray[Any]) -> NDArray[np.int64]:
        return np.where(leaves, 0, values.astype(np.int64))

    leaf, target = np.nonzero(answers)
    if not answers.all():
        # one number a leaf at least, even if it is nothing
        bare = np.flatnonzero(~answers.any(axis=1))
        leaf, target = np.append(leaf, bare), np.append(target, np.zeros(len(bare), np.int64))
        order = np.argsort(leaf, kind="stable")
        leaf, target = leaf[order], target[order]
    return {
        "leaves": leaves,
        "nodes_treeids": np.full(len(leaves), number),
        "nodes_nodeids": places,
        "nodes_featureids": inner(features),
        "nodes_values": np.where(leaves, np.float32(0), _rounded_down(thresholds)),
        "nodes_truenodeids": inner(children[0]),
        "nodes_falsenodeids": inner(children[1]),
        "nodes_missing_value_tracks_true": inner(missing_left),
        "target_treeids": np.full(len(leaf), number),
        "target_nodeids": places[leaves][leaf],
        "target_ids": target + first_target,
        "target_weights": answers[leaf, target],
    }


def sums(trees: list[Tree], base: NDArray[Any]) -> NodeProto:
    """The node that adds up what the trees say, from ``features`` to ``raw``, and a base for each sum."""
    node = NodeProto(op_type="TreeEnsembleRegressor", domain="ai.onnx.ml", input=["features"], output=["raw"])
    for name in trees[0]:
        values = np.concatenate([one[name] for one in trees])
        if name == "leaves":
            modes = [_LEAF if leaf else _BRANCH for leaf in values.tolist()]
            node.attribute.append(
                AttributeProto(name="nodes_modes", type=AttributeProto.STRINGS, strings=modes)
            )
        elif values.dtype.kind == "f":
            node.attribute.append(
                AttributeProto(
                    name=name, type=AttributeProto.FLOATS, floats=values.astype(np.float32).tolist()
                )
            )
        else:
            node.attribute.append(AttributeProto(name=name, type=AttributeProto.INTS, ints=values.tolist()))
    base_values = base.astype(np.float32).tolist()
    node.attribute.append(AttributeProto(name="base_values", type=AttributeProto.FLOATS, floats=base_values))
    node.attribute.append(AttributeProto(name="n_targets", type=AttributeProto.INT, i=len(base_values)))
    return node


def model(nodes: list[Any], wanted: str, opset: dict[str, int]) -> Any:
    """A model of these nodes whose answers are called ``wanted``."""
    ends = [make_tensor_value_info(name, TensorProto.FLOAT, [None, None]) for name in ("features", wanted)]
    graph = make_graph(nodes, "trees", ends[:1], ends[1:])
    return make_model(graph, opset_imports=[make_opsetid(name, version) for name, version in opset.items()])


def forest(estimator: Any, opset: dict[str, int]) -> Any:
    """A forest of scikit-learn: the mean of its trees' answers, which are shares of classes or a number per target."""
    share = 1 / len(estimator.estimators_)
    trees = []
    for number, grown in enumerate(estimator.estimators_):
        found = grown.tree_
        leaves = found.children_left < 0
        if hasattr(estimator, "classes_"):
            answers = found.value[leaves, 0]
            answers = answers / answers.sum(axis=1, keepdims=True)
        else:
            answers = found.value[leaves, :, 0]
        trees.append(
            tree(
                number=number,
                leaves=leaves,
                features=found.feature,
                thresholds=found.threshold,
                children=(found.children_left, found.children_right),
                missing_left=found.missing_go_to_left,
                answers=answers * share,
            )
        )
    targets = len(estimator.classes_) if hasattr(estimator, "classes_") else estimator.n_outputs_
    return model([sums(trees, np.zeros(targets))], "raw", opset)


def _rounded_down(exact: NDArray[Any]) -> NDArray[np.float32]:
    """For float32 features ``x <= t`` exactly if ``x <= t`` rounded down."""
    with np.errstate(over="ignore"):
        near = exact.astype(np.float32)
    return np.where(near > exact, np.nextafter(near, np.float32(-np.inf)), near)
