"""What ``preprocess`` asks for, column by column, checked against the relation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from turnout.errors import InvalidArgument, UnknownChoice, UnknownColumn
from turnout.runtime.moments import days
from turnout.training.levels import level

if TYPE_CHECKING:
    from turnout.training.description import Field, Reading

ENCODES = ("native", "target", "one_hot")
IMPUTES = ("error", "mean", "median", "mode", "min", "max", "zero")
SCALES = ("preserve", "standard", "min_max", "max_abs", "robust")
KEYS = ("encode", "impute", "scale")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How to prepare one column; none where the default holds.

    Parameters
    ----------
    ordinal
        The values in their order as a table has them: numbers and dates as `turnout.training.levels.level` writes them.
    """

    encode: str | None = None
    ordinal: tuple[str, ...] = ()
    impute: str | None = None
    scale: str = "preserve"


def read_choices(reading: Reading) -> dict[str, Choice]:
    """The choice for every field.

    Raises
    ------
    UnknownColumn, UnknownChoice, InvalidArgument
        For a column, key or value that doesn't exist, or that doesn't fit the column.
    """
    given = reading.preprocess
    if not isinstance(given, dict):
        raise InvalidArgument(
            argument="preprocess", value=repr(given), expected="an object with a key for each column"
        )
    names = [field.name for field in reading.fields]
    if not reading.targets:
        _refuse_target_encoding(given)
    for column in given:
        if column not in names:
            raise UnknownColumn(column=column, relation=reading.relation, columns=", ".join(names))
    return {field.name: _read(field, given.get(field.name, {})) for field in reading.fields}


def _refuse_target_encoding(given: dict[str, Any]) -> None:
    for column, choice in given.items():
        if isinstance(choice, dict) and choice.get("encode") == "target":
            raise InvalidArgument(
                argument=f'preprocess of column "{column}": encode',
                value="target",
                expected="one_hot or ordinal, since this task has no target",
            )


def _read(field: Field, given: Any) -> Choice:
    what = f'preprocess of column "{field.name}"'
    if not isinstance(given, dict):
        raise InvalidArgument(argument=what, value=repr(given), expected=f"an object with {', '.join(KEYS)}")
    for key in given:
        _one_of(f"{what}: key", key, KEYS)
    encode, ordinal = _encode(field, what, given.get("encode"))
    impute, scale = given.get("impute"), given.get("scale", "preserve")
    if impute is not None:
        _one_of(f"{what}: impute", impute, IMPUTES)
    _one_of(f"{what}: scale", scale, SCALES)
    return Choice(encode=encode, ordinal=ordinal, impute=impute, scale=scale)


def _encode(field: Field, what: str, given: Any) -> tuple[str | None, tuple[str, ...]]:
    if given is None:
        return None, ()
    ordinal: tuple[str, ...] = ()
    if isinstance(given, dict) and list(given) == ["ordinal"]:
        ordinal, given = _ordinal(field, what, given["ordinal"]), "ordinal"
    else:
        _one_of(f"{what}: encode", given, (*ENCODES, '{"ordinal": [...]}'))
    if given == "native" and field.kind == "text":
        expected = "target, one_hot or ordinal, since it is text"
        raise InvalidArgument(argument=f"{what}: encode", value=given, expected=expected)
    return given, ordinal


def _ordinal(field: Field, what: str, given: Any) -> tuple[str, ...]:
    values = given if isinstance(given, list) else []
    keys = [_key(field, value) for value in values]
    if not keys or None in keys or len(set(keys)) != len(keys):
        expected = f"a list of different {_kind(field)}"
        raise InvalidArgument(argument=f"{what}: ordinal", value=repr(given), expected=expected)
    return tuple(key for key in keys if key is not None)


def _kind(field: Field) -> str:
    if field.kind == "text":
        return "texts"
    if field.kind in ("date", "timestamp"):
        return f"{field.type}s as texts"
    return "booleans" if field.type == "bool" else "numbers"


def _key(field: Field, value: Any) -> str | None:
    """A value as the column's table has it; none if it is no value of the column."""
    if field.kind == "text":
        return value if isinstance(value, str) else None
    if field.kind in ("date", "timestamp"):
        return _date_key(field.type, value)
    # to Python true is a number, to us where the column holds booleans
    if isinstance(value, bool) != (field.type == "bool") or not isinstance(value, bool | int | float):
        return None
    try:
        key = level(value)
    except OverflowError:
        return None
    return None if key in ("inf", "-inf") else key


def _date_key(kind: str, value: Any) -> str | None:
    try:
        return level(days(value, kind)) if isinstance(value, str) else None
    except ValueError:
        return None


def _one_of(what: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UnknownChoice(what=what, value=value, choices=", ".join(choices))
