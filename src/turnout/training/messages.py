"""Frames between a backend and the process that trains for it: a JSON header, and bytes."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_HEADER = struct.Struct("<I")
_PAYLOAD = struct.Struct("<Q")


def frame(header: dict[str, Any], size: int = 0) -> bytes:
    """What goes before a payload of ``size`` bytes: both lengths and the header.

    Examples
    --------
    >>> frame({"do": "end"}).hex()
    '0c0000007b22646f223a22656e64227d0000000000000000'
    """
    text = json.dumps(header, separators=(",", ":")).encode()
    return _HEADER.pack(len(text)) + text + _PAYLOAD.pack(size)


def read_frame(read: Callable[[int], bytes | bytearray]) -> tuple[dict[str, Any], bytes | bytearray]:
    """The next frame; ``read`` gives exactly as many bytes as asked for, or raises EOFError."""
    (length,) = _HEADER.unpack(read(_HEADER.size))
    header = json.loads(bytes(read(length)))
    (size,) = _PAYLOAD.unpack(read(_PAYLOAD.size))
    return header, read(size) if size else b""


class FrameBuffer:
    """Puts frames together from whatever pieces a non-blocking read gives."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, piece: bytes) -> None:
        """Take another piece."""
        self._data += piece

    def next(self) -> tuple[dict[str, Any], bytes] | None:
        """The next whole frame, if there is one."""
        data = self._data
        if len(data) < _HEADER.size:
            return None
        (length,) = _HEADER.unpack_from(data)
        start = _HEADER.size + length + _PAYLOAD.size
        if len(data) < start:
            return None
        (size,) = _PAYLOAD.unpack_from(data, start - _PAYLOAD.size)
        if len(data) < start + size:
            return None
        header = json.loads(data[_HEADER.size : _HEADER.size + length])
        payload = bytes(memoryview(data)[start : start + size])
        del data[: start + size]
        return header, payload
