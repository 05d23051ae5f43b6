"""Trees of scikit-learn from an artifact: walked without a check of bounds, so their bounds are checked before."""

from __future__ import annotations

import numpy as np
from sklearn.tree._tree import Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LEAF = -1


def check_trees(model: Any) -> None:
    """Look at every tree within an estimator.

    Raises
    ------
    ValueError
        If one has a child or a feature out of range, or a way back to a node above.
    """
    waiting, seen = [model], set()
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, str | bytes | int | float | type(None)):
            continue
        seen.add(id(found))
        if isinstance(found, Tree):
            _check(found)
        elif hasattr(found, "_predictors") and hasattr(found, "n_features_in_"):
            _check_boosted(found)
        waiting.extend(_parts(found))


def _parts(found: Any) -> list[Any]:
    if isinstance(found, np.ndarray):
        return list(found.ravel()) if found.dtype == object else []
    if isinstance(found, dict):
        return list(found.values())
    if isinstance(found, list | tuple | set):
        return list(found)
    return list(getattr(found, "__dict__", {}).values())


def _check(tree: Any) -> None:
    places = np.arange(tree.node_count)
    inner = tree.children_left != _LEAF
    for children in (tree.children_left[inner], tree.children_right[inner]):
        # scikit-learn numbers a tree's nodes from the root down
        if (children <= places[inner]).any() or (children >= tree.node_count).any():
            raise ValueError("it has a tree whose nodes lead nowhere")
    features = tree.feature[inner]
    if tree.node_count < 1 or (features < 0).any() or (features >= tree.n_features).any():
        raise ValueError("it has a tree that asks for features that there are not")


def _check_boosted(estimator: Any) -> None:
    """The trees of histogram gradient boosting."""
    for trees in estimator._predictors:
        for tree in trees:
            nodes = tree.nodes
            places = np.arange(len(nodes))
            inner = nodes["is_leaf"] == 0
            for children in (nodes["left"][inner], nodes["right"][inner]):
                if (children <= places[inner]).any() or (children >= len(nodes)).any():
                    raise ValueError("it has a tree whose nodes lead nowhere")
            if not len(nodes) or (nodes["feature_idx"][inner] >= estimator.n_features_in_).any():
                raise ValueError("it has a tree that asks for features that there are not")
            if (nodes["feature_idx"][inner] < 0).any():
                raise ValueError("it has a tree that asks for features that there are not")
            looking = nodes["bitset_idx"][inner & (nodes["is_categorical"] != 0)]
            if (looking >= len(tree.raw_left_cat_bitsets)).any():
                raise ValueError("it has a tree that asks for categories that there are not")
