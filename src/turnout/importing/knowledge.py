"""What a fitted model knows of the columns that it takes: their kinds, the values it has met, where its trees split."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

_MOST = 400


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


def knowledge(estimator: Any, width: int) -> list[Known]:
    """What a model knows of each of its columns."""
    walk = _Walk(width)
    if hasattr(estimator, "session"):
        for known, kind in zip(walk.known, estimator.kinds * width, strict=False):
            known.kind = kind
        onnx_values(walk, estimator)
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
                sources = _after(step, sources)
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
        for name, look in _LOOKS.items():
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
        if len(found) > _MOST:
            found = found[np.linspace(0, len(found) - 1, _MOST).astype(int)]
        self.known[source.column].points += (found * source.scale + source.shift).tolist()


def _finite(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and bool(np.isfinite(value))


def _after(step: Any, sources: Sources) -> Sources:  # noqa: PLR0911  one for each kind of step
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
            sources = _after(one, sources)
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
            mine = _after(one, [sources[i] if i < len(sources) else None for i in places[name]])
        size = part.stop - part.start
        found += (mine + [None] * size)[:size] if len(mine) >= size else [None] * size
    return found


def _categories(walk: _Walk, part: Any, sources: Sources) -> None:
    for source, values in zip(sources, part.categories_, strict=False):
        walk.met(source, values)


def _categorical(walk: _Walk, part: Any, sources: Sources) -> None:
    """CatBoost keeps no more than hashes of the categories that it has met."""
    for at in part.get_cat_feature_indices():
        if at < len(sources) and (source := sources[at]) is not None:
            walk.known[source.column].kind = "text"


def _vocabulary(walk: _Walk, part: Any, sources: Sources) -> None:
    if sources and sources[0] is not None:
        known = walk.known[sources[0].column]
        known.kind = "text"
        words = list(part.vocabulary_)
        known.words += words[:: max(1, len(words) // _MOST)]


def _statistics(walk: _Walk, part: Any, sources: Sources) -> None:
    for source, value in zip(sources, part.statistics_.tolist(), strict=False):
        if isinstance(value, str):
            walk.met(source, [value])
        else:
            walk.about(source, value, value)


def _means(walk: _Walk, part: Any, sources: Sources) -> None:
    means = part.mean_
    if means is None or np.ndim(means) != 1:
        return
    scales = getattr(part, "scale_", None)
    scales = np.ones(len(means)) if scales is None or np.ndim(scales) != 1 else scales
    for source, mean, scale in zip(sources, means, scales, strict=False):
        walk.about(source, mean, scale)


def _range(walk: _Walk, part: Any, sources: Sources) -> None:
    for source, low, high in zip(sources, part.data_min_, part.data_max_, strict=False):
        walk.about(source, (low + high) / 2, (high - low) / 3)


def _rows(walk: _Walk, part: Any, sources: Sources) -> None:
    rows = part._fit_X if hasattr(part, "_fit_X") else part.X_train_
    if not isinstance(rows, np.ndarray) or rows.dtype.kind != "f":
        return
    for source, column in zip(sources, rows.T, strict=False):
        walk.about(source, np.nanmean(column), np.nanstd(column))


def _vectors(walk: _Walk, part: Any, sources: Sources) -> None:
    rows = part.support_vectors_
    if isinstance(rows, np.ndarray) and len(rows):
        for source, column in zip(sources, rows.T, strict=False):
            walk.about(source, column.mean(), column.std())


def _centers(walk: _Walk, part: Any, sources: Sources) -> None:
    for source, column in zip(sources, part.cluster_centers_.T, strict=False):
        walk.about(source, column.mean(), column.std())


def _edges(walk: _Walk, part: Any, sources: Sources) -> None:
    for source, edges in zip(sources, part.bin_edges_, strict=False):
        walk.split(source, edges)
        walk.about(source, np.mean(edges), np.std(edges))


def _quantiles(walk: _Walk, part: Any, sources: Sources) -> None:
    for source, column in zip(sources, part.quantiles_.T, strict=False):
        walk.about(source, column.mean(), column.std())


def _tree(walk: _Walk, part: Any, sources: Sources) -> None:
    tree = part.tree_
    if not hasattr(tree, "children_left"):
        return
    inner = tree.children_left >= 0
    for at in np.unique(tree.feature[inner]).tolist():
        if at < len(sources):
            walk.split(sources[at], np.unique(tree.threshold[inner & (tree.feature == at)]))


def _boosted(walk: _Walk, part: Any, sources: Sources) -> None:
    bounds: dict[int, list[float]] = {}
    for found in [tree for trees in part._predictors for tree in trees]:
        inner = (found.nodes["is_leaf"] == 0) & (found.nodes["is_categorical"] == 0)
        for at, bound in zip(
            found.nodes["feature_idx"][inner].tolist(),
            found.nodes["num_threshold"][inner].tolist(),
            strict=True,
        ):
            bounds.setdefault(at, []).append(bound)
    if getattr(part, "_preprocessor", None) is not None:
        walk.visit(part._preprocessor, sources)
        sources = _after(part._preprocessor, sources)
    for at, found_bounds in bounds.items():
        if at < len(sources):
            walk.split(sources[at], np.unique(found_bounds))


def _normal(walk: _Walk, part: Any, sources: Sources) -> None:
    for source, means, spreads in zip(sources, part.theta_.T, np.sqrt(part.var_).T, strict=False):
        walk.about(source, means.mean(), spreads.mean())


_LOOKS: dict[str, Any] = {
    "categories_": _categories,
    "vocabulary_": _vocabulary,
    "statistics_": _statistics,
    "mean_": _means,
    "data_min_": _range,
    "_fit_X": _rows,
    "X_train_": _rows,
    "get_cat_feature_indices": _categorical,
    "support_vectors_": _vectors,
    "cluster_centers_": _centers,
    "bin_edges_": _edges,
    "quantiles_": _quantiles,
    "tree_": _tree,
    "_predictors": _boosted,
    "theta_": _normal,
}


def onnx_values(walk: _Walk, estimator: Any) -> None:
    """What the operators of a graph know: texts that they look for, and where trees split."""
    texts: list[str] = []
    for node in estimator.model.graph.node:
        held = {attribute.name: attribute for attribute in node.attribute}
        for name in ("cats_strings", "keys_strings", "pool_strings"):
            if name in held:
                texts += [text.decode("utf-8", "replace") for text in held[name].strings]
        if "nodes_values" in held and len(walk.known) == estimator.n_features_in_:
            features, bounds = held["nodes_featureids"].ints, held["nodes_values"].floats
            for at in set(features) if len(features) == len(bounds) else ():
                if at < len(walk.known) and estimator.kinds == ["number"]:
                    own = [bound for one, bound in zip(features, bounds, strict=True) if one == at]
                    walk.split(Source(at), np.unique(own))
    for known in walk.known:
        if known.kind == "text":
            known.values += texts[:_MOST]
