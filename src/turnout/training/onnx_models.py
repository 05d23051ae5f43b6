"""ONNX from estimators: one float32 input ``features``, one float32 output ``scores``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import onnx

if TYPE_CHECKING:
    from collections.abc import Iterable

OPSET = {"": 18, "ai.onnx.ml": 3}
# what every onnxruntime of the supported range reads
IR_VERSION = 9


def from_sklearn(estimator: Any, width: int, *, double: bool = False) -> bytes:
    """A scikit-learn estimator; ``double`` computes in float64 between float32 ends."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    kind = DoubleTensorType if double else FloatTensorType
    last = estimator
    while hasattr(last, "steps"):
        last = last.steps[-1][1]
    options = _options(last)
    model = convert_sklearn(
        estimator,
        initial_types=[("features", kind([None, width]))],
        options={id(last): options},
        target_opset=OPSET | ({"com.microsoft": 1} if "optim" in options else {}),
    )
    return _finished(model, double=double)


def renamed(model: Any, scores: str, *, features: str | None) -> bytes:
    """A model of whoever made it, with the name ``scores`` for an output and nothing that does not lead to it.

    Parameters
    ----------
    features
        Its only input, which is called ``features`` then; none where it has one for each column.
    """
    found = onnx.ModelProto()
    found.CopyFrom(model)
    graph = found.graph
    _keep(graph, scores)
    _rename(graph.node, scores, "scores")
    kinds = {given.name: given.type.tensor_type.elem_type for given in (*graph.input, *graph.output)}
    if features is not None:
        _rename(graph.node, features, "features")
        _as_floats(graph, kinds[features])
    output = onnx.helper.make_tensor_value_info("scores", kinds[scores], [None, None])
    del graph.output[:]
    graph.output.append(output)
    found.doc_string = ""
    data: bytes = found.SerializeToString()
    return data


def _as_floats(graph: Any, kind: int) -> None:
    """One input of float32, whatever the graph computes in."""
    if kind != onnx.TensorProto.FLOAT:
        _rename(graph.node, "features", "features_cast")
        graph.node.insert(0, onnx.helper.make_node("Cast", ["features"], ["features_cast"], to=kind))
    info = onnx.helper.make_tensor_value_info("features", onnx.TensorProto.FLOAT, [None, None])
    del graph.input[:]
    graph.input.append(info)


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
