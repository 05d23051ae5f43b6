"""What comes out of a pipeline's transformers: each number as arithmetic on a column, or by a table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from turnout.runtime.labels import label_text
from turnout.training.flat import NoForm

_EPOCH = np.datetime64("2000-01-01", "us")


@dataclass(frozen=True)
class Value:
    """A column as it comes; ``fill`` stands for what is missing."""

    column: int
    text: bool
    fill: Any = None


@dataclass(frozen=True)
class Number:
    """``(x - shift) * scale`` of a column; ``fill`` is put for a missing x."""

    column: int
    fill: float | None = None
    shift: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class Coded:
    """A number for each value of a column; none of ``unknown`` or ``missing`` where that is refused."""

    column: int
    values: dict[str, float]
    unknown: float | None
    missing: float | None


Symbol = Value | Number | Coded


def after(step: Any, given: list[Symbol]) -> list[Symbol]:
    """What comes out of a transformer.

    Raises
    ------
    NoForm
        If that is no formula of those.
    """
    if step is None or step == "passthrough":
        return given
    if isinstance(step, str):
        return []
    kind = type(step).__name__
    if kind in ("Pipeline", "ColumnTransformer", "FeatureUnion"):
        composed: list[Symbol] = _COMPOSED[kind](step, given)
        return composed
    if kind == "FunctionTransformer" and step.func is None:
        return given
    if kind in _STEPS:
        found: list[Symbol] = _STEPS[kind](step, given)
        return found
    if hasattr(step, "get_support") and not hasattr(step, "predict"):
        return [given[i] for i in step.get_support(indices=True).tolist()]
    raise NoForm(f"a {kind} is neither arithmetic nor a table")


def _pipeline(step: Any, given: list[Symbol]) -> list[Symbol]:
    for _, one in step.steps:
        given = after(one, given)
    return given


def _columns(step: Any, given: list[Symbol]) -> list[Symbol]:
    found: list[Symbol] = []
    for name, one, _ in step.transformers_:
        found += after(one, [given[i] for i in step._transformer_to_input_indices.get(name, ())])
    return found


def _union(step: Any, given: list[Symbol]) -> list[Symbol]:
    if step.transformer_weights:
        raise NoForm("its parts have weights")
    return [symbol for _, one in step.transformer_list for symbol in after(one, given)]


def _imputer(step: Any, given: list[Symbol]) -> list[Symbol]:
    if step.add_indicator or len(step.statistics_) != len(given):
        raise NoForm("an imputer adds or leaves out columns")
    if isinstance(step.missing_values, str) or step.missing_values == step.missing_values:
        raise NoForm("an imputer fills in for a value that is not missing")
    found: list[Symbol] = []
    for symbol, value in zip(given, step.statistics_.tolist(), strict=True):
        if not isinstance(symbol, Value):
            raise NoForm("an imputer comes after something else")
        if isinstance(value, float) and value != value:  # noqa: PLR0124
            raise NoForm("an imputer has nothing to put")
        found.append(symbol if symbol.fill is not None else replace(symbol, fill=value))
    return found


def _standard(step: Any, given: list[Symbol]) -> list[Symbol]:
    count = len(given)
    shifts = np.zeros(count) if step.mean_ is None else step.mean_
    scales = np.ones(count) if step.scale_ is None else step.scale_
    return _scaled(given, shifts, 1 / scales)


def _min_max(step: Any, given: list[Symbol]) -> list[Symbol]:
    if step.clip:
        raise NoForm("a scaler clips")
    return _scaled(given, -step.min_ / step.scale_, step.scale_)


def _max_abs(step: Any, given: list[Symbol]) -> list[Symbol]:
    return _scaled(given, np.zeros(len(given)), 1 / step.scale_)


def _robust(step: Any, given: list[Symbol]) -> list[Symbol]:
    count = len(given)
    shifts = np.zeros(count) if step.center_ is None else step.center_
    return _scaled(given, shifts, 1 / (np.ones(count) if step.scale_ is None else step.scale_))


def _scaled(given: list[Symbol], shifts: Any, scales: Any) -> list[Symbol]:
    found: list[Symbol] = []
    for symbol, by, times in zip(given, np.ravel(shifts).tolist(), np.ravel(scales).tolist(), strict=True):
        if isinstance(symbol, Coded):
            found.append(_moved(symbol, by, times))
            continue
        number = as_number(symbol)
        shift = by if number.scale == 1.0 and number.shift == 0.0 else number.shift + by / number.scale
        found.append(replace(number, shift=shift, scale=number.scale * times))
    return found


def _moved(symbol: Coded, by: float, times: float) -> Coded:
    def move(value: float | None) -> float | None:
        return None if value is None else (value - by) * times

    return Coded(
        symbol.column,
        {key: (value - by) * times for key, value in symbol.values.items()},
        move(symbol.unknown),
        move(symbol.missing),
    )


def as_number(symbol: Symbol) -> Number:
    """A symbol as arithmetic.

    Raises
    ------
    NoForm
        If it is a text or a table.
    """
    if isinstance(symbol, Number):
        return symbol
    if isinstance(symbol, Coded) or symbol.text:
        raise NoForm("a text is used as a number")
    return Number(symbol.column, None if symbol.fill is None else float(symbol.fill))


def _one_hot(step: Any, given: list[Symbol]) -> list[Symbol]:
    _check_encoder(step)
    found: list[Symbol] = []
    for i, (symbol, categories) in enumerate(zip(given, step.categories_, strict=True)):
        dropped = step.drop_idx_[i] if step.drop_idx_ is not None else None
        unknown = None if step.handle_unknown == "error" else 0.0
        for place in range(len(categories)):
            if dropped is None or place != dropped:
                codes = [float(at == place) for at in range(len(categories))]
                found.append(_coded(symbol, categories, codes, unknown))
    return found


def _ordinal(step: Any, given: list[Symbol]) -> list[Symbol]:
    _check_encoder(step)
    unknown = float(step.unknown_value) if step.handle_unknown == "use_encoded_value" else None
    found: list[Symbol] = []
    for symbol, categories in zip(given, step.categories_, strict=True):
        codes = [
            float(step.encoded_missing_value) if _is_missing(value) else float(at)
            for at, value in enumerate(categories.tolist())
        ]
        found.append(_coded(symbol, categories, codes, unknown))
    return found


def _check_encoder(step: Any) -> None:
    if getattr(step, "_infrequent_enabled", False):
        raise NoForm("an encoder puts rare values together")


def _coded(symbol: Symbol, categories: Any, codes: list[float], unknown: float | None) -> Coded:
    if not isinstance(symbol, Value):
        raise NoForm("an encoder comes after something else")
    if categories.dtype.kind == "M":
        days = ((categories.astype("datetime64[us]") - _EPOCH) / np.timedelta64(1, "D")).tolist()
        keys: list[str | None] = [_key(day, text=False) for day in days]
    else:
        keys = [
            None if _is_missing(value) else _key(value, text=symbol.text) for value in categories.tolist()
        ]
    if len(set(keys)) != len(keys):
        raise NoForm("two values of a column are one in single precision")
    table = {key: code for key, code in zip(keys, codes, strict=True) if key is not None}
    missing = codes[keys.index(None)] if None in keys else unknown
    if symbol.fill is not None:
        missing = table.get(_key(symbol.fill, text=symbol.text), unknown)
    return Coded(symbol.column, table, unknown, missing)


def _key(value: Any, *, text: bool) -> str:
    """A value as tables write it."""
    if text != isinstance(value, str):
        raise NoForm("an encoder has met texts and numbers in one column")
    return value if text else label_text(float(np.float32(value)))


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124


_COMPOSED: dict[str, Any] = {"Pipeline": _pipeline, "ColumnTransformer": _columns, "FeatureUnion": _union}
_STEPS: dict[str, Any] = {
    "SimpleImputer": _imputer,
    "StandardScaler": _standard,
    "MinMaxScaler": _min_max,
    "MaxAbsScaler": _max_abs,
    "RobustScaler": _robust,
    "OneHotEncoder": _one_hot,
    "OrdinalEncoder": _ordinal,
}
