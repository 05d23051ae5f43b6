"""What scikit-learn takes from an estimator without looking: indexes into arrays, sizes, patterns, numbers of threads.

Its compiled code trusts what a fit has left. What a file says is looked at here, once, before anything is asked of it.
"""

from __future__ import annotations

import re
from importlib import import_module
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

import numpy as np

from turnout.importing.arrays import Stand
from turnout.importing.refusal import Refused
from turnout.importing.stand_ins import Ignored, Wrapper

_MOST = 3_000_000
_PLAIN = (str, bytes, int, float, complex, type(None), np.dtype, np.generic)


def made_sound(estimator: Any) -> None:
    """Look at everything within an estimator, and leave out what it can do without.

    Raises
    ------
    Refused
        If something in it leads out of bounds.
    """
    for found in everything(estimator):
        if isinstance(found, Stand | Wrapper):
            raise Refused("it has an array that was never finished")
        _check_methods(found)
        for name, check in _CHECKS.items():
            if name in (kind.__name__ for kind in type(found).__mro__):
                check(found)
        _without_ignored(found)
        _alone(found)
    # which imports scikit-learn's trees
    from turnout.runtime.formats.tree_bounds import check_trees

    try:
        check_trees(estimator)
    except ValueError as error:
        raise Refused(str(error)) from None


def everything(root: Any) -> list[Any]:
    """All objects within one, each once, that are more than a number or a text."""
    waiting, seen, found = [root], set(), []
    while waiting:
        one = waiting.pop()
        if isinstance(one, _PLAIN) or id(one) in seen:
            continue
        seen.add(id(one))
        if len(seen) > _MOST:
            raise Refused(f"it is made of over {_MOST:,} objects")
        found.append(one)
        if isinstance(one, np.ndarray):
            waiting.extend(one.ravel().tolist() if one.dtype == object else ())
        elif isinstance(one, dict):
            waiting.extend(one.values())
            waiting.extend(one.keys())
        elif isinstance(one, list | tuple | set | frozenset):
            waiting.extend(one)
        elif hasattr(one, "__dict__") and not isinstance(one, type):
            waiting.extend(vars(one).values())
    return found


def _check_methods(found: Any) -> None:
    """Refuse a method that was put into a file, and what was put in a method's place."""
    if isinstance(found, MethodType | BuiltinMethodType):
        raise Refused(f"it has the method {found.__qualname__}, which is code")
    held = getattr(found, "__dict__", None)
    if isinstance(held, dict) and not isinstance(found, type):
        for name in held:
            if isinstance(getattr(type(found), str(name), None), FunctionType):
                raise Refused(f"it puts something in the place of {type(found).__name__}.{name}")


def _without_ignored(found: Any) -> None:
    """Nothing in place of what was left out."""
    held = found if isinstance(found, dict) else getattr(found, "__dict__", None)
    if isinstance(held, dict) and not isinstance(found, type):
        for name, value in list(held.items()):
            if isinstance(value, Ignored):
                held[name] = None
    elif isinstance(found, list):
        found[:] = [None if isinstance(value, Ignored) else value for value in found]


def _alone(found: Any) -> None:
    """No threads, no processes, no cache on disk, no words."""
    held = getattr(found, "__dict__", None)
    if not isinstance(held, dict) or isinstance(found, type) or not hasattr(found, "get_params"):
        return
    for name, value in (("n_jobs", None), ("memory", None), ("verbose", 0)):
        if held.get(name):
            held[name] = value


def _neighbors(found: Any) -> None:
    """Distances to all rows, in place of a tree of them that would have to be trusted."""
    if isinstance(getattr(found, "_tree", None), Ignored):
        found._tree = None
        found._fit_method = "brute"
    rows, targets = getattr(found, "_fit_X", None), getattr(found, "_y", None)
    if targets is not None and rows is not None and len(targets) != rows.shape[0]:
        raise Refused("it has neighbours without answers")


def _vectors(found: Any) -> None:
    """libsvm walks these arrays by what they say of each other's lengths."""
    vectors, counts = getattr(found, "support_vectors_", None), getattr(found, "_n_support", None)
    if vectors is None:
        return
    vectors_count, width = vectors.shape
    duals = getattr(found, "_dual_coef_", found.dual_coef_)
    counts = np.asarray([] if counts is None else counts)
    classes = len(counts)
    pairs = max(classes * (classes - 1) // 2, 1)
    kind = type(found).__name__
    classifies = kind in ("SVC", "NuSVC")
    good = (
        width == found.shape_fit_[1]
        and len(found.support_) == vectors_count
        and duals.shape == (classes - 1 if classifies else 1, vectors_count)
        and (not classifies or (classes == len(found.classes_) and int(np.sum(counts)) == vectors_count))
        and (counts >= 0).all()
        and len(np.ravel(found._intercept_)) == (pairs if classifies else 1)
        and len(getattr(found, "_probA", ())) in (0, pairs, 1)
        and len(getattr(found, "_probA", ())) == len(getattr(found, "_probB", ()))
    )
    if not good:
        raise Refused("its support vectors do not fit each other")


def _vocabulary(found: Any) -> None:
    words = getattr(found, "vocabulary_", None)
    if words is not None:
        places = sorted(int(place) for place in words.values())
        if places != list(range(len(words))):
            raise Refused("its vocabulary has words at places that there are not")
    pattern = getattr(found, "token_pattern", None)
    if pattern is not None:
        _check_pattern(pattern)


def _check_pattern(pattern: Any) -> None:
    """No repetition within a repetition, which some text would take for ever to be matched with."""
    parser = import_module("re._parser")
    try:
        parsed = parser.parse(pattern)
    except (re.error, TypeError, RecursionError, OverflowError) as error:
        raise Refused(f"its token_pattern is no pattern: {error}") from None
    if _nested(parsed, within=False):
        raise Refused(
            f"its token_pattern {pattern!r:.80} repeats a repetition, for which some texts take for ever"
        )


def _nested(parsed: Any, *, within: bool) -> bool:
    for kind, given in parsed:
        name = str(kind)
        repeats = name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and given[1] > 1
        if repeats and within:
            return True
        inner = given if isinstance(given, list | tuple) else [given]
        for part in _patterns(inner):
            if _nested(part, within=within or repeats):
                return True
    return False


def _patterns(given: Any) -> list[Any]:
    """The patterns within what a step of one was given."""
    parser = import_module("re._parser")
    found = []
    for part in given:
        if isinstance(part, parser.SubPattern):
            found.append(part)
        elif isinstance(part, list | tuple):
            found += _patterns(part)
    return found


def _one_hot(found: Any) -> None:
    if hasattr(found, "categories_"):
        found._n_features_outs = found._compute_n_features_outs()


def _sparse(found: Any) -> None:
    try:
        found.check_format(full_check=True)
    except (ValueError, TypeError, AttributeError, IndexError) as error:
        raise Refused(f"it has a sparse matrix that is broken: {error}") from None


_CHECKS = {
    "NeighborsBase": _neighbors,
    "BaseLibSVM": _vectors,
    "CountVectorizer": _vocabulary,
    "OneHotEncoder": _one_hot,
    "_cs_matrix": _sparse,
}
