"""Hostile files are refused with a reason, and nothing has happened: no canary, no process, no file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.unit.importing import hostile_archives, hostile_arrays, hostile_formats, hostile_graphs
from tests.unit.importing.hostile import CORPUS
from tests.unit.importing.uploads import uploaded
from turnout.importing import Limits
from turnout.upload_errors import UnusableUpload

LIMITS = Limits(seconds=120, cpu_seconds=30, memory_bytes=3 << 30)


def children() -> set[str]:
    """The processes that this one has started, and that are still there."""
    threads = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {number for thread in threads for number in thread.read_text().split()}


def left_over() -> list[str]:
    return [name for name in os.listdir(tempfile.gettempdir()) if name.startswith("turnout-upload-")]


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 80
    for part in (hostile_archives, hostile_arrays, hostile_formats, hostile_graphs):
        assert part.__name__ in {make.__module__ for make, _ in CORPUS.values()}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CORPUS)
def test_is_refused_without_side_effects(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    canary = tmp_path / "canary"
    make, reason = CORPUS[name]
    before = children()
    with pytest.raises(UnusableUpload, match=reason) as caught:
        uploaded(tmp_path, make(str(canary)), LIMITS)
    assert caught.value.http_status == 400
    assert caught.value.sqlstate == "22023"
    assert not canary.exists()
    assert children() <= before
    assert sorted(os.listdir(tmp_path)) in (["content", "scratch"], ["scratch"])
    assert not left_over()
