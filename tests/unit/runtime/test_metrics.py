"""Metrics know which way is up, and what is no figure never wins."""

import math

import pytest

from turnout.domain.metrics import KEY, METRICS, Metric, is_figure, key_metric

UP, DOWN = METRICS["r2"], METRICS["mean_squared_error"]


@pytest.mark.parametrize(
    ("metric", "challenger", "champion", "better"),
    [
        (UP, -0.1, -12.5, True),
        (UP, 0.5, 0.5, False),
        (DOWN, 0.4, 0.5, True),
        (DOWN, 10.0, 9.0, False),
        (UP, None, 0.5, False),
        (UP, math.nan, None, False),
        (UP, -5.0, None, True),
        (DOWN, 5.0, math.nan, True),
        (UP, None, None, False),
    ],
)
def test_improves(metric: Metric, challenger: float | None, champion: float | None, better: bool) -> None:
    assert metric.improves(challenger, champion) is better


def test_best() -> None:
    assert DOWN.best([None, 3.0, 2.0, math.nan]) == 2.0
    assert UP.best([None, math.nan]) is None


def test_names() -> None:
    assert all(metric.name == name for name, metric in METRICS.items())
    assert key_metric("regression").name == "r2"
    assert set(KEY) == {"regression", "classification", "clustering", "decomposition"}
    assert not is_figure(None)
    assert repr(UP) == "Metric('r2', greater_is_better=True)"
