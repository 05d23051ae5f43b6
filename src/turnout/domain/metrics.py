"""Metrics: each knows its own name and direction, so nobody asks for a metric by name to learn which way is up."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Metric:
    """One figure that says how good a model is.

    Parameters
    ----------
    name
        The key under which the figure stands in ``models.metrics``.
    greater_is_better
        The direction: whether a larger figure is the better one.

    Examples
    --------
    >>> Metric("r2", greater_is_better=True).improves(-0.1, -12.5)
    True
    >>> Metric("mean_squared_error", greater_is_better=False).improves(3.0, 2.0)
    False
    >>> Metric("f1", greater_is_better=True).improves(float("nan"), None)
    False
    """

    __slots__ = ("greater_is_better", "name")

    def __init__(self, name: str, *, greater_is_better: bool) -> None:
        self.name = name
        self.greater_is_better = greater_is_better

    def improves(self, challenger: float | None, champion: float | None) -> bool:
        """Whether the challenger's figure is better; none or NaN never is, and anything is better than those."""
        if not is_figure(challenger):
            return False
        if not is_figure(champion):
            return True
        return challenger > champion if self.greater_is_better else challenger < champion  # type: ignore[operator]

    def best(self, figures: Iterable[float | None]) -> float | None:
        """The best of several figures; none when there is none.

        >>> Metric("r2", greater_is_better=True).best([None, -12.5, -0.1, float("nan")])
        -0.1
        """
        champion = None
        for figure in figures:
            if self.improves(figure, champion):
                champion = figure
        return champion

    def __repr__(self) -> str:
        return f"Metric({self.name!r}, greater_is_better={self.greater_is_better})"


def is_figure(value: float | None) -> bool:
    """Whether a figure can be compared: it is there and not NaN."""
    return value is not None and value == value  # noqa: PLR0124  only NaN differs from itself


def _up(name: str) -> Metric:
    return Metric(name, greater_is_better=True)


def _down(name: str) -> Metric:
    return Metric(name, greater_is_better=False)


METRICS = {
    metric.name: metric
    for metric in (
        _up("r2"),
        _down("mean_absolute_error"),
        _down("mean_squared_error"),
        _up("f1"),
        _up("precision"),
        _up("recall"),
        _up("accuracy"),
        _up("mcc"),
        _up("roc_auc"),
        _down("log_loss"),
        _up("silhouette"),
        _up("cumulative_explained_variance"),
        _down("fit_time"),
        _down("score_time"),
    )
}

KEY = {
    "regression": METRICS["r2"],
    "classification": METRICS["f1"],
    "clustering": METRICS["silhouette"],
    "decomposition": METRICS["cumulative_explained_variance"],
}

# what a project's models can be compared by
OF_TASK = {
    "regression": ("r2", "mean_absolute_error", "mean_squared_error"),
    "classification": ("f1", "precision", "recall", "accuracy", "mcc", "roc_auc", "log_loss"),
    "clustering": ("silhouette",),
    "decomposition": ("cumulative_explained_variance",),
}


def key_metric(task: str) -> Metric:
    """The metric by which models of a task are compared unless their project names another.

    >>> key_metric("classification").name
    'f1'
    """
    return KEY[task]
