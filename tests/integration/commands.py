"""The command `turnout`, run as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TURNOUT = Path(sys.executable).parent / "turnout"


@dataclass(frozen=True)
class Commands:
    """`turnout` with a home of its own."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            [TURNOUT, *arguments],
            env=self._environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Run it in the background."""
        return subprocess.Popen(
            [TURNOUT, *arguments], env=self._environment, stdout=subprocess.PIPE, text=True
        )

    def status(self) -> Any:
        """What `turnout status --json` prints."""
        return json.loads(self.run("status", "--json").stdout)

    def sql(self, statement: str) -> str:
        """The unaligned result of a statement."""
        done = self.run("psql", "-X", "-At", "-c", statement)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @property
    def _environment(self) -> dict[str, str]:
        return os.environ | {"TURNOUT_HOME": str(self.home)} | dict(self.environment)
