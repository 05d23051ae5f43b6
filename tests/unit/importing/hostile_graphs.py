"""ONNX files that reach beyond themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.unit.importing.hostile import hostile


def graph(nodes: list[Any], constants: list[Any] | None = None, **more: Any) -> bytes:
    """A model from ``x``, three numbers a row, to ``y``."""
    made = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])],
        constants or [],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("evil", 1)]
    data: bytes = helper.make_model(made, opset_imports=opsets, ir_version=9, **more).SerializeToString()
    return data


@hostile("in another file")
def onnx_of_another_file(canary: str) -> bytes:
    weights = numpy_helper.from_array(np.ones((3, 1), np.float32), "w")
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="../../../../etc/passwd")
    return graph([helper.make_node("MatMul", ["x", "w"], ["y"])], [weights])


@hostile("in another file")
def onnx_of_another_file_in_a_node(canary: str) -> bytes:
    weights = numpy_helper.from_array(np.ones((3, 1), np.float32), "w")
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="/etc/passwd")
    constant = helper.make_node("Constant", [], ["w"], value=weights)
    return graph([constant, helper.make_node("MatMul", ["x", "w"], ["y"])])


@hostile("which is not standard")
def onnx_of_its_own_operator(canary: str) -> bytes:
    return graph([helper.make_node("Run", ["x"], ["y"], domain="evil", command=f"touch {canary}")])


@hostile("functions of its own")
def onnx_of_its_own_function(canary: str) -> bytes:
    inner = helper.make_node("Identity", ["a"], ["b"])
    function = helper.make_function("evil", "Run", ["a"], ["b"], [inner], [helper.make_opsetid("", 18)])
    return graph([helper.make_node("Run", ["x"], ["y"], domain="evil")], functions=[function])


@hostile("for ever")
def onnx_for_ever(canary: str) -> bytes:
    body = helper.make_graph([helper.make_node("Identity", ["c"], ["d"])], "b", [], [])
    return graph([helper.make_node("Loop", ["", "c", "x"], ["y"], body=body)])


@hostile("shape|bytes of memory|onnxruntime|finite|answer")
def onnx_of_a_billion_rows(canary: str) -> bytes:
    size = numpy_helper.from_array(np.array([1 << 36], np.int64), "size")
    zeros = helper.make_node("ConstantOfShape", ["size"], ["z"])
    total = helper.make_node("ReduceSum", ["z"], ["s"], keepdims=0)
    return graph([zeros, total, helper.make_node("Add", ["x", "s"], ["y"])], [size])


@hostile("says that it has the shape")
def onnx_of_a_huge_tensor(canary: str) -> bytes:
    weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1 << 40, 1 << 20])
    return graph([helper.make_node("MatMul", ["x", "w"], ["y"])], [weights])


@hostile("broken or truncated|onnxruntime|no graph")
def onnx_cut_off(canary: str) -> bytes:
    weights = numpy_helper.from_array(np.ones((3, 1), np.float32), "w")
    return graph([helper.make_node("MatMul", ["x", "w"], ["y"])], [weights])[:60]


@hostile("newest")
def onnx_of_tomorrow(canary: str) -> bytes:
    model = onnx.load_from_string(graph([helper.make_node("Identity", ["x"], ["y"])]))
    model.ir_version = 30
    data: bytes = model.SerializeToString()
    return data
