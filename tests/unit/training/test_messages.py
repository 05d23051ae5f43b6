"""Frames survive any cutting."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnout.training.messages import FrameBuffer, frame, read_frame

MESSAGES = st.lists(st.tuples(st.dictionaries(st.text(), st.integers()), st.binary()), max_size=5)


@given(MESSAGES, st.integers(1, 20))
def test_frames_come_out_as_they_went_in(messages: list[tuple[dict[str, int], bytes]], step: int) -> None:
    data = b"".join(frame(header, len(payload)) + payload for header, payload in messages)
    buffer, found = FrameBuffer(), []
    for start in range(0, len(data), step):
        buffer.feed(data[start : start + step])
        while (message := buffer.next()) is not None:
            found.append(message)
    assert found == messages


@given(st.binary())
def test_read_frame(payload: bytes) -> None:
    stream = io.BytesIO(frame({"do": "rows"}, len(payload)) + payload)
    assert read_frame(stream.read) == ({"do": "rows"}, payload)


def test_a_buffer_without_a_frame() -> None:
    buffer = FrameBuffer()
    buffer.feed(frame({"do": "end"})[:-1])
    assert buffer.next() is None
    with pytest.raises(Exception, match="requires a buffer"):
        read_frame(io.BytesIO(b"").read)
