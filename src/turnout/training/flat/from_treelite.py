"""Trees of XGBoost, LightGBM and scikit-learn's forests and gradient boosting, as treelite reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.training.flat import NoForm
from turnout.training.flat.ensemble import Tree, payload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# treelite's names of what makes scores of sums; the first where there is one sum for two classes
_BINARY = {"sigmoid": "sigmoid"}
_LINKS = {
    "identity": "identity",
    "identity_multiclass": "identity",
    "sigmoid": "logistic",
    "exponential": "exponential",
    "softmax": "softmax",
    "multiclass_ova": "sigmoids",
}
_LESS, _LESS_OR_EQUAL = 2, 3


def from_treelite(model: Any, *, classifies: bool) -> bytes:
    """The payload of a treelite model.

    Raises
    ------
    NoForm
        If its answers are made otherwise than from one sum for each output.
    """
    head = model.get_header_accessor()
    one_sum = len(np.ravel(head.get_field("base_scores"))) == 1
    name = head.get_field("postprocessor")
    link = _BINARY.get(name) if classifies and one_sum else _LINKS.get(name)
    if link is None:
        raise NoForm(f"its sums become scores by {name}")
    shape = [int(size) for size in head.get_field("leaf_vector_shape")]
    base = np.ravel(head.get_field("base_scores")).astype(np.float64)
    classes, targets = head.get_field("class_id"), head.get_field("target_id")
    several = len(head.get_field("num_class")) > 1
    if several and max(head.get_field("num_class")) > 1:
        raise NoForm("it has several targets with several classes")
    alpha = float(head.get_field("sigmoid_alpha")[0]) if name in ("sigmoid", "multiclass_ova") else 1.0
    trees = [
        _tree(model.get_tree_accessor(at), shape, int(targets[at] if several else classes[at]))
        for at in range(model.num_tree)
    ]
    factor = alpha / _averaged(trees, len(base)) if head.get_field("average_tree_output")[0] else alpha
    # a library that keeps leaves as float32 adds them up so
    return payload(
        trees,
        width=int(head.get_field("num_feature")[0]),
        link=link,
        base=base * alpha,
        factor=factor,
        single=model.output_type == "float32",
    )


def _averaged(trees: list[Tree], outputs: int) -> int:
    """How many trees each output is the mean of."""
    if trees[0].value.ndim == 2:
        return len(trees)
    counts = np.bincount([tree.target for tree in trees], minlength=outputs)
    if counts.min() != counts.max():
        raise NoForm("its outputs are means of different numbers of trees")
    return int(counts[0])


def _tree(found: Any, shape: list[int], target: int) -> Tree:
    leaf = found.get_field("cleft") < 0
    comparisons = {int(sign) for sign in found.get_field("cmp")[~leaf & (found.get_field("node_type") == 1)]}
    if not comparisons <= {_LESS} and not comparisons <= {_LESS_OR_EQUAL}:
        raise NoForm("its trees compare otherwise than by < or <=")
    return Tree(
        leaf=leaf,
        feature=found.get_field("split_index"),
        threshold=found.get_field("threshold").astype(np.float64),
        left=found.get_field("cleft"),
        right=found.get_field("cright"),
        missing_left=found.get_field("default_left"),
        or_equal=comparisons == {_LESS_OR_EQUAL},
        value=_leaves(found, leaf, shape),
        target=max(target, 0),
        sets=_sets(found) if found.get_field("has_categorical_split")[0] else {},
    )


def _leaves(found: Any, leaf: NDArray[np.bool_], shape: list[int]) -> NDArray[Any]:
    size = shape[0] * shape[1]
    if size == 1:
        values: NDArray[Any] = found.get_field("leaf_value")
        return values
    rows = np.zeros((len(leaf), size))
    starts, vectors = found.get_field("leaf_vector_begin"), found.get_field("leaf_vector")
    for node in np.flatnonzero(leaf).tolist():
        rows[node] = vectors[starts[node] : starts[node] + size]
    return rows


def _sets(found: Any) -> dict[int, tuple[Sequence[int], bool]]:
    begin, end = found.get_field("category_list_begin"), found.get_field("category_list_end")
    categories, right = found.get_field("category_list"), found.get_field("category_list_right_child")
    nodes = np.flatnonzero(found.get_field("node_type") == 2).tolist()
    return {node: (categories[begin[node] : end[node]].tolist(), bool(right[node])) for node in nodes}
