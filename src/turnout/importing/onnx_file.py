"""ONNX files of any converter: looked through before anything computes, then given our names for input and output."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from turnout.importing.refusal import Refused

_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
# of Microsoft's own operators the one that measures distances
_MORE = (("com.microsoft", "CDist"),)
# what may go on for ever, or reads what is not in the file
_NEVER = ("Loop", "SequenceMap")
_TEXT, _FLOAT, _DOUBLE, _INT, _BOOL = 8, 1, 11, 7, 9
_KINDS = {_TEXT: "text", _FLOAT: "number", _DOUBLE: "number", _INT: "number", 6: "number", _BOOL: "bool"}
_NUMPY: dict[int, Any] = {
    _FLOAT: np.float32,
    _DOUBLE: np.float64,
    _INT: np.int64,
    6: np.int32,
    _BOOL: np.bool_,
}
_LABELS = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")
# operators that leave columns where they are
_SAME = ("Identity", "Cast", "Reshape", "Flatten")
_DEEPEST = 50
_MOST_COLUMNS = 100_000
IR_VERSION = 12


class OnnxFile:
    """A model in ONNX, asked as an estimator is.

    Raises
    ------
    Refused
        If it is broken, reaches beyond itself, or its inputs and outputs are not those of a model over rows.
    """

    source_format: ClassVar[str] = "onnx"

    def __init__(self, data: bytes) -> None:
        import onnx

        self._columns: dict[str, list[int] | None] = {}
        self.model = onnx.ModelProto()
        try:
            self.model.ParseFromString(data)
        except Exception as error:
            # protobuf's own exceptions, of whichever of its implementations
            raise Refused(f"it begins as ONNX does, and is broken or truncated: {error}"[:300]) from None
        graph = self.model.graph
        if not graph.node or not graph.input or not graph.output:
            raise Refused("it begins as ONNX does, and has no graph")
        _look_through(self.model)
        constants = {constant.name for constant in graph.initializer}
        self.inputs = [given for given in graph.input if given.name not in constants]
        self.library = {
            "name": self.model.producer_name[:60] or "onnx",
            "version": self.model.producer_version[:60],
        }
        self._read_inputs()
        self._read_outputs()
        self.session = _session(self.model)

    def _read_inputs(self) -> None:
        kinds = [given.type.tensor_type.elem_type for given in self.inputs]
        unknown = [given.name for given, kind in zip(self.inputs, kinds, strict=True) if kind not in _KINDS]
        if unknown:
            raise Refused(f'its input "{unknown[0]}" is neither numbers nor texts')
        self.types = kinds
        self.kinds = [_KINDS[kind] for kind in kinds]
        widths = [_width(given) for given in self.inputs]
        if len(self.inputs) == 1 and self.kinds == ["number"]:
            if widths[0] is None or not 0 < widths[0] <= _MOST_COLUMNS:
                raise Refused("its input does not say how many columns it has")
            self.n_features_in_ = widths[0]
            return
        wide = [
            given.name for given, width in zip(self.inputs, widths, strict=True) if width not in (1, None)
        ]
        if wide:
            raise Refused(f'its input "{wide[0]}" is one of several, and has more than one column')
        self.feature_names = [given.name for given in self.inputs]
        self.n_features_in_ = len(self.inputs)

    def _read_outputs(self) -> None:
        """The numbers that are its scores: probabilities if it has some, else its last output."""
        graph = self.model.graph
        makers = {name: node for node in graph.node for name in node.output}
        last = graph.output[-1]
        maker = makers.get(last.name)
        self.scores = last.name
        labels = _labels(maker)
        if maker is not None and maker.op_type == "ZipMap":
            self.scores = maker.input[0]
        elif last.type.tensor_type.elem_type not in (_FLOAT, _DOUBLE):
            raise Refused(f'its last output, "{last.name}", is no tensor of numbers')
        if len(graph.output) > 2:
            raise Refused(
                f"it has {len(graph.output)} outputs, expected a prediction, or a label and probabilities"
            )
        if len(graph.output) == 2:
            found = labels or next(filter(None, map(_labels, graph.node)), None)
            if not found:
                raise Refused("it has two outputs, and no classes")
            self.classes_ = np.array(found)
        graph_output = [output for output in graph.output if output.name == self.scores]
        if not graph_output:
            # what ZipMap was given
            import onnx

            del graph.output[:]
            graph.output.append(onnx.helper.make_tensor_value_info(self.scores, _FLOAT, [None, None]))

    def columns_of(self, name: str, depth: int = 0) -> list[int] | None:
        """The columns that a tensor has, one after the other, if it has nothing but columns as they came."""
        if name not in self._columns:
            # a way back to itself ends here
            self._columns[name] = None
            self._columns[name] = self._traced(name, depth)
        return self._columns[name]

    def _traced(self, name: str, depth: int) -> list[int] | None:
        places = {given.name: at for at, given in enumerate(self.inputs)}
        if name in places:
            return [places[name]] if len(self.inputs) > 1 else list(range(self.n_features_in_))
        node = next((node for node in self.model.graph.node if name in node.output), None)
        if node is None or depth > _DEEPEST:
            return None
        given = [self.columns_of(one, depth + 1) for one in node.input[:1]]
        if node.op_type == "Concat":
            given = [self.columns_of(one, depth + 1) for one in node.input]
        if not given or any(part is None for part in given):
            return None
        if sum(len(part or ()) for part in given) > _MOST_COLUMNS:
            return None
        columns = [at for part in given for at in part or ()]
        if node.op_type in ("ArrayFeatureExtractor", "Gather"):
            return self._picked(columns, node.input[1])
        return columns if node.op_type in _SAME or node.op_type == "Concat" else None

    def _picked(self, columns: list[int], name: str) -> list[int] | None:
        import onnx

        found = next((one for one in self.model.graph.initializer if one.name == name), None)
        if found is None:
            return None
        chosen = onnx.numpy_helper.to_array(found).ravel().tolist()
        return [columns[at] for at in chosen] if all(0 <= at < len(columns) for at in chosen) else None

    def feed(self, columns: list[Any]) -> dict[str, Any]:
        """What the session is asked with."""
        if not hasattr(self, "feature_names"):
            rows = np.column_stack([np.asarray(column, np.float64) for column in columns])
            return {self.inputs[0].name: rows.astype(_NUMPY[self.types[0]])}
        return {
            given.name: _cells(column, kind)
            for given, column, kind in zip(self.inputs, columns, self.types, strict=True)
        }

    def predict_proba(self, rows: Any) -> Any:
        """One probability per class."""
        return self._asked(rows)

    def predict(self, rows: Any) -> Any:
        """One number a row."""
        return self._asked(rows)

    def _asked(self, rows: Any) -> Any:
        matrix = np.asarray(rows)
        found = self.session.run([self.scores], self.feed(list(matrix.T)))[0]
        return np.asarray(found, np.float64).reshape(len(matrix), -1)


def _cells(column: Any, kind: int) -> Any:
    if kind == _TEXT:
        texts = ["" if value is None or value != value else str(value) for value in column]  # noqa: PLR0124
        return np.array(texts, object).reshape(-1, 1)
    return np.asarray(column, np.float64).astype(_NUMPY[kind]).reshape(-1, 1)


def _width(given: Any) -> int | None:
    sizes = given.type.tensor_type.shape.dim
    if len(sizes) == 1:
        return 1
    if len(sizes) != 2:
        raise Refused(f'its input "{given.name}" has {len(sizes)} dimensions, expected rows and columns')
    return sizes[1].dim_value or None


def _labels(node: Any) -> list[Any] | None:
    for attribute in node.attribute if node is not None else ():
        if attribute.name in _LABELS:
            texts = [text.decode() for text in attribute.strings]
            found = texts or list(attribute.ints)
            if found:
                return found
    return None


def _look_through(model: Any) -> None:
    """Refuse what reaches beyond the file, and operators that are not standard."""
    if model.functions:
        raise Refused("it brings functions of its own")
    if model.ir_version > IR_VERSION:
        raise Refused(
            f"it is of ONNX's version {model.ir_version}, and {IR_VERSION} is the newest that is read here"
        )
    waiting = [model.graph]
    while waiting:
        graph = waiting.pop()
        for tensor in (
            *graph.initializer,
            *(part for one in graph.sparse_initializer for part in (one.values, one.indices)),
        ):
            _check_tensor(tensor)
        for node in graph.node:
            if node.domain not in _DOMAINS and (node.domain, node.op_type) not in _MORE:
                raise Refused(
                    f'it asks for the operator "{node.domain}.{node.op_type}"'[:200]
                    + ", which is not standard"
                )
            if node.op_type in _NEVER:
                raise Refused(f"it has a {node.op_type}, which may go on for ever")
            for attribute in node.attribute:
                for tensor in (attribute.t, *attribute.tensors):
                    _check_tensor(tensor)
                waiting += [inner for inner in (attribute.g, *attribute.graphs) if inner.node]


def _check_tensor(tensor: Any) -> None:
    import math

    if tensor.data_location == 1 or tensor.external_data:
        raise Refused(f'its tensor "{tensor.name[:60]}" is in another file')
    if any(size < 0 for size in tensor.dims) or math.prod(tensor.dims) > 1 << 31:
        raise Refused(f'its tensor "{tensor.name[:60]}" says that it has the shape {list(tensor.dims)}'[:200])


def _session(model: Any) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        # onnxruntime's exceptions share no base class
        raise Refused(f"onnxruntime refuses it: {' '.join(str(error).split())[:300]}") from None
