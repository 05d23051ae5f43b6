"""What a fitted model knows of the columns that it takes: their kinds, the values it has met, where its trees split."""

from __future__ import annotations

from typing import Any

import numpy as np

from turnout.importing.looks import LOOKS, graph_values
from turnout.importing.sources import MOST, Known, Source, Sources, after


def knowledge(estimator: Any, width: int) -> list[Known]:
    """What a model knows of each of its columns."""
    walk = _Walk(width)
    if hasattr(estimator, "session"):
        for known, kind in zip(walk.known, estimator.kinds * width, strict=False):
            known.kind = kind
        graph_values(walk, estimator)
        return walk.known
    walk.visit(estimator, [Source(i) for i in range(width)])
    return walk.known


class _Walk:
    def __init__(self, width: int) -> None:
        self.known = [Known() for _ in range(width)]
        self._depth = 0

    def visit(self, part: Any, sources: Sources) -> None:
        """Look at a part of a model that is given these numbers."""
        self._depth += 1
        if self._depth < 50 and part is not None and not isinstance(part, str):
            self._look(part, sources)
        self._depth -= 1

    def _look(self, part: Any, sources: Sources) -> None:
        if hasattr(part, "steps"):
            for _, step in part.steps:
                self.visit(step, sources)
                sources = after(step, sources)
        elif hasattr(part, "transformers_"):
            self._columns(part, sources)
        elif hasattr(part, "transformer_list"):
            for _, one in part.transformer_list:
                self.visit(one, sources)
        else:
            self._alone(part, sources)

    def _columns(self, part: Any, sources: Sources) -> None:
        places = part._transformer_to_input_indices
        for name, one, _ in part.transformers_:
            mine = [sources[i] if i < len(sources) else None for i in places.get(name, ())]
            self.visit(one, mine)

    def _alone(self, part: Any, sources: Sources) -> None:
        for name, look in LOOKS.items():
            if hasattr(part, name):
                look(self, part, sources)
        for name in ("estimators_", "calibrated_classifiers_"):
            found = getattr(part, name, None)
            for one in np.ravel(np.asarray(found, object)).tolist() if found is not None else ():
                self.visit(getattr(one, "estimator", one), sources)
        for name in ("regressor_", "estimator_"):
            if hasattr(part, name):
                self.visit(getattr(part, name), sources)

    def met(self, source: Source | None, values: Any) -> None:
        """Note the values that an encoder has met."""
        if source is None:
            return
        known = self.known[source.column]
        found = np.asarray(values)
        plain = [value.item() if isinstance(value, np.generic) else value for value in found.tolist()]
        texts = [value for value in plain if isinstance(value, str)]
        if found.dtype.kind == "M":
            known.kind = known.kind or "time"
            epoch = np.datetime64("2000-01-01", "us")
            known.values += ((found.astype("datetime64[us]") - epoch) / np.timedelta64(1, "D")).tolist()
        elif texts:
            known.kind = known.kind or "text"
            known.values += texts
        elif plain and all(isinstance(value, bool) for value in plain):
            known.kind = known.kind or "bool"
            known.values += [float(value) for value in plain]
        else:
            known.kind = known.kind or "number"
            numbers = [float(value) for value in plain if isinstance(value, int | float)]
            known.values += [value for value in numbers if np.isfinite(value)]

    def about(self, source: Source | None, center: Any, spread: Any) -> None:
        """Note where numbers lie."""
        if source is not None and _finite(center) and _finite(spread):
            known = self.known[source.column]
            known.near.append(
                (float(center) * source.scale + source.shift, abs(float(spread) * source.scale) or 1.0)
            )

    def split(self, source: Source | None, bounds: Any) -> None:
        """Note where a number is cut."""
        if source is None:
            return
        found = np.asarray(bounds, np.float64).ravel()
        found = found[np.isfinite(found) & (np.abs(found) < 1e30)]
        if len(found) > MOST:
            found = found[np.linspace(0, len(found) - 1, MOST).astype(int)]
        self.known[source.column].points += (found * source.scale + source.shift).tolist()


def _finite(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and bool(np.isfinite(value))
