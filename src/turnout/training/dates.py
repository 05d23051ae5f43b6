"""Days since 2000-01-01 written as PostgreSQL writes dates in ISO 8601."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EPOCH = np.datetime64("2000-01-01", "s")


def written(days: NDArray[Any], kind: str) -> list[str]:
    """Each number as a date, from a part of a day up to the next, or as a timestamp to the second.

    >>> written(np.array([8825, 0.5]), "date"), written(np.array([-746116.5]), "timestamptz")
    (['2024-02-29', '2000-01-02'], ['0044-03-15T12:00:00+00:00 BC'])
    """
    whole = np.ceil(days) * 86_400 if kind == "date" else np.round(days * 86_400)
    return [_text(str(moment), kind) for moment in _EPOCH + whole.astype("timedelta64[s]")]


def _text(text: str, kind: str) -> str:
    place = text.index("-", 1)
    year = int(text[:place])
    day = f"{year if year > 0 else 1 - year:04d}{text[place:]}"
    found = day.partition("T")[0] if kind == "date" else day + "+00:00" * (kind == "timestamptz")
    return found if year > 0 else f"{found} BC"
