"""XGBoost's binary format of versions up to 2.0, which XGBoost itself reads no more since 3.1.

Numbers are little-endian and structures fixed: the learner's 136 bytes, the names of objective and booster, the
trees' 160 bytes, then each tree as 148 bytes, 20 bytes a node and 16 bytes of statistics a node, and which class each
tree adds to. What is read becomes the JSON that XGBoost writes since 1.0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# what Python's package writes before it, from version 1.0 on
_MAGIC = b"binf"
_LEARNER = np.dtype(
    {
        "names": ["base_score", "features", "classes", "major", "minor"],
        "formats": ["<f4", "<u4", "<i4", "<u4", "<u4"],
        "offsets": [0, 4, 8, 20, 24],
        "itemsize": 136,
    }
)
_TREES = np.dtype({"names": ["count"], "formats": ["<i4"], "offsets": [0], "itemsize": 160})
_TREE = np.dtype(
    {"names": ["nodes", "leaf_vector"], "formats": ["<i4", "<i4"], "offsets": [4, 20], "itemsize": 148}
)
_NODE = np.dtype([("parent", "<i4"), ("left", "<i4"), ("right", "<i4"), ("split", "<u4"), ("value", "<f4")])
_STATISTIC = np.dtype([("gain", "<f4"), ("hessian", "<f4"), ("weight", "<f4"), ("leaves", "<i4")])
_LONGEST_NAME = 1000
_DEFAULT_LEFT = 1 << 31
_NO_PARENT = 2147483647

# objectives of one answer a row, with the name of their parameters in JSON; what they are called today
_OBJECTIVES = {
    "reg:linear": ("reg:squarederror", "reg_loss_param"),
    "reg:squarederror": ("reg:squarederror", "reg_loss_param"),
    "reg:logistic": ("reg:logistic", "reg_loss_param"),
    "binary:logistic": ("binary:logistic", "reg_loss_param"),
    # probabilities from the same trees, where softmax keeps the best class only
    "multi:softmax": ("multi:softprob", "softmax_multiclass_param"),
    "multi:softprob": ("multi:softprob", "softmax_multiclass_param"),
}


class _Reader:
    """Takes one thing after the other from bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, kind: np.dtype[Any], count: int = 1) -> Any:
        size = kind.itemsize * count
        if count < 0 or self._at + size > len(self._data):
            raise ValueError(f"it ends after {len(self._data)} bytes, in the middle of a model")
        found = np.frombuffer(self._data, kind, count, self._at)
        self._at += size
        return found

    def text(self) -> str:
        length = int(self.take(np.dtype("<u8"))[0])
        if length > _LONGEST_NAME:
            raise ValueError("it is not XGBoost's binary format")
        return bytes(self.take(np.dtype("u1"), length)).decode()


def read(data: bytes) -> dict[str, Any]:
    """A model in the binary format, as the JSON document that XGBoost loads.

    Raises
    ------
    ValueError
        If it is broken, or of a kind that is not read; the message says which.
    """
    reader = _Reader(data.removeprefix(_MAGIC))
    learner = reader.take(_LEARNER)[0]
    try:
        objective, booster = reader.text(), reader.text()
    except UnicodeDecodeError:
        raise ValueError("it is not XGBoost's binary format") from None
    if booster != "gbtree":
        raise ValueError(f"its booster is {booster or 'not named'}, and only gbtree is read")
    if objective not in _OBJECTIVES:
        raise ValueError(f"its objective is {objective or 'not named'}, which is not read")
    count = int(reader.take(_TREES)[0]["count"])
    trees = [_tree(reader, number, int(learner["features"])) for number in range(count)]
    groups = reader.take(np.dtype("<i4"), count).tolist() if count else []
    classes = int(learner["classes"])
    if any(not 0 <= group < max(classes, 1) for group in groups):
        raise ValueError("it has a tree for a class that there is not")
    return _document(learner, objective, trees, groups)


