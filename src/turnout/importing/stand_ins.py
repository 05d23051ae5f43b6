"""What is made in place of what a pickle names, and of what; a table for each way in which a pickle makes something."""

from __future__ import annotations

import collections
import datetime
import functools
from typing import Any

import numpy as np

from turnout.importing import arrays
from turnout.importing.refusal import Refused

_MULTIARRAYS = ("numpy.core.multiarray", "numpy._core.multiarray")
_NUMERICS = ("numpy.core.numeric", "numpy._core.numeric")
# attributes with two underscores that libraries do write
UNDERSCORED = ("__model",)
_MOST_DEFAULTS = (list, dict, int, float, set, str, collections.OrderedDict)


class Ignored:
    """Something that no prediction needs: the state of a source of random numbers, an index that can be built again."""

    def __init__(self, *_: Any) -> None:
        pass


class Wrapper:
    """Where joblib has put an array into the file."""

    def described(self, state: Any) -> tuple[Any, Any, Any, bool]:
        """Shape, type, order, and whether padding comes before the numbers."""
        if not isinstance(state, dict) or state.get("subclass") not in (np.ndarray, Memmap):
            raise Refused("it has an array of joblib's of a kind that is not known")
        if state.get("order") not in ("C", "F"):
            raise Refused("it has an array of joblib's in an order that is not known")
        padded = state.get("numpy_array_alignment_bytes") is not None
        return state.get("shape"), state.get("dtype"), state["order"], padded


class Memmap:
    """Stands for ``numpy.memmap``, which is never opened."""


class Partial(arrays.Stand):
    """A partial call of the one function of scikit-learn that its own estimators keep so."""

    def __init__(self, function: Any) -> None:
        from sklearn.utils.validation import check_array

        if function is not check_array:
            raise Refused("it has a partial function, which is code")

    def finished(self, state: Any) -> Any:
        """The partial function."""
        from sklearn.utils.validation import check_array

        function, given, named, _ = state
        if function is not check_array or given != () or not isinstance(named, dict):
            raise Refused("it has a partial function, which is code")
        return functools.partial(check_array, **named)


def _bytes(text: Any, encoding: Any) -> bytes:
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise Refused("it has bytes in an encoding that is not known")
    return text.encode("latin-1")


def _bytearray(*given: Any) -> bytearray:
    if not given:
        return bytearray()
    if len(given) == 2:
        return bytearray(_bytes(*given))
    if len(given) != 1 or not isinstance(given[0], bytes | bytearray):
        raise Refused("it has bytes that are none")
    return bytearray(given[0])


def _from(kind: Any) -> Any:
    """A container, from a list or nothing."""

    def make(*given: Any) -> Any:
        if len(given) > 1 or (given and not isinstance(given[0], list | tuple | set)):
            raise Refused(f"it has a {kind.__name__} of something else than a list")
        return kind(*given)

    return make


def _defaultdict(default: Any = None) -> Any:
    if default is TABLE["collections", "OrderedDict"]:
        default = collections.OrderedDict
    if default is not None and default not in _MOST_DEFAULTS:
        raise Refused("it has a dictionary whose default is code")
    return collections.defaultdict(default)


def _random_state(*_: Any) -> Any:
    return np.random.RandomState(0)


def _generator(*_: Any) -> Any:
    return np.random.default_rng(0)


def _index(kind: Any, content: Any) -> list[Any]:
    """The names of columns as a list, where an estimator was given pandas' index of them."""
    if kind is not _IndexKind or not isinstance(content, dict):
        raise Refused("it has an index of a kind that is not known")
    names: Any = content.get("data")
    return names.tolist() if isinstance(names, np.ndarray) else list(names)


class _IndexKind:
    """Stands for pandas' ``Index``."""


def _object(kind: Any, base: Any, state: Any) -> Any:
    """An object as protocols 0 and 1 make it."""
    from turnout.importing.admitted import admitted

    if base is not object or state is not None or not isinstance(kind, type):
        raise Refused("it makes an object in a way that is not known")
    if admitted(kind.__module__, kind.__name__) is not kind:
        raise Refused("it makes an object in a way that is not known")
    return kind.__new__(kind)


