"""One psql session, to which statements are given one by one."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from turnout import server_errors


class PsqlSession:
    """psql behind a pipe: its output is exactly what a user of psql sees.

    Parameters
    ----------
    command
        psql and its arguments.
    environment
        Its whole environment.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._end = f"end-{secrets.token_hex(8)}"
        self._psql = subprocess.Popen(
            [*command, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-P", "pager=off"],
            env={**environment, "PGCLIENTENCODING": "UTF8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, where: TracebackType | None) -> None:
        if kind is not None:
            self._psql.terminate()
        self._psql.communicate()

    def run(self, statement: str) -> str:
        """Run a statement; what psql prints for it.

        Raises
        ------
        StatementFailed
            PostgreSQL refused it; the message is psql's.
        """
        assert self._psql.stdin is not None  # noqa: S101
        assert self._psql.stdout is not None  # noqa: S101
        self._psql.stdin.write(f"{statement}\n\\echo {self._end}\n")
        self._psql.stdin.flush()
        lines: list[str] = []
        for line in self._psql.stdout:
            if line.strip() == self._end:
                return "".join(lines)
            lines.append(line)
        raise server_errors.StatementFailed(reason="".join(lines).strip() or "psql ended")
