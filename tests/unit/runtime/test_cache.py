"""The cache: bounded in bytes, the least recently used leaves first, the newest stays."""

from types import SimpleNamespace
from typing import Any

from turnout.runtime.cache import ModelCache


def model(size: int) -> Any:
    return SimpleNamespace(size=size)


def test_least_recently_used_leaves_first() -> None:
    cache = ModelCache()
    for key in "abc":
        cache.put(key, model(10), limit_bytes=30)
    assert cache.get("a") is not None
    cache.put("d", model(10), limit_bytes=30)
    assert [key for key in "abcd" if key in cache] == ["a", "c", "d"]
    assert cache.size == 30


def test_newest_stays_even_alone_over_the_limit() -> None:
    cache = ModelCache()
    cache.put("a", model(10), limit_bytes=30)
    cache.put("b", model(99), limit_bytes=30)
    assert "b" in cache
    assert len(cache) == 1
    assert cache.size == 99


def test_put_again_counts_once_and_clear_forgets() -> None:
    cache = ModelCache()
    cache.put("a", model(10), limit_bytes=30)
    cache.put("a", model(20), limit_bytes=30)
    assert cache.size == 20
    cache.clear()
    assert cache.get("a") is None
    assert cache.size == 0