def _ufunc(module: Any, name: Any) -> Any:
    from turnout.importing.admitted import admitted

    if module not in ("numpy", "scipy.special") or not isinstance(name, str):
        raise Refused("it has a function of a module that is not known")
    return admitted(module, name)


def _numbers(kind: Any) -> Any:
    """What takes numbers only."""

    def make(*given: Any) -> Any:
        if not all(isinstance(value, int | float | np.number) for value in given):
            raise Refused(f"it makes a {kind.__name__} of something else than numbers")
        return kind(*given)

    return make


def _time(kind: Any) -> Any:
    def make(*given: Any) -> Any:
        if not all(isinstance(value, int | bytes) for value in given):
            raise Refused(f"it makes a {kind.__name__} of something else than numbers")
        return kind(*given)

    return make


class _Function:
    """Stands for a function of a library that makes something; what it makes is in ``CALLS``."""

    def __init__(self, name: str) -> None:
        self.__qualname__ = name
        self.__module__ = "pickle"

    def __call__(self) -> None:
        """It is never called itself."""


def _makers() -> tuple[dict[tuple[str, str], Any], dict[Any, Any]]:
    table: dict[tuple[str, str], Any] = {}
    calls: dict[Any, Any] = {}
    for places, name, maker in (
        (_MULTIARRAYS, "_reconstruct", arrays.empty_array),
        (_MULTIARRAYS, "scalar", arrays.scalar),
        (_NUMERICS, "_frombuffer", arrays.from_buffer),
        (("numpy",), "dtype", arrays.Dtype),
        (("numpy.core", "numpy._core"), "_ufunc_reconstruct", _ufunc),
        (("numpy.random._pickle",), "__randomstate_ctor", _random_state),
        (("numpy.random._pickle",), "__generator_ctor", _generator),
        (("numpy.random._pickle",), "__bit_generator_ctor", Ignored),
        (("numpy.random.bit_generator",), "__pyx_unpickle_SeedSequence", Ignored),
        (("numpy.ma.core",), "_mareconstruct", Ignored),
        (("sklearn.neighbors._kd_tree", "sklearn.neighbors._ball_tree"), "newObj", Ignored),
        (("sklearn.metrics._dist_metrics", "sklearn.neighbors._dist_metrics"), "newObj", Ignored),
        (("functools",), "partial", Partial),
        (("_codecs",), "encode", _bytes),
        (("copy_reg", "copyreg"), "_reconstructor", _object),
        (("pandas.core.indexes.base",), "_new_Index", _index),
        (("builtins", "__builtin__"), "bytearray", _bytearray),
        (("builtins", "__builtin__"), "bytes", lambda: b""),
        (("builtins", "__builtin__"), "slice", slice),
        (("builtins", "__builtin__"), "set", _from(set)),
        (("builtins", "__builtin__"), "frozenset", _from(frozenset)),
        (("builtins", "__builtin__"), "complex", _numbers(complex)),
        (("collections",), "OrderedDict", _from(collections.OrderedDict)),
        (("collections",), "defaultdict", _defaultdict),
        (("datetime",), "date", _time(datetime.date)),
        (("datetime",), "datetime", _time(datetime.datetime)),
    ):
        stand = _Function(f"{places[-1]}.{name}")
        calls[stand] = maker
        table.update({(module, name): stand for module in places})
    return table, calls


TABLE, CALLS = _makers()
# types as values: the type of a column, of an encoder's numbers
for _kind in (int, float, bool, str, object, list, dict, tuple):
    TABLE |= {(place, _kind.__name__): _kind for place in ("builtins", "__builtin__")}
