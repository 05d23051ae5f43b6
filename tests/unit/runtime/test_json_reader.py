"""JSON without the json module: the same values, and ValueError for what is none."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnout.runtime.json_reader import read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES, st.sampled_from(["", " ", "\n\t\r "]))
def test_reads_what_json_writes(value: object, blanks: str) -> None:
    assert read_json(blanks + json.dumps(value) + blanks) == value


@given(st.text(max_size=20))
def test_refuses_what_json_refuses(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011  the text differs
            read_json(text)
    else:
        found = read_json(text)
        assert found == expected or (math.isnan(found) and math.isnan(expected))


def test_keys_keep_their_order_and_the_last_wins() -> None:
    assert list(read_json('{"b":1,"a":2,"b":3}').items()) == [("b", 3), ("a", 2)]


def test_constants() -> None:
    nan, plus, minus = read_json("[NaN,Infinity,-Infinity]")
    assert math.isnan(nan)
    assert (plus, minus) == (math.inf, -math.inf)
