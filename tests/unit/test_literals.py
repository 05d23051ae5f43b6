"""Numbers written as PostgreSQL reads them: each comes back to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from turnout.catalog import literals


def read(text: str) -> NDArray[np.float32]:
    """The numbers of an array, each rounded once, as strtof does."""
    assert text[0] + text[-1] == "{}"
    body = text[1:-1]
    return np.array([np.float32(element) for element in body.split(",")] if body else [], np.float32)


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=30))
@settings(database=None, deadline=None)
def test_every_finite_number_comes_back(given: list[float]) -> None:
    values = np.array(given, np.float32)
    assert read(literals.reals(values)).tobytes() == values.tobytes()


@pytest.mark.parametrize("exponent", range(256))
def test_the_ends_of_every_binade_come_back(exponent: int) -> None:
    bits = np.concatenate([np.arange(5), np.arange(2**23 - 5, 2**23)]).astype(np.uint32) + np.uint32(
        exponent << 23
    )
    values = bits.view(np.float32)
    values = values[np.isfinite(values)]
    values = np.concatenate([values, -values])
    assert read(literals.reals(values)).tobytes() == values.tobytes()


def test_powers_of_ten_and_their_neighbours_come_back() -> None:
    powers = np.array([10.0**i for i in range(-45, 39)], np.float32)
    values = np.concatenate(
        [np.nextafter(powers, np.float32(0)), powers, np.nextafter(powers, np.float32(1e38))]
    )
    assert read(literals.reals(values)).tobytes() == values.tobytes()


def test_no_numbers() -> None:
    assert literals.reals(np.array([], np.float32)) == "{}"
    assert literals.of([]) == "{}"
