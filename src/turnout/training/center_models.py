"""Clusters by the nearest of some centres, as ONNX: what most clusterings predict by."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info
from onnx.numpy_helper import from_array


def as_onnx(estimator: Any, opset: dict[str, int]) -> Any:
    """A model with one output, the cluster's index; distances are compared in float64."""
    centers, labels = _centers(estimator)
    # |x - c|^2 without |x|^2, which is the same for every centre
    constants = {
        "twice": -2 * centers.T,
        "squares": (centers**2).sum(axis=1),
        "labels": labels.astype(np.float32),
    }
    nodes = [
        make_node("Cast", ["features"], ["exact"], to=TensorProto.DOUBLE),
        make_node("MatMul", ["exact", "twice"], ["products"]),
        make_node("Add", ["products", "squares"], ["distances"]),
        make_node("ArgMin", ["distances"], ["nearest"], axis=1, keepdims=1),
        make_node("Gather", ["labels", "nearest"], ["clusters"]),
    ]
    ends = [
        make_tensor_value_info(name, TensorProto.FLOAT, [None, None]) for name in ("features", "clusters")
    ]
    made = [from_array(np.ascontiguousarray(value), name) for name, value in constants.items()]
    graph = make_graph(nodes, "centers", ends[:1], ends[1:], made)
    return make_model(graph, opset_imports=[make_opsetid("", opset[""])])


def _centers(estimator: Any) -> tuple[Any, Any]:
    """Centres, and the cluster of each: most often its own."""
    if hasattr(estimator, "subcluster_centers_"):
        return estimator.subcluster_centers_.astype(np.float64), estimator.subcluster_labels_
    centers = estimator.cluster_centers_.astype(np.float64)
    if not len(centers):
        raise ValueError("it has found no cluster")
    return centers, np.arange(len(centers))
