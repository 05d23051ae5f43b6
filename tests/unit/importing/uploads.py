"""Uploads as clients make them."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path
from typing import Any

import joblib

from turnout.importing import Declared, Imported, Limits, convert


def dumped(model: Any) -> bytes:
    """A model as joblib writes it."""
    file = io.BytesIO()
    joblib.dump(model, file)
    return file.getvalue()


def tarred(*members: tuple[str, bytes] | tuple[tarfile.TarInfo, bytes]) -> bytes:
    """A gzip tar."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, data in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            if not isinstance(name, tarfile.TarInfo):
                info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(file.getvalue(), 1)


def uploaded(folder: Path, content: bytes, limits: Limits | None = None, **declared: Any) -> Imported:
    """A file, converted."""
    path = folder / "content"
    path.write_bytes(content)
    return convert(path, Declared(**declared), limits)
