"""The artifact: one model as bytes that are data and never code.

Eight bytes of magic, the header's length (four bytes, little-endian), the header (JSON), and the payload
in the header's format to the end. An artifact is known by its SHA-256.
"""

from __future__ import annotations

from turnout.runtime.json_reader import read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAGIC = b"TURNOUT\x01"
VERSION = 1
_START = len(MAGIC) + 4
_ALIGNED = 16


def pack(header: dict[str, Any], payload: bytes) -> bytes:
    """Put header and payload together.

    >>> bytes(unpack(pack({"version": 1}, b"trees"))[1])
    b'trees'
    """
    import json

    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    # blanks, so that the payload's numbers lie where a machine reads them fastest
    text += b" " * (-(_START + len(text)) % _ALIGNED)
    return b"".join((MAGIC, len(text).to_bytes(4, "little"), text, payload))


def unpack(data: bytes) -> tuple[dict[str, Any], memoryview]:
    """Take an artifact apart, without copying its payload.

    Raises
    ------
    ValueError
        If these bytes are not an artifact that this version can read; the message says why.
    """
    view = memoryview(data)
    if bytes(view[: len(MAGIC)]) != MAGIC:
        raise ValueError("it does not begin as an artifact does")
    length = int.from_bytes(view[len(MAGIC) : _START], "little")
    end = _START + length
    if len(view) < max(end, _START):
        raise ValueError(f"it has {len(view)} bytes, and its header alone should end at {end}")
    return _header(bytes(view[_START:end])), view[end:]


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = read_json(text.decode())
    except ValueError as error:
        raise ValueError(f"its header is broken: {error}") from None
    if not isinstance(header, dict):
        raise ValueError("its header is no JSON object")
    if header.get("version") != VERSION:
        raise ValueError(f"it has version {header.get('version')}, and this Turnout reads version {VERSION}")
    return header


def digest(data: bytes) -> str:
    """The SHA-256 that names an artifact, in hexadecimal.

    >>> digest(b"")[:16]
    'e3b0c44298fc1c14'
    """
    from hashlib import sha256

    return sha256(data).hexdigest()