def _tree(reader: _Reader, number: int, features: int) -> dict[str, Any]:
    head = reader.take(_TREE)[0]
    if head["leaf_vector"]:
        raise ValueError("its leaves are vectors, which are not read")
    nodes = reader.take(_NODE, int(head["nodes"]))
    statistics = reader.take(_STATISTIC, int(head["nodes"]))
    order = _walk(nodes, features)
    place = {old: new for new, old in enumerate(order)}
    kept, notes = nodes[order], statistics[order]
    leaf = kept["left"] < 0
    return {
        "base_weights": _plain(notes["weight"]),
        "categories": [],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
        "default_left": [int(split >= _DEFAULT_LEFT) for split in kept["split"].tolist()],
        "id": number,
        "left_children": [place.get(child, -1) for child in kept["left"].tolist()],
        "loss_changes": _plain(notes["gain"]),
        "parents": _parents(kept, place),
        "right_children": [place.get(child, -1) for child in np.where(leaf, -1, kept["right"]).tolist()],
        "split_conditions": _plain(kept["value"]),
        "split_indices": np.where(leaf, 0, kept["split"] & (_DEFAULT_LEFT - 1)).tolist(),
        "split_type": [0] * len(order),
        "sum_hessian": _plain(notes["hessian"]),
        "tree_param": {
            "num_deleted": "0",
            "num_feature": str(features),
            "num_nodes": str(len(order)),
            "size_leaf_vector": "0",
        },
    }


def _walk(nodes: Any, features: int) -> list[int]:
    """The nodes that the root leads to, level by level: pruned ones stay in the file, and are left out here.

    A right child comes next to its left one, which XGBoost's predictor counts on without saying so.
    """
    order = [0]
    for at in order:
        if not 0 <= at < len(nodes):
            raise ValueError("it has a tree whose nodes lead nowhere")
        if nodes[at]["left"] < 0:
            continue
        if (int(nodes[at]["split"]) & (_DEFAULT_LEFT - 1)) >= features:
            raise ValueError("it has a tree that asks for features that there are not")
        order += [int(nodes[at]["left"]), int(nodes[at]["right"])]
        if len(order) > len(nodes):
            raise ValueError("it has a tree whose nodes lead nowhere")
    if len({*order}) < len(order):
        raise ValueError("it has a node that two others lead to")
    return order


def _parents(nodes: Any, place: dict[int, int]) -> list[int]:
    parents = [_NO_PARENT] * len(nodes)
    for new, (left, right) in enumerate(zip(nodes["left"].tolist(), nodes["right"].tolist(), strict=True)):
        if left >= 0:
            parents[place[left]] = parents[place[right]] = new
    return parents


def _plain(numbers: Any) -> list[float]:
    """The numbers with as few digits as a float32 needs: XGBoost reads no more."""
    if not np.isfinite(numbers).all():
        raise ValueError("it has a tree with a number that is not finite")
    return [float(str(number)) for number in numbers]


def _document(learner: Any, objective: str, trees: list[Any], groups: list[int]) -> dict[str, Any]:
    name, parameters = _OBJECTIVES[objective]
    classes = int(learner["classes"])
    chosen = {"num_class": str(classes)} if classes else {"scale_pos_weight": "1"}
    return {
        "learner": {
            "attributes": {},
            "feature_names": [],
            "feature_types": [],
            "gradient_booster": {
                "model": {
                    "gbtree_model_param": {
                        "num_parallel_tree": "1",
                        "num_trees": str(len(trees)),
                        "size_leaf_vector": "0",
                    },
                    "tree_info": groups,
                    "trees": trees,
                },
                "name": "gbtree",
            },
            "learner_model_param": {
                "base_score": str(learner["base_score"]),
                "num_class": str(classes),
                "num_feature": str(int(learner["features"])),
                "num_target": "1",
            },
            "objective": {"name": name, parameters: chosen},
        },
        "version": [int(learner["major"]) or 1, int(learner["minor"]), 0],
    }
