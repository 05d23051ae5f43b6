"""How each kind of part of a model tells what it knows: by the attributes that a fit has left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from turnout.importing.sources import MOST, Source, Sources, after

if TYPE_CHECKING:
    from turnout.importing.sources import Known


class Noting(Protocol):
    """What is told goes there, by column."""

    known: list[Known]

    def visit(self, part: Any, sources: Sources) -> None:
        """Look at a part that is given these numbers."""

    def met(self, source: Source | None, values: Any) -> None:
        """Values that an encoder has met."""

    def about(self, source: Source | None, center: Any, spread: Any) -> None:
        """Where numbers lie."""

    def split(self, source: Source | None, bounds: Any) -> None:
        """Where a number is cut."""


def _categories(walk: Noting, part: Any, sources: Sources) -> None:
    for source, values in zip(sources, part.categories_, strict=False):
        walk.met(source, values)


def _categorical(walk: Noting, part: Any, sources: Sources) -> None:
    """CatBoost keeps no more than hashes of the categories that it has met."""
    for at in part.get_cat_feature_indices():
        if at < len(sources) and (source := sources[at]) is not None:
            walk.known[source.column].kind = "text"


def _vocabulary(walk: Noting, part: Any, sources: Sources) -> None:
    if sources and sources[0] is not None:
        known = walk.known[sources[0].column]
        known.kind = "text"
        words = list(part.vocabulary_)
        known.words += words[:: max(1, len(words) // MOST)]


def _statistics(walk: Noting, part: Any, sources: Sources) -> None:
    for source, value in zip(sources, part.statistics_.tolist(), strict=False):
        if isinstance(value, str):
            walk.met(source, [value])
        else:
            walk.about(source, value, value)


def _means(walk: Noting, part: Any, sources: Sources) -> None:
    means = part.mean_
    if means is None or np.ndim(means) != 1:
        return
    scales = getattr(part, "scale_", None)
    scales = np.ones(len(means)) if scales is None or np.ndim(scales) != 1 else scales
    for source, mean, scale in zip(sources, means, scales, strict=False):
        walk.about(source, mean, scale)


def _range(walk: Noting, part: Any, sources: Sources) -> None:
    for source, low, high in zip(sources, part.data_min_, part.data_max_, strict=False):
        walk.about(source, (low + high) / 2, (high - low) / 3)


def _rows(walk: Noting, part: Any, sources: Sources) -> None:
    rows = part._fit_X if hasattr(part, "_fit_X") else part.X_train_
    if not isinstance(rows, np.ndarray) or rows.dtype.kind != "f":
        return
    for source, column in zip(sources, rows.T, strict=False):
        walk.about(source, np.nanmean(column), np.nanstd(column))


def _vectors(walk: Noting, part: Any, sources: Sources) -> None:
    rows = part.support_vectors_
    if isinstance(rows, np.ndarray) and len(rows):
        for source, column in zip(sources, rows.T, strict=False):
            walk.about(source, column.mean(), column.std())


def _centers(walk: Noting, part: Any, sources: Sources) -> None:
    for source, column in zip(sources, part.cluster_centers_.T, strict=False):
        walk.about(source, column.mean(), column.std())


def _edges(walk: Noting, part: Any, sources: Sources) -> None:
    for source, edges in zip(sources, part.bin_edges_, strict=False):
        walk.split(source, edges)
        walk.about(source, np.mean(edges), np.std(edges))


def _quantiles(walk: Noting, part: Any, sources: Sources) -> None:
    for source, column in zip(sources, part.quantiles_.T, strict=False):
        walk.about(source, column.mean(), column.std())


def _tree(walk: Noting, part: Any, sources: Sources) -> None:
    tree = part.tree_
    if not hasattr(tree, "children_left"):
        return
    inner = tree.children_left >= 0
    for at in np.unique(tree.feature[inner]).tolist():
        if at < len(sources):
            walk.split(sources[at], np.unique(tree.threshold[inner & (tree.feature == at)]))


def _boosted(walk: Noting, part: Any, sources: Sources) -> None:
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
        sources = after(part._preprocessor, sources)
    for at, found_bounds in bounds.items():
        if at < len(sources):
            walk.split(sources[at], np.unique(found_bounds))


def _normal(walk: Noting, part: Any, sources: Sources) -> None:
    for source, means, spreads in zip(sources, part.theta_.T, np.sqrt(part.var_).T, strict=False):
        walk.about(source, means.mean(), spreads.mean())


LOOKS: dict[str, Any] = {
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


def graph_values(walk: Noting, estimator: Any) -> None:
    """What the operators of a graph know: texts that they look for, and where trees split."""
    for node in estimator.model.graph.node:
        held = {attribute.name: attribute for attribute in node.attribute}
        columns = estimator.columns_of(node.input[0]) if node.input else None
        for name in ("cats_strings", "keys_strings", "pool_strings"):
            texts = [text.decode("utf-8", "replace") for text in held[name].strings] if name in held else []
            # of a column that cannot be told every column may have them
            known = walk.known if columns is None else [walk.known[at] for at in columns]
            for one in known if texts else ():
                one.values += texts[:MOST] if one.kind == "text" else []
        if "nodes_values" in held and columns is not None:
            _graph_splits(walk, columns, held["nodes_featureids"].ints, held["nodes_values"].floats)


def _graph_splits(walk: Noting, columns: list[int], features: Any, bounds: Any) -> None:
    for at in set(features) if len(features) == len(bounds) else ():
        if 0 <= at < len(columns):
            own = [bound for one, bound in zip(features, bounds, strict=True) if one == at]
            walk.split(Source(columns[at]), np.unique(own))
