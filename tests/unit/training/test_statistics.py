"""What is stored of a column, against numpy and the standard library."""

import json
import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.unit.training.jobs import floats, job
from turnout.training.statistics import of_numbers, of_texts

RNG = np.random.default_rng(5)
WIDE = st.floats(width=32) | st.integers(-3, 3).map(float) | st.just(math.nan)


def figures(values: Any, kind: str = "float4", **given: Any) -> dict[str, Any]:
    return of_numbers(np.array(values), kind, **given).figures


@given(st.lists(WIDE, min_size=1, max_size=60))
def test_numbers_are_numpy_s(given: list[float]) -> None:
    values = np.array(given, np.float32)
    known = values[np.isfinite(values)].astype(np.float64)
    found = of_numbers(values.copy(), "float4")
    assert (found.missing, found.infinite) == (int(np.isnan(values).sum()), int(np.isinf(values).sum()))
    assert found.figures["missing"] == found.missing
    assert found.figures["distinct"] == len(np.unique(known))
    if not len(known):
        assert {found.figures[name] for name in ("min", "max", "mean", "median", "histogram")} == {None}
        return
    assert (found.figures["min"], found.figures["max"]) == (known.min(), known.max())
    near = 1e-9 * float(np.abs(known).max())
    assert found.figures["mean"] == pytest.approx(known.mean(), rel=1e-9, abs=near)
    assert found.figures["stddev"] == pytest.approx(known.std(), rel=1e-9, abs=near)
    assert found.figures["median"] == pytest.approx(np.median(known), rel=1e-9, abs=near)
    assert found.figures["ventiles"] == pytest.approx(
        np.quantile(known, np.arange(1, 20) / 20), rel=1e-9, abs=near
    )
    edges = np.array(found.figures["edges"])
    assert edges == pytest.approx(np.linspace(known.min(), known.max(), 21), rel=1e-9, abs=near)
    assert found.figures["histogram"] == np.histogram(known, edges)[0].tolist()


@given(arrays(np.float64, st.integers(1, 20), elements=st.floats(allow_infinity=False)))
def test_any_double_leaves_as_json(values: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    text = json.dumps(figures(values, "float8", categories=True), allow_nan=False)
    assert "histogram" in text


def test_arrays_count_elements_and_rows() -> None:
    values = np.array([[1, np.nan], [np.nan, np.nan], [2, 3]], np.float32)
    found = of_numbers(values, "float4")
    assert (found.missing, found.figures["missing"], found.figures["distinct"]) == (2, 3, 3)


def test_booleans_and_classes_are_counted() -> None:
    found = figures([1.0, 0.0, 1.0, np.nan], "bool", categories=True)
    assert (found["categories"], found["others"]) == ({"true": 2, "false": 1}, 0)
    assert figures(np.array([3, 1, 3]), "int4", categories=True)["categories"] == {"3": 2, "1": 1}


def test_the_most_frequent_texts() -> None:
    drawn = RNG.zipf(1.3, 5000) % 300
    texts = [f"{i} {'x' * (i % 2) * 200}" for i in range(300)]
    found = of_texts(np.where(drawn % 17 == 0, -1, drawn), texts)
    counts = Counter(i for i in drawn.tolist() if i % 17)
    kept = sorted(counts.items(), key=lambda pair: (-pair[1], texts[pair[0]]))[:100]
    categories = found.figures["categories"]
    assert {name.split()[0]: count for name, count in categories.items()} == {str(i): n for i, n in kept}
    assert max(map(len, categories)) == 100
    assert found.figures["others"] == sum(counts.values()) - sum(n for _, n in kept)
    assert found.missing == found.figures["missing"] == 5000 - sum(counts.values())


def test_dates_are_written_as_dates() -> None:
    days = np.array([0, 8825, 59, np.nan])
    found = figures(days, "date")
    assert (found["min"], found["max"], found["median"]) == ("2000-01-01", "2024-02-29", "2000-02-29")
    assert found["edges"][0] == "2000-01-01"
    assert found["edges"][-1] == "2024-02-29"
    assert found["histogram"] == [2, *[0] * 18, 1]
    assert len(found["ventiles"]) == 19
    assert isinstance(found["stddev"], float)
    assert figures([0.5], "timestamp")["mean"] == "2000-01-01T12:00:00"


def test_every_column_of_a_fit_target_and_test_rows_included() -> None:
    values = RNG.normal(100, 5, 1000).astype(np.float32)
    values[5] = np.nan
    goal = np.nan_to_num(values)
    found = job(floats(1), [values.copy()], goal, chunks=7, task="regression", algorithm="xgboost").fit()
    known = values[~np.isnan(values)].astype(np.float64)
    statistics = found.result["columns"]["c0"]
    assert (statistics["missing"], statistics["distinct"]) == (1, len(np.unique(known)))
    assert statistics["stddev"] == pytest.approx(known.std())
    assert found.result["columns"]["target"]["mean"] == pytest.approx(goal.mean(dtype=np.float64))
    assert sum(found.result["columns"]["target"]["histogram"]) == 1000
