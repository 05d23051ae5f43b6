"""How much an upload may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one conversion.

    Parameters
    ----------
    seconds
        From its start to its answer.
    cpu_seconds
        That all its threads may compute together.
    memory_bytes
        Of its address space.
    content_bytes, unpacked_bytes
        Of the upload as it comes, and of all that is in it.
    ratio
        How many times larger it may become, once that is over ``ratio_from_bytes``.
    members
        In an archive.
    answer_bytes
        Of artifact and source together.
    """

    seconds: float = 180.0
    cpu_seconds: int = 240
    memory_bytes: int = 6 << 30
    content_bytes: int = 1 << 30
    unpacked_bytes: int = 2 << 30
    ratio: int = 200
    ratio_from_bytes: int = 16 << 20
    members: int = 100
    answer_bytes: int = 2 << 30
