"""The container: what goes in comes out, and what is broken says how."""

import hashlib

import pytest

from turnout.runtime.artifact import MAGIC, digest, pack, unpack

HEADER = {"version": 1, "format": "onnx", "classes": ["rot", "grün"], "big": 2**63}


def test_round_trip() -> None:
    header, payload = unpack(pack(HEADER, b"\x00\xff" * 5))
    assert header == HEADER
    assert bytes(payload) == b"\x00\xff" * 5


def test_payload_is_not_copied() -> None:
    data = pack(HEADER, b"payload")
    assert unpack(data)[1].obj is data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "does not begin"),
        (b"\x80\x04pickle", "does not begin"),
        (MAGIC, "bytes"),
        (pack(HEADER, b"")[:-1], "header alone"),
        (MAGIC + b"\x02\x00\x00\x00{]", "header is broken"),
        (MAGIC + b"\x02\x00\x00\x00\xff\xff", "header is broken"),
        (MAGIC + b"\x02\x00\x00\x0012", "no JSON object"),
        (pack({"version": 2}, b""), "version 2"),
    ],
)
def test_broken(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        unpack(data)


def test_digest_is_sha256() -> None:
    assert digest(b"model") == hashlib.sha256(b"model").hexdigest()
