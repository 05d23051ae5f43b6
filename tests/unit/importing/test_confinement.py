"""What the process that opens uploads can no longer do, tried from within."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.importing.uploads import uploaded
from turnout.importing import Limits
from turnout.upload_errors import UnusableUpload

SCRIPT = """
import json, os, signal, socket, subprocess, sys, threading
from dataclasses import asdict
from turnout.importing.confinement import confine
from turnout.importing.limits import Limits
held = confine(asdict(Limits()), int(sys.argv[1]))

def tried(action):
    try:
        action()
    except BaseException as error:
        return type(error).__name__
    return "done"

said = {
    "socket": tried(lambda: socket.socket()),
    "unix": tried(lambda: socket.socket(socket.AF_UNIX)),
    "connect": tried(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[2])), 1)),
    "fork": tried(lambda: os.fork() or os._exit(0)),
    "exec": tried(lambda: subprocess.run(["/bin/true"], check=True)),
    "kill": tried(lambda: os.kill(int(sys.argv[1]), signal.SIGTERM)),
    "passwd": tried(lambda: open("/etc/passwd").read()),
    "environment": tried(lambda: open(f"/proc/{sys.argv[1]}/environ").read()),
    "elsewhere": tried(lambda: open(sys.argv[3], "w")),
    "scratch": tried(lambda: open("note", "w").write("x")),
    "thread": tried(lambda: threading.Thread(target=int).start()),
}
print(json.dumps({"held": held, "said": said}))
"""


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("confined")
    (folder / "scratch").mkdir()
    boot = f"import sys; sys.path[:0] = {sys.path!r}\n"
    arguments = [str(os.getpid()), "9", str(folder / "canary")]
    found = subprocess.run(
        [sys.executable, "-I", "-c", boot + SCRIPT, *arguments],
        capture_output=True, text=True, check=True, cwd=folder / "scratch",
    )  # fmt: skip
    assert not (folder / "canary").exists()
    return json.loads(found.stdout)


def test_something_holds_it(tried: Any) -> None:
    assert {"limits", "no new privileges"} <= set(tried["held"])
    assert {"landlock", "system calls"} & set(tried["held"])


def test_no_connection_no_program_and_no_process(tried: Any) -> None:
    said = tried["said"]
    assert said["connect"] != "done"
    if "system calls" in tried["held"]:
        for name in ("socket", "unix", "fork", "exec", "kill"):
            assert said[name] == "PermissionError", name


def test_no_file_but_pythons_own(tried: Any) -> None:
    said = tried["said"]
    if "landlock" in tried["held"]:
        for name in ("passwd", "environment", "elsewhere"):
            assert said[name] == "PermissionError", name


def test_what_it_needs_is_there(tried: Any) -> None:
    assert (tried["said"]["scratch"], tried["said"]["thread"]) == ("done", "done")


@pytest.mark.slow
def test_memory_and_time_are_bounded(tmp_path: Path) -> None:
    huge = b"\x80\x05\x96" + (8 << 30).to_bytes(8, "little") + b"."
    with pytest.raises(UnusableUpload, match="bytes of memory"):
        uploaded(tmp_path, huge, Limits(memory_bytes=2 << 30))
    with pytest.raises(UnusableUpload, match="takes over"):
        uploaded(tmp_path, b"\x80\x02N.", Limits(seconds=0.01))
    with pytest.raises(UnusableUpload, match="at most 10 are opened"):
        uploaded(tmp_path, b"x" * 11, Limits(content_bytes=10))
