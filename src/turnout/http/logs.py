"""Logs: one JSON object a line on standard error, with the request's id; never a token, a key, a query or a body."""

from __future__ import annotations

import itertools
import logging
import os
import secrets
import sys
from collections import deque
from datetime import UTC, datetime
from threading import Event, Thread
from time import time
from typing import Any, NamedTuple

import orjson

# lines a second about requests that a process writes; more of them are counted only
LINES = 200
_FLUSH_SECONDS = 0.25
_SANE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-")
_LONGEST_ID = 128
_OURS = f"{secrets.token_hex(6)}-"
_NUMBERS = itertools.count(1)
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_ACCESS = "turnout.http.access"


def new_id() -> str:
    """An id for a request that brought none."""
    return f"{_OURS}{next(_NUMBERS):x}"


def given_id(value: bytes) -> str:
    """The id that came with a request, if it is one that may stand in a log and in a header; else a new one."""
    if 0 < len(value) <= _LONGEST_ID and _SANE.issuperset(value):
        return value.decode("ascii")
    return new_id()


class Access(NamedTuple):
    """A request that was answered."""

    at: float
    request_id: str
    method: str
    path: str
    status: int
    seconds: float
    user: str = ""
    deployment: str = ""
    model: str = ""


class AccessLog:
    """Takes requests at the price of an append, and writes them from a thread of its own."""

    def __init__(self, lines: int = LINES) -> None:
        self._waiting: deque[Access] = deque()
        self._most = lines
        self._left = lines
        self._second = 0
        self._left_out = 0
        self._ending = Event()
        self._thread = Thread(target=self._run, name="access log", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is there, and end."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def has_room(self, second: int) -> bool:
        """Whether another one may be added in this second; if not, it is counted."""
        if second != self._second:
            self._second, self._left = second, self._most
        self._left -= 1
        if self._left < 0:
            self._left_out += 1
        return self._left >= 0

    def add(self, access: Access) -> None:
        """Write this one later."""
        self._waiting.append(access)

    def _run(self) -> None:
        while not self._ending.wait(_FLUSH_SECONDS):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        lines = [_line(self._waiting.popleft()) for _ in range(len(self._waiting))]
        if self._left_out and not self._waiting:
            left_out, self._left_out = self._left_out, 0
            told = _head("INFO", _ACCESS, "requests were answered that are not written one by one")
            lines.append(orjson.dumps({**told, "count": left_out}))
        if lines:
            _write(b"\n".join(lines) + b"\n")


class Formatter(logging.Formatter):
    """A record as JSON, with what was given as ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        told: dict[str, Any] = _head(record.levelname, record.name, record.getMessage(), record.created)
        told.update({key: value for key, value in vars(record).items() if key not in _PLAIN})
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(told, default=str, option=orjson.OPT_NON_STR_KEYS).decode("utf-8", "replace")


def set_up() -> None:
    """Have this process log as JSON on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)


def _line(access: Access) -> bytes:
    told = _head("INFO", _ACCESS, f"{access.method} {access.path} {access.status}", access.at)
    told["request_id"] = access.request_id
    told["method"] = access.method
    told["path"] = access.path
    told["status"] = access.status
    told["ms"] = round(access.seconds * 1000, 3)
    for name, value in (("user", access.user), ("deployment", access.deployment), ("model", access.model)):
        if value:
            told[name] = value
    return orjson.dumps(told)


def _head(level: str, logger: str, message: str, at: float | None = None) -> dict[str, Any]:
    moment = datetime.fromtimestamp(time() if at is None else at, UTC)
    return {
        "time": moment.isoformat(timespec="milliseconds"),
        "level": level,
        "logger": logger,
        "message": message,
        "pid": os.getpid(),
    }


def _write(text: bytes) -> None:
    try:
        sys.stderr.buffer.write(text)
        sys.stderr.buffer.flush()
    except (OSError, ValueError):
        # nobody reads it any more
        return
