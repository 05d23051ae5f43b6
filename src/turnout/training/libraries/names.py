"""Names of hyperparameters: which exist, and what to say of one that doesn't."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from turnout.errors import InvalidArgument, InvalidHyperparameter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from turnout.training.algorithms import Algorithm


def check_names(entry: Algorithm, given: Any, known: Iterable[str]) -> None:
    """Refuse a hyperparameter that does not exist, and say which ones look like it."""
    if not isinstance(given, dict):
        raise InvalidArgument(
            argument="hyperparams", value=repr(given), expected="an object of names and values"
        )
    known = sorted(set(known))
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=3)
            advice = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(known)}"
            raise invalid(entry, name, f"does not exist; {advice}")


def invalid(entry: Algorithm, name: str, reason: str) -> InvalidHyperparameter:
    """The error for one hyperparameter."""
    return InvalidHyperparameter(name=name, algorithm=entry.name, reason=reason)


def blamed(
    entry: Algorithm, params: dict[str, Any], others: dict[str, list[str]], text: str
) -> InvalidHyperparameter | None:
    """The error for the hyperparameter that a message is about: by its name, another of its names, or its text."""
    for name, value in params.items():
        words = [name, *others.get(name, []), *([value] if isinstance(value, str) else [])]
        if any(re.search(rf"\b{re.escape(word)}\b", text) for word in words if word):
            return invalid(entry, name, f"is {value!r}: {text}")
    return None


def positive_integer(entry: Algorithm, given: dict[str, Any], name: str) -> None:
    """Refuse anything but an integer above zero, if the hyperparameter is given."""
    value = given.get(name, 1)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise invalid(entry, name, f"is {value!r}, expected an integer above 0")
