"""Dates and timestamps as numbers, and back: days since 2000-01-01, of a timestamp with the part of a day, in UTC.

Only a model that has such a column imports this.
"""

from __future__ import annotations

from datetime import date
from math import ceil

from turnout.errors import InvalidFeature
from turnout.runtime.problem import Problem
from turnout.runtime.values import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MICROSECONDS = 86_400e6
"""In a day."""

# the calendar repeats itself after so many years and days: what Python has no date for is looked up in another cycle
_CYCLE, _CYCLE_DAYS = 400, 146_097
_EPOCH = date(2000, 1, 1).toordinal()

_EXPECTED = {
    "date": 'a date, as "2024-02-29", or its days since 2000-01-01',
    "timestamp": 'a timestamp, as "2024-02-29T12:30:00", or its days since 2000-01-01',
    "timestamptz": 'a timestamp with its offset, as "2024-02-29T12:30:00+01:00", or its days since 2000-01-01 in UTC',
}


def moment(value: Any, column: str, kind: str) -> float:
    """The number for what a row has in a column of dates: a text as ``to_json`` writes it, or the number itself."""
    if not isinstance(value, str):
        return number(value, column)
    try:
        return days(value, kind)
    except ValueError:
        raise Problem(InvalidFeature, column=column, value=f'"{value}"', expected=_EXPECTED[kind]) from None


def days(text: str, kind: str) -> float:
    """Days since 2000-01-01.

    Parameters
    ----------
    text
        As ISO 8601 has it, with ``BC`` at the end where PostgreSQL writes that; a timestamp's date alone is its
        midnight.
    kind
        ``date``, ``timestamp`` or ``timestamptz``.

    Raises
    ------
    ValueError
        If it is none.

    >>> days("2000-01-02", "date"), days("2000-01-01T06:00:00", "timestamp")
    (1.0, 0.25)
    >>> days("2000-01-01T06:00:00+06:00", "timestamptz"), days("0044-03-15 BC", "date")
    (0.0, -746117.0)
    """
    body = text.removesuffix(" BC")
    day, _, time = body.replace(" ", "T").partition("T")
    number = _day(day, before_christ=body != text)
    if kind == "date":
        if time:
            raise ValueError("a date has no time")
        return float(number)
    micros = number * 86_400_000_000
    if kind == "timestamptz":
        time, offset = _split_offset(time)
        micros -= offset
    elif not time:
        return float(number)
    return float(micros + _time(time)) / MICROSECONDS


def written(number: float, kind: str) -> str:
    """The date or timestamp of a number: a part of a day counts as the next date, a part of a second is rounded.

    >>> written(8825, "date"), written(0.5, "date"), written(0.25, "timestamp")
    ('2024-02-29', '2000-01-02', '2000-01-01T06:00:00')
    >>> written(-746116.5, "timestamptz")
    '0044-03-15T12:00:00+00:00 BC'
    """
    if kind == "date":
        day, time = ceil(number), ""
    else:
        day, seconds = divmod(round(number * 86_400), 86_400)
        minutes, second = divmod(seconds, 60)
        time = f"T{minutes // 60:02}:{minutes % 60:02}:{second:02}" + "+00:00" * (kind == "timestamptz")
    cycle, rest = divmod(day, _CYCLE_DAYS)
    found = date.fromordinal(_EPOCH + rest)
    year = found.year + cycle * _CYCLE
    text = f"{year if year > 0 else 1 - year:04}{found.isoformat()[4:]}{time}"
    return text if year > 0 else f"{text} BC"


def _day(text: str, *, before_christ: bool) -> int:
    year, month, day = text.split("-")
    if not 4 <= len(year) <= 7:
        raise ValueError("a year has four to seven digits")
    counted = _whole(year)
    if counted == 0:
        raise ValueError("there is no year 0")
    if before_christ:
        counted = 1 - counted
    cycle, rest = divmod(counted, _CYCLE)
    found = date(2000 + rest, _whole(month, 2), _whole(day, 2)).toordinal()
    return found + (cycle - 2000 // _CYCLE) * _CYCLE_DAYS - _EPOCH


def _time(text: str) -> int:
    """The microseconds of a day's time."""
    clock, point, fraction = text.partition(".")
    hours, minutes, seconds = clock.split(":")
    found = _seconds(_whole(hours, 2), _whole(minutes, 2), _whole(seconds, 2))
    if point and not 1 <= len(fraction) <= 6:
        raise ValueError("there are one to six digits after a second's point")
    return found * 1_000_000 + (_whole(fraction.ljust(6, "0")) if point else 0)


def _split_offset(text: str) -> tuple[str, int]:
    """The time, and the microseconds by which it is ahead of UTC."""
    if text.endswith("Z"):
        return text[:-1], 0
    sign = "+" if "+" in text else "-"
    time, found, offset = text.partition(sign)
    if not found:
        raise ValueError("the offset is missing")
    parts = [_whole(part, 2) for part in offset.split(":")]
    ahead = _seconds(*parts, *[0] * (3 - len(parts))) * 1_000_000
    return time, ahead if sign == "+" else -ahead


def _seconds(hours: int, minutes: int, seconds: int, *more: int) -> int:
    if more or hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError("there is no such time")
    return (hours * 60 + minutes) * 60 + seconds


def _whole(text: str, digits: int | None = None) -> int:
    if not (text.isascii() and text.isdigit()) or (digits is not None and len(text) != digits):
        raise ValueError("digits are missing")
    return int(text)
