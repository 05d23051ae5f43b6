"""ONNX from estimators: one float32 input ``features``, one float32 output ``scores``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from sklearn.base import is_clusterer
from sklearn.ensemble._forest import BaseForest
from sklearn.utils import get_tags

if TYPE_CHECKING:
    from collections.abc import Iterable

OPSET = {"": 18, "ai.onnx.ml": 3}
# what every onnxruntime of the supported range reads
IR_VERSION = 9


def from_sklearn(estimator: Any, width: int, *, double: bool = False) -> bytes:
    """A scikit-learn estimator; ``double`` computes in float64 between float32 ends."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    from turnout.training import center_models, hist_models, tree_models

    if isinstance(estimator, BaseForest):
        return _finished(tree_models.forest(estimator, OPSET))
    if is_clusterer(estimator):
        return _finished(center_models.as_onnx(estimator, OPSET))
    kind = DoubleTensorType if double else FloatTensorType
    if hasattr(estimator, "_predictors"):
        return _finished(hist_models.as_onnx(estimator, OPSET))
    options = _options(estimator)
    model = convert_sklearn(
        estimator,
        initial_types=[("features", kind([None, width]))],
        options={id(estimator): options},
        target_opset=OPSET | ({"com.microsoft": 1} if "optim" in options else {}),
    )
    if get_tags(estimator).input_tags.allow_nan:
        _missing_values(model, estimator)
    return _finished(model, double=double)


def from_xgboost(estimator: Any, width: int) -> bytes:
    """An estimator of XGBoost."""
    from onnxmltools.convert import convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType

    types = [("features", FloatTensorType([None, width]))]
    model = convert_xgboost(estimator, initial_types=types, target_opset=15)
    _classes_of_parallel_trees(model, estimator)
    return _finished(model)


def from_lightgbm(estimator: Any, width: int) -> bytes:
    """An estimator of LightGBM."""
    from onnxmltools.convert import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType

    from turnout.training.lightgbm_models import with_float_thresholds

    types = [("features", FloatTensorType([None, width]))]
    rounded = with_float_thresholds(estimator)
    return _finished(convert_lightgbm(rounded, initial_types=types, target_opset=15, zipmap=False))


def from_catboost(estimator: Any) -> bytes:
    """An estimator of CatBoost."""
    from turnout.training.catboost_models import as_onnx, prediction_type

    model = as_onnx(estimator)
    if prediction_type(estimator) == "Exponent":
        _exponential(model.graph)
    return _finished(model)


def _options(estimator: Any) -> dict[str, Any]:
    """Probabilities as a tensor; distances by onnxruntime's own operator, some hundred times faster than a loop."""
    from skl2onnx._supported_operators import sklearn_operator_name_map
    from skl2onnx.common._registration import get_converter

    name = sklearn_operator_name_map.get(type(estimator))
    known = (get_converter(name).get_allowed_options() or {}) if name else {}
    wanted = {"zipmap": False, "optim": "cdist"}
    return {name: value for name, value in wanted.items() if value in known.get(name, ())}


def _finished(model: Any, *, double: bool = False) -> bytes:
    """Only the last output, named ``scores``, and the nodes that lead to it."""
    graph = model.graph
    wanted = graph.output[-1].name
    _keep(graph, wanted)
    _rename(graph.node, wanted, "scores")
    if double:
        _cast_ends(graph)
    names = ("features", "scores")
    infos = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, None]) for name in names]
    for values, info in zip((graph.input, graph.output), infos, strict=True):
        del values[:]
        values.append(info)
    if not any(opset.domain == "" for opset in model.opset_import):
        model.opset_import.append(onnx.helper.make_opsetid("", 9))
    model.ir_version = min(model.ir_version, IR_VERSION)
    model.doc_string = ""
    # converters give it a random one
    graph.name = "turnout"
    data: bytes = model.SerializeToString()
    return data


def _keep(graph: Any, wanted: str) -> None:
    needed, nodes = {wanted}, []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(reversed(nodes))
    constants = [constant for constant in graph.initializer if constant.name in needed]
    del graph.initializer[:]
    graph.initializer.extend(constants)


def _rename(nodes: Iterable[Any], old: str, new: str) -> None:
    for node in nodes:
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                if name == old:
                    names[i] = new


def _cast_ends(graph: Any) -> None:
    _rename(graph.node, "features", "features_double")
    _rename(graph.node, "scores", "scores_double")
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.append(
        onnx.helper.make_node("Cast", ["features"], ["features_double"], to=onnx.TensorProto.DOUBLE)
    )
    graph.node.extend(nodes)
    graph.node.append(onnx.helper.make_node("Cast", ["scores_double"], ["scores"], to=onnx.TensorProto.FLOAT))


def _missing_values(model: Any, estimator: Any) -> None:
    """Where NaN goes in each node of a bag of trees, which skl2onnx leaves out."""
    trees = [tree.tree_ for tree in np.ravel(getattr(estimator, "estimators_", [])) if hasattr(tree, "tree_")]
    if not trees:
        return
    ensembles = [node for node in model.graph.node if node.op_type.startswith("TreeEnsemble")]
    # one for each tree, numbered by its name and in any order
    ensembles.sort(key=lambda node: (len(node.name), node.name))
    for tree, node in zip(trees, ensembles, strict=True):
        attributes = {attribute.name: attribute for attribute in node.attribute}
        tracks = attributes["nodes_missing_value_tracks_true"].ints
        for i, place in enumerate(attributes["nodes_nodeids"].ints):
            tracks[i] = int(tree.missing_go_to_left[place])


def _classes_of_parallel_trees(model: Any, estimator: Any) -> None:
    """The class of each tree where a round has several for each, which onnxmltools takes for one."""
    parallel = int(estimator.get_xgb_params().get("num_parallel_tree") or 1)
    classes = int(getattr(estimator, "n_classes_", 0))
    if parallel == 1 or classes <= 2:
        return
    for node in model.graph.node:
        if node.op_type == "TreeEnsembleClassifier":
            attributes = {attribute.name: attribute.ints for attribute in node.attribute}
            attributes["class_ids"][:] = [tree // parallel % classes for tree in attributes["class_treeids"]]


def _exponential(graph: Any) -> None:
    """The exponential of the last output."""
    wanted = graph.output[-1].name
    _rename(graph.node, wanted, "logarithms")
    graph.node.append(onnx.helper.make_node("Exp", ["logarithms"], [wanted]))
