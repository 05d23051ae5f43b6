"""Columns of an upload's model: what is known of each, and which number of a pipeline is made of which."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

MOST = 400


@dataclass
class Known:
    """One column.

    Attributes
    ----------
    kind
        ``number``, ``text``, ``bool`` or ``time``; none while nothing has said.
    values
        Texts, booleans or days, as encoders have met them.
    words
        Of which texts may be made.
    points
        Numbers about which it matters whether a value is above or below.
    near
        Numbers in whose neighbourhood values lie: means, and what is put for missing ones.
    """

    kind: str | None = None
    values: list[Any] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    points: list[float] = field(default_factory=list)
    near: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """A number that is made of one column by ``(x - shift) / scale``."""

    column: int
    shift: float = 0.0
    scale: float = 1.0

    @property
    def plain(self) -> bool:
        """Whether it is the column itself."""
        return self.shift == 0.0 and self.scale == 1.0


Sources = list["Source | None"]


def after(step: Any, sources: Sources) -> Sources:  # noqa: PLR0911  one for each kind of step
    """What the numbers that come out of a step are made of."""
    if step is None or isinstance(step, str):
        return sources
    kind = type(step).__name__
    if kind == "StandardScaler":
        shifts = step.mean_ if step.mean_ is not None else np.zeros(len(sources))
        scales = step.scale_ if step.scale_ is not None else np.ones(len(sources))
        return _moved(sources, shifts, scales)
    if kind == "MinMaxScaler":
        return _moved(sources, -step.min_ / step.scale_, 1 / step.scale_)
    if kind == "MaxAbsScaler":
        return _moved(sources, np.zeros(len(sources)), step.scale_)
    if kind == "SimpleImputer" and not step.add_indicator and len(step.statistics_) == len(sources):
        return sources
    if kind == "ColumnTransformer":
        return _out_of_columns(step, sources)
    if hasattr(step, "steps"):
        for _, one in step.steps:
            sources = after(one, sources)
        return sources
    try:
        return [None] * len(step.get_feature_names_out())
    except Exception:
        # whatever a transformer raises that does not know its outputs
        return [None] * 100_000


def _moved(sources: Sources, shifts: Any, scales: Any) -> Sources:
    return [
        None
        if source is None
        else Source(source.column, source.shift + source.scale * float(shift), source.scale * float(scale))
        for source, shift, scale in zip(sources, shifts, scales, strict=False)
    ]


def _out_of_columns(step: Any, sources: Sources) -> Sources:
    found: Sources = []
    places = step._transformer_to_input_indices
    for name, one, _ in step.transformers_:
        part = step.output_indices_.get(name, slice(0, 0))
        if isinstance(one, str):
            mine: Sources = [sources[i] for i in places[name]] if one == "passthrough" else []
        else:
            mine = after(one, [sources[i] if i < len(sources) else None for i in places[name]])
        size = part.stop - part.start
        found += (mine + [None] * size)[:size] if len(mine) >= size else [None] * size
    return found
