"""A body that is read in pieces is read as if it were read whole, whatever stands in it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.training.jobs import trained
from turnout.errors import TurnoutError
from turnout.http import payload, pieces
from turnout.input_errors import BodyTooLarge
from turnout.runtime.model import Model
from turnout.runtime.table import Table

RNG = np.random.default_rng(3)
ROWS = RNG.normal(size=(100, 2)).astype(np.float32)
TABLE = Table(Model.load(trained(ROWS, ROWS[:, 0].tolist(), task="regression").artifact))

texts = st.text(alphabet='ab\\"[]{},: \n\té', max_size=8)
cells = st.one_of(st.floats(-9, 9, width=16), st.integers(-9, 9), st.sampled_from(["1", " 2 ", None, True]))
odd = st.one_of(cells, texts, st.lists(cells, max_size=2), st.dictionaries(texts, cells, max_size=2))
rows = st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=9)
odd_rows = st.lists(st.one_of(odd, st.lists(odd, max_size=3)), max_size=5)
blocks = st.fixed_dictionaries(
    {"values": st.one_of(rows, rows, odd_rows, odd)},
    optional={
        "fields": st.one_of(st.just(["c0", "c1"]), st.just(["c1", "c0"]), st.lists(texts, max_size=3)),
        "id": st.one_of(texts, st.integers(0, 9), odd),
        "other": odd,
    },
)
requests = st.fixed_dictionaries(
    {"input_data": st.one_of(st.lists(blocks, min_size=1, max_size=3), odd)},
    optional={"scoring_parameters": odd, "values": odd_rows},
)


def whole(body: bytes) -> Any:
    """What is answered when all is read at once; none if that is refused."""
    try:
        return json.loads(payload.answer(TABLE, payload.blocks(body)))
    except TurnoutError:
        return None


def in_pieces(body: bytes) -> Any:
    try:
        return json.loads(b"".join(pieces.answer(TABLE, bytearray(body))[1]))
    except TurnoutError:
        return None


@pytest.fixture(autouse=True, scope="module")
def _small_pieces() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "PIECE", 1)
        yield


@settings(deadline=None, max_examples=400)
@given(request=requests, indent=st.sampled_from([None, 1]), shuffled=st.randoms())
def test_pieces_answer_as_the_whole_does(request: Any, indent: int | None, shuffled: Any) -> None:
    if isinstance(request["input_data"], list):
        for at, block in enumerate(request["input_data"]):
            if isinstance(block, dict):
                keys = list(block)
                shuffled.shuffle(keys)
                request["input_data"][at] = {key: block[key] for key in keys}
    body = json.dumps(request, indent=indent).encode()
    assert in_pieces(body) == whole(body)


@settings(deadline=None, max_examples=400)
@given(request=requests, data=st.data())
def test_pieces_of_what_is_damaged_are_refused_as_the_whole_is(request: Any, data: st.DataObject) -> None:
    body = bytearray(json.dumps(request).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body)))
        if data.draw(st.booleans()):
            del body[at : at + data.draw(st.integers(1, 3))]
        else:
            body[at:at] = data.draw(
                st.sampled_from([b"[", b"]", b"{", b"}", b",", b'"', b"\\", b"1", b"NaN", b"\xff"])
            )
    assert in_pieces(bytes(body)) == whole(bytes(body))


def test_names_are_kept_and_rows_are_numbered_over_all_pieces() -> None:
    many = [[i, 0] for i in range(50)]
    answer = in_pieces(
        json.dumps({"input_data": [{"id": "x", "values": many}, {"values": many[:1]}]}).encode()
    )
    assert [len(one["values"]) for one in answer["predictions"]] == [50, 1]
    assert answer["predictions"][0]["id"] == "x"
    for bad, expected in (
        ([1], "row 50 (counted from 0) of input_data[0] is 1 values"),
        ([1, "x"], 'row 50 (counted from 0) of input_data[0]: column "c1" is "x"'),
        (
            [1, float("nan")],
            'row 50 (counted from 0) of input_data[0]: column "c1" is NaN, which is not JSON',
        ),
    ):
        body = json.dumps({"input_data": [{"fields": ["c0", "c1"], "values": [*many, bad, *many]}]})
        with pytest.raises(TurnoutError) as caught:
            pieces.answer(TABLE, bytearray(body.encode()))
        assert expected in caught.value.message


def test_nothing_but_rows_is_cut_out() -> None:
    body = json.dumps(
        {"input_data": [{"fields": ["a"] * 5000, "values": [[1]]}], "values": [[1]] * 5000}
    ).encode()
    rest, found = pieces._cut(bytearray(body))
    assert rest == body
    assert not found


@pytest.mark.skipif(pieces._COMPILED is None, reason="there was no compiler")
def test_large_arrays_of_rows_are_cut_out() -> None:
    body = json.dumps({"input_data": [{"values": [[i] for i in range(5000)]}]}).encode()
    rest, found = pieces._cut(bytearray(body))
    assert len(rest) < 200
    (cut,) = found.values()
    assert [row for some in cut.parts("x", None) for row in some] == [[i] for i in range(5000)]


def test_without_a_compiler_all_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"input_data": [{"fields": ["c0", "c1"], "values": ROWS.tolist()}]}).encode()
    expected = in_pieces(body)
    monkeypatch.setattr(pieces, "_COMPILED", None)
    assert in_pieces(body) == expected == whole(body)


@pytest.mark.skipif(pieces._COMPILED is None, reason="there was no compiler")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"input_data": [%b]}' % b",".join([b"{}"] * 500), "the request without its large arrays of rows"),
        (b'{"input_data": [{"values": [[%b]]}]}' % b",".join([b"1"] * 900), "the request without"),
        (
            b'{"input_data": [{"values": [[1, 2], [%b], [1, 2]]}]}' % b",".join([b"1"] * 900),
            "row 1 (counted from 0)",
        ),
    ],
)
def test_what_cannot_be_cut_is_bounded(monkeypatch: pytest.MonkeyPatch, body: bytes, expected: str) -> None:
    monkeypatch.setattr(pieces, "MOST_OF_REST", 1000)
    monkeypatch.setattr(pieces, "MOST_OF_ROW", 1000)
    with pytest.raises(BodyTooLarge) as caught:
        pieces.answer(TABLE, bytearray(body))
    assert expected in caught.value.message
