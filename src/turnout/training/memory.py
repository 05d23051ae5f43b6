"""What the process that trains keeps of the memory that it has used: the C library's allocator, where it can be told.

Rows come in chunks that are freed one after the other while they are put together, and all of them are to go back to
the system at once. A fit takes and frees the same megabytes in each of its steps: given back, they would be zeroed
again for the next one, which made histogram boosting slower by a fifth.
"""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
# a block of this size is the system's own again when it is freed; the largest that the allocator takes
_ROWS, _FIT = 1 << 20, 1 << 25
# what may lie free at the end of the heap
_FREE = 1 << 24

_libc = ctypes.CDLL(None)


def for_rows() -> None:
    """Give back every chunk that is freed from here on."""
    _tell(_ROWS)


def for_fit() -> None:
    """Keep what is freed from here on for the next step."""
    _tell(_FIT)


def give_back() -> None:
    """Give back all that is free."""
    if hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)


def _tell(own: int) -> None:
    if hasattr(_libc, "mallopt"):
        _libc.mallopt(_MMAP_THRESHOLD, own)
        _libc.mallopt(_TRIM_THRESHOLD, max(_FREE, 2 * own))
