"""Names of hyperparameters: which exist, and what to say of one that doesn't."""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from turnout.errors import InvalidArgument, InvalidHyperparameter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from turnout.training.algorithms import Algorithm

# what the libraries keep an integer in
MOST = (1 << 31) - 1
MOST_THREADS = 1024
_THREADS = ("n_jobs", "nthread", "num_threads", "thread_count")
_LONG = 10**15
_LARGEST = int(sys.float_info.max)


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
    """Refuse anything but an integer above zero that a library can count to, if the hyperparameter is given."""
    value = given.get(name, 1)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise invalid(entry, name, f"is {value!r}, expected an integer above 0")
    at_most(entry, name, value, MOST)


def at_most(entry: Algorithm, name: str, value: Any, most: int) -> None:
    """Refuse an integer that is larger, or as far below zero."""
    if isinstance(value, int) and abs(value) > most:
        raise invalid(entry, name, f"is {shown(value)}, expected an integer of at most {most}")


def check_large(entry: Algorithm, given: dict[str, Any]) -> None:
    """Refuse integers that no number of a library holds, and more threads than anybody has cores.

    What asks for a thread more gets it, however little memory there is, and the process ends.
    """
    for name, value in given.items():
        if name in _THREADS:
            at_most(entry, name, value, MOST_THREADS)
        at_most(entry, name, value, _LARGEST)


def told_apart(given: dict[str, Any], *, besides: str) -> dict[str, Any]:
    """Integers beyond ``MOST`` as floats, which a library refuses for an integer, and takes for a real number.

    As integers, some of them would be cut to 32 bits in silence.

    Parameters
    ----------
    besides
        The name of the seed, which may have more bits.
    """
    return {
        name: float(value) if name != besides and type(value) is int and abs(value) > MOST else value
        for name, value in given.items()
    }


def shown(value: int) -> str:
    """An integer in as many digits as anybody reads.

    >>> shown(12), shown(10**99)
    ('12', '1e+99')
    """
    return (
        str(value) if abs(value) < _LONG else f"{value:.6g}" if abs(value) <= _LARGEST else "beyond all range"
    )
