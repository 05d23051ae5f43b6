"""A pipeline's transformers as our own transform, in front of what training exports its last step to.

Tables and arithmetic need no library when a row is scored; and what follows them may be flat trees.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.importing.symbols import Coded, Symbol, Value, after, as_number
from turnout.runtime.formats.trees import FEATURE, LEAF
from turnout.training.flat import NoForm

if TYPE_CHECKING:
    from turnout.importing.answers import Asking

_MOST = 200_000
_TREES_HEAD, _LINEAR_HEAD = 40, 16


@dataclass(frozen=True)
class Prepared:
    """A transform, and what comes after it.

    Attributes
    ----------
    transform
        An entry for each field, as artifacts have it.
    rest
        The estimator after the transformers.
    places
        Where each of its inputs is in what the transform gives.
    width
        How many numbers the transform gives.
    """

    transform: list[dict[str, Any]]
    rest: Any
    places: list[int]
    width: int


def prepared(estimator: Any, asking: Asking) -> Prepared:
    """As many of a pipeline's first steps as are tables and arithmetic, and the others.

    Raises
    ------
    NoForm
        If not even the first one is.
    """
    symbols: list[Symbol] = [Value(at, kind == "text") for at, kind in enumerate(asking.kinds)]
    steps = list(estimator.steps)
    done = 0
    for _, step in steps[:-1]:
        try:
            symbols = after(step, symbols)
        except NoForm:
            if not done:
                raise
            break
        done += 1
    rest = steps[-1][1] if done == len(steps) - 1 else estimator[done:]
    by_column: list[list[int]] = [[] for _ in asking.kinds]
    for at, symbol in enumerate(symbols):
        by_column[symbol.column].append(at)
    transform, places, start = [], [0] * len(symbols), 0
    for column, mine in enumerate(by_column):
        entry, width = _entry([symbols[at] for at in mine], asking, column)
        for i, at in enumerate(mine):
            places[at] = start + i
        transform.append(entry)
        start += width
    return Prepared(transform, rest, places, start)


def _entry(symbols: list[Symbol], asking: Asking, column: int) -> tuple[dict[str, Any], int]:
    if not symbols:
        if asking.kinds[column] != "text":
            return {"impute": 0.0}, 1
        return {"encode": {"width": 1, "values": {}, "unknown": [0.0], "missing": [0.0]}}, 1
    if all(isinstance(symbol, Coded) for symbol in symbols):
        return _table(symbols), len(symbols)
    if len(symbols) > 1:
        raise NoForm(f'column "{asking.fields[column]["name"]}" is used in several ways')
    number = as_number(symbols[0])
    may = asking.missing[column]
    entry: dict[str, Any] = {"impute": number.fill if number.fill is not None else None if may else "error"}
    if number.shift != 0.0 or number.scale != 1.0:
        entry |= {"shift": number.shift, "scale": number.scale}
    return entry, 1


def _table(symbols: list[Any]) -> dict[str, Any]:
    keys = list(dict.fromkeys(key for symbol in symbols for key in symbol.values))
    if len(keys) * len(symbols) > _MOST:
        raise NoForm(f"its tables would have over {_MOST:,} numbers")
    if any(symbol.unknown is None and len(symbol.values) < len(keys) for symbol in symbols):
        raise NoForm("two encoders of a column know different values")
    return {
        "encode": {
            "width": len(symbols),
            "values": {
                key: [_plain(symbol.values.get(key, symbol.unknown)) for symbol in symbols] for key in keys
            },
            "unknown": _all([symbol.unknown for symbol in symbols]),
            "missing": _all([symbol.missing for symbol in symbols]),
        }
    }


def _all(values: list[float | None]) -> list[float | None] | None:
    """Refused where one of them is."""
    return None if any(value is None for value in values) else [_plain(value) for value in values]


def _plain(value: float | None) -> float | None:
    return None if value is None or value != value else value  # noqa: PLR0124


def rearranged(kind: str, payload: bytes, found: Prepared) -> tuple[bytes, dict[str, Any]]:
    """A payload that takes its inputs from where the transform puts them, and what its header says more.

    Raises
    ------
    NoForm
        If the format cannot be told.
    """
    if found.places == list(range(found.width)):
        return payload, {}
    if kind not in _REARRANGED:
        raise NoForm("its inputs come in another order")
    moved: tuple[bytes, dict[str, Any]] = _REARRANGED[kind](payload, found)
    return moved


def _trees(payload: bytes, found: Prepared) -> tuple[bytes, dict[str, Any]]:
    head = list(struct.unpack("<10I", payload[:_TREES_HEAD]))
    start = _TREES_HEAD + 8 * (1 + head[3])
    # a link with a weight for each output has more of them, which the length tells
    start += _weights(head, payload) + 8 * head[4]
    kind = np.dtype([("value", "<f4"), ("word", "<u4"), ("child", "<u4")])
    nodes = np.frombuffer(payload, kind, head[5], start).copy()
    inner = (nodes["word"] & LEAF) == 0
    moved = np.array(found.places, np.uint32)[nodes["word"][inner] & FEATURE]
    nodes["word"][inner] = (nodes["word"][inner] & ~np.uint32(FEATURE)) | moved
    head[2] = found.width
    end = start + nodes.nbytes
    return struct.pack("<10I", *head) + payload[_TREES_HEAD:start] + nodes.tobytes() + payload[end:], {}


def _weights(head: list[int], payload: bytes) -> int:
    """The bytes between the sums' bases and the roots that a link may bring."""
    _, _, _, outputs, trees, nodes, rows, sets, members, _ = head
    known = (
        _TREES_HEAD
        + 8 * (1 + outputs)
        + 8 * trees
        + 12 * nodes
        + 4 * rows * outputs
        + 4 * (sets + 1 + members)
    )
    if len(payload) != known:
        raise NoForm("its trees have weights")
    return 0


def _linear(payload: bytes, found: Prepared) -> tuple[bytes, dict[str, Any]]:
    version, link, width, outputs = struct.unpack("<4I", payload[:_LINEAR_HEAD])
    numbers = np.frombuffer(payload, "<f8", offset=_LINEAR_HEAD)
    given = numbers[outputs : outputs * (width + 1)].reshape(width, outputs)
    moved = np.zeros((found.width, outputs), "<f8")
    moved[found.places] = given
    head = struct.pack("<4I", version, link, found.width, outputs)
    rest = numbers[outputs * (width + 1) :]
    return head + b"".join(part.tobytes() for part in (numbers[:outputs], moved, rest)), {}


def _onnx(payload: bytes, found: Prepared) -> tuple[bytes, dict[str, Any]]:
    import onnx

    model = onnx.load_from_string(payload)
    for node in model.graph.node:
        for i, name in enumerate(node.input):
            if name == "features":
                node.input[i] = "arranged"
    places = onnx.numpy_helper.from_array(np.array(found.places, np.int64), "places")
    model.graph.initializer.append(places)
    gather = onnx.helper.make_node("Gather", ["features", "places"], ["arranged"], axis=1)
    model.graph.node.insert(0, gather)
    return model.SerializeToString(), {}


def _skops(payload: bytes, found: Prepared) -> tuple[bytes, dict[str, Any]]:
    return payload, {"order": found.places}


_REARRANGED: dict[str, Any] = {"trees": _trees, "linear": _linear, "onnx": _onnx, "skops": _skops}
