"""CatBoost's trees, from the model as it writes it in JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.training.flat import NoForm
from turnout.training.flat.ensemble import Tree, payload

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LINKS = {"RawFormulaVal": "identity", "Exponent": "exponential"}


def from_catboost(text: bytes, *, prediction_type: str | None) -> bytes:
    """The payload of a model.

    Parameters
    ----------
    text
        The model in JSON.
    prediction_type
        What its answers are made of the sums by; none for a classifier.

    Raises
    ------
    NoForm
        If it has categories, or answers otherwise than by sums.
    """
    model = json.loads(text)
    features = model["features_info"].get("float_features", [])
    if model["features_info"].get("categorical_features"):
        raise NoForm("it has categorical features")
    scale, base = model["scale_and_bias"]
    forest = _Forest(features, len(base))
    trees = [
        *(forest.symmetric(tree) for tree in model.get("oblivious_trees", ())),
        *(forest.grown(tree) for tree in model.get("trees", ())),
    ]
    link = _link(model, prediction_type, len(base))
    return payload(
        trees, width=len(features), link=link, base=np.array(base, np.float64), factor=float(scale)
    )


def _link(model: dict[str, Any], prediction_type: str | None, outputs: int) -> str:
    if prediction_type is not None:
        if prediction_type not in _LINKS:
            raise NoForm(f"its answers are of the type {prediction_type}")
        return _LINKS[prediction_type]
    loss = model["model_info"]["params"]["loss_function"]["type"]
    if outputs == 1:
        return "sigmoid"
    if loss == "MultiClassOneVsAll":
        return "sigmoids"
    return "softmax"


class _Forest:
    """Makes trees of CatBoost's, which go right where a value is above a border."""

    def __init__(self, features: list[dict[str, Any]], outputs: int) -> None:
        self._places = [feature["flat_feature_index"] for feature in features]
        self._missing_left = [feature["nan_value_treatment"] != "AsTrue" for feature in features]
        self._outputs = outputs

    def symmetric(self, tree: dict[str, Any]) -> Tree:
        """One split a level; the first one is the lowest bit of a leaf's number."""
        splits = list(reversed(tree["splits"] or []))
        count = (1 << len(splits)) - 1
        inner = np.arange(count)
        levels = np.floor(np.log2(inner + 1)).astype(np.int64)
        values = np.array(tree["leaf_values"], np.float64).reshape(count + 1, self._outputs)
        return self._tree(
            [splits[level] for level in levels.tolist()] + [None] * (count + 1),
            _spread(2 * inner + 1, 2 * count + 1),
            _spread(2 * inner + 2, 2 * count + 1),
            np.concatenate([np.zeros((count, self._outputs)), values]),
        )

    def grown(self, root: dict[str, Any]) -> Tree:
        """A tree of any shape, its nodes one within the other."""
        nodes, left, right = [root], [], []
        for node in nodes:
            inner = "split" in node
            left.append(len(nodes) if inner else 0)
            right.append(len(nodes) + 1 if inner else 0)
            nodes += [node["left"], node["right"]] if inner else []
        nothing = [0.0] * self._outputs
        values = [np.ravel(node["value"]).tolist() if "value" in node else nothing for node in nodes]
        return self._tree(
            [node.get("split") for node in nodes], np.array(left), np.array(right), np.array(values)
        )

    def _tree(
        self,
        splits: list[dict[str, Any] | None],
        left: NDArray[Any],
        right: NDArray[Any],
        values: NDArray[Any],
    ) -> Tree:
        asked = [split["float_feature_index"] if split else 0 for split in splits]
        return Tree(
            leaf=np.array([split is None for split in splits]),
            feature=np.array([self._places[at] for at in asked]),
            threshold=np.array([split["border"] if split else 0.0 for split in splits]),
            left=left,
            right=right,
            missing_left=np.array([self._missing_left[at] for at in asked]),
            or_equal=True,
            value=values[:, 0] if self._outputs == 1 else values,
        )


def _spread(inner: NDArray[Any], total: int) -> NDArray[Any]:
    """What holds for inner nodes, with room for the leaves."""
    return np.concatenate([inner, np.zeros(total - len(inner), inner.dtype)])