TABLE |= {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "memmap"): Memmap,
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): Wrapper,
    ("sklearn.externals.joblib.numpy_pickle", "NumpyArrayWrapper"): Wrapper,
    ("pandas.core.indexes.base", "Index"): _IndexKind,
}
# made as empty objects by no pickle of a model
PLAIN = frozenset({int, float, bool, str, object, list, dict, tuple, np.ndarray, Memmap, _IndexKind})
_DISTANCES = (
    "Euclidean", "SEuclidean", "Manhattan", "Chebyshev", "Minkowski", "WMinkowski", "Mahalanobis", "Hamming",
    "Canberra", "BrayCurtis", "Matching", "Jaccard", "Dice", "Kulsinski", "RogersTanimoto", "RussellRao",
    "SokalMichener",
    "SokalSneath", "Haversine",
)  # fmt: skip
_METRICS = frozenset(f"{name}Distance{bits}" for name in _DISTANCES for bits in ("", "32", "64"))
# by module, the names of what is left out
IGNORED: dict[str, frozenset[str]] = {
    "numpy.random._mt19937": frozenset({"MT19937"}),
    "numpy.random._pcg64": frozenset({"PCG64", "PCG64DXSM"}),
    "numpy.random._philox": frozenset({"Philox"}),
    "numpy.random._sfc64": frozenset({"SFC64"}),
    "numpy.random.bit_generator": frozenset({"SeedSequence"}),
    "numpy.ma": frozenset({"MaskedArray"}),
    "numpy.ma.core": frozenset({"MaskedArray"}),
    "sklearn.neighbors._kd_tree": frozenset({"KDTree", "KDTree64", "KDTree32"}),
    "sklearn.neighbors._ball_tree": frozenset({"BallTree", "BallTree64", "BallTree32"}),
    "sklearn.metrics._dist_metrics": _METRICS,
    "sklearn.neighbors._dist_metrics": _METRICS,
}


def ignores_state(target: Any) -> bool:
    """Whether what a pickle says of its state is left out."""
    return isinstance(target, Ignored | np.random.RandomState | np.random.Generator)


def _tree(target: Any, state: Any) -> None:
    """Nodes and values of scikit-learn's tree; it looks at their shapes itself, and ``sound`` at what they say."""
    if not isinstance(state, dict) or not {"nodes", "values", "node_count", "max_depth"} <= state.keys():
        raise Refused("it has a tree without nodes")
    nodes, values = state["nodes"], state["values"]
    if not isinstance(nodes, np.ndarray) or not isinstance(values, np.ndarray) or nodes.ndim != 1:
        raise Refused("it has a tree without nodes")
    if state["node_count"] != len(nodes):
        raise Refused("it has a tree with other nodes than it says")
    target.__setstate__(state)


_EMPTILY: dict[type, Any] = {}
# how classes that are no estimators take their state
STATES: dict[type, Any] = {}


def admit_trees(kind: type) -> None:
    """Have trees made and filled, once their module is imported."""

    def make(features: Any, classes: Any, outputs: Any) -> Any:
        fits = isinstance(classes, np.ndarray) and classes.dtype == np.intp and classes.shape == (outputs,)
        if not fits or not 0 < outputs <= 10_000 or not 0 < features < 1 << 31 or classes.min() < 1:
            raise Refused("it has a tree of a shape that is not known")
        return kind(int(features), classes, int(outputs))

    CALLS[kind] = make
    STATES[kind] = _tree


def emptily(kind: type) -> Any:
    """What makes an empty object of a compiled class."""
    found = _EMPTILY.get(kind)
    if found is None:
        found = _EMPTILY[kind] = _Function(kind.__name__)

        def make(asked: Any, checksum: Any, state: Any) -> Any:
            if asked is not kind or not isinstance(checksum, int) or state not in (None, ()):
                raise Refused(f"it makes a {kind.__name__} in a way that is not known")
            return kind()

        CALLS[found] = make
    return found


def admit_loss(kind: type) -> None:
    """Have a compiled loss made of numbers."""
    CALLS[kind] = _numbers(kind)
    STATES[kind] = lambda *_: None
