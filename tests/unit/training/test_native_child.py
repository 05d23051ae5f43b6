"""The process that reads files for a migration may end at any time: nothing half read becomes a model."""

from __future__ import annotations

import subprocess
import sys

import pytest

from turnout.domain.postgresml import NotCarried
from turnout.runtime import artifact
from turnout.training import native_child
from turnout.training.native_child import NativeReader

_ENDS = "import sys; sys.stdin.buffer.read(8); sys.stdout.buffer.write(bytes.fromhex({!r}))"
_SIZE = (100).to_bytes(8, "little")


@pytest.mark.parametrize(
    "said", [b"", _SIZE[:3], _SIZE, _SIZE + artifact.MAGIC, _SIZE + artifact.MAGIC + b"{}"]
)
def test_a_process_that_ends_amid_its_answer_gives_no_artifact(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", _ENDS.format(said.hex())]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    monkeypatch.setattr(native_child, "_start", start)
    with NativeReader() as reader, pytest.raises(NotCarried, match="xgboost crashes when it reads its file"):
        reader.artifact({"algorithm": "xgboost"}, b"a file")
