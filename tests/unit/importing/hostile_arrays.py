"""Pickles of arrays that are larger than they are, and of models that lead out of bounds."""

from __future__ import annotations

import os
import pickle
from importlib import import_module
from typing import Any

import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor

from tests.unit.importing.hostile import CLASSES, ROWS, Calls, hostile
from tests.unit.importing.uploads import dumped

# arrays


def _numpys(module: str, name: str) -> Any:
    """What numpy's pickles name, which is not for others."""
    return getattr(import_module(f"numpy._core.{module}"), name)


@hostile("posix.system")
def array_of_objects(canary: str) -> bytes:
    return dumped(np.array([Calls(os.system, f"touch {canary}"), 1], object))


@hostile("posix.system")
def joblibs_array_of_objects(canary: str) -> bytes:
    """A second pickle, where joblib expects an array of objects."""
    wrapper = NumpyArrayWrapper(np.ndarray, (1,), "C", np.dtype(object))
    return pickle.dumps(wrapper, 3)[:-1] + pickle.dumps(Calls(os.system, f"touch {canary}")) + b"."


@hostile("more numbers than there are bytes")
def joblibs_huge_array(canary: str) -> bytes:
    wrapper = NumpyArrayWrapper(np.ndarray, (1 << 40,), "C", np.dtype(float))
    return pickle.dumps(wrapper, 3)[:-1] + b"\0" * 64 + b"."


@hostile("of a kind that is not known")
def joblibs_subclass(canary: str) -> bytes:
    wrapper = NumpyArrayWrapper(LinearRegression, (1,), "C", np.dtype(float))
    return pickle.dumps(wrapper, 3)[:-1] + b"\0" * 64 + b"."


@hostile("size is not that of its numbers")
def array_beyond_its_bytes(canary: str) -> bytes:
    made = Calls(_numpys("multiarray", "_reconstruct"), np.ndarray, (0,), b"b")
    made.told = (*made.told, (1, (1 << 30,), np.dtype(float), False, b"short"))
    return pickle.dumps(made)


@hostile("broken type|table")
def table_beyond_its_size(canary: str) -> bytes:
    """A type with a field behind its own end, which numpy's own unpickling would believe."""
    fields = {"a": (np.dtype("f8"), 4096)}
    made = Calls(np.dtype, "V8", False, True)
    made.told = (*made.told, (3, "|", None, ("a",), fields, 8, 1, 16))
    return pickle.dumps(made)


@hostile("objects where there should be numbers|not known")
def pointers_from_bytes(canary: str) -> bytes:
    """An array of objects from bytes, which would be taken for addresses."""
    return pickle.dumps(Calls(_numpys("numeric", "_frombuffer"), b"A" * 8, np.dtype(object), (1,), "C"))


@hostile("a number of a type")
def pointer_scalar(canary: str) -> bytes:
    return pickle.dumps(Calls(_numpys("multiarray", "scalar"), np.dtype(object), b"A" * 8))


# models that lead out of bounds


@hostile("nodes lead nowhere")
def tree_out_of_bounds(canary: str) -> bytes:
    found = DecisionTreeRegressor(max_depth=2).fit(ROWS, ROWS[:, 0])
    state = found.tree_.__getstate__()
    state["nodes"] = state["nodes"].copy()
    state["nodes"]["left_child"][0] = 1 << 40
    found.tree_.__setstate__(state)
    return dumped(found)


@hostile("support vectors")
def vectors_out_of_bounds(canary: str) -> bytes:
    found = SVC().fit(ROWS, CLASSES)
    found._n_support = np.array([1 << 20, 1 << 20], np.int32)
    return dumped(found)


@hostile("places that there are not")
def words_out_of_bounds(canary: str) -> bytes:
    found = CountVectorizer().fit(["a house", "a car"])
    found.vocabulary_ = {"car": 0, "house": 1 << 40}
    return dumped(make_pipeline(found, LogisticRegression().fit(ROWS, CLASSES)))


@hostile("repeats a repetition")
def pattern_for_ever(canary: str) -> bytes:
    found = CountVectorizer().fit(["a house", "a car"])
    found.token_pattern = "(a+)+$"
    return dumped(make_pipeline(found, LogisticRegression().fit(ROWS, CLASSES)))


@hostile("neighbours without answers")
def neighbours_without_answers(canary: str) -> bytes:
    found = KNeighborsClassifier().fit(ROWS, CLASSES)
    found._y = found._y[:3]
    return dumped(found)
