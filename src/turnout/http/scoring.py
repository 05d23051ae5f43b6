"""Predictions: the one route that is not FastAPI's, since a framework costs more than a model.

It reads what this process has in memory, and never the database. Small requests are answered where they arrive; what
takes longer is answered in threads, a few at a time, so that no request waits for another one's rows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, time
from typing import Any, NamedTuple

import orjson

from turnout.errors import TurnoutError
from turnout.http import payload, pieces, problems
from turnout.http.admission import Admission, Entry
from turnout.http.directory import Here
from turnout.http.incoming import Bodies, Disconnected, Message, Receive
from turnout.http.logs import Access, AccessLog, given_id, new_id
from turnout.http.meter import Meter
from turnout.input_errors import BodyTooLarge, ModelFails, TooBusy, UnsupportedEncoding
from turnout.runtime.table import Table
from turnout.service_errors import MethodNotAllowed

Scope = Mapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

START, END = "/ml/v4/deployments/", "/predictions"
_LOG = logging.getLogger("turnout.http.scoring")

# what is read and answered at once, where it arrives: half a millisecond of JSON, and one of a model
SMALL_BODY = 1 << 16
SMALL_SECONDS = 0.001
# threads for the rest, and how many requests may wait for them
THREADS = 2
WAITING = 64
_LINES = b"content-type: application/json\r\ncontent-length: %d\r\nx-request-id: %b\r\n%b"
_STALE = b"x-model-stale: true\r\n"


class Reply(NamedTuple):
    """What a request gets: ``lines`` are the headers as they are sent, each with its end; the body comes in parts."""

    status: int
    lines: bytes
    body: list[bytes]

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers one by one."""
        pairs = (line.partition(b": ") for line in self.lines.split(b"\r\n")[:-1])
        return [(name, value) for name, _, value in pairs]


class _Request:
    """What is known of a request so far."""

    __slots__ = ("began", "entry", "headers", "id", "rows", "scope", "stale")

    def __init__(self, scope: Scope) -> None:
        self.began = perf_counter()
        self.scope = scope
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        given = self.headers.get(b"x-request-id")
        self.id = new_id() if given is None else given_id(given)
        self.entry: Entry | None = None
        self.stale = False
        self.rows = 0

    @property
    def length(self) -> int:
        """Bytes of the body as announced; 0 if they are not."""
        # the parser lets nothing but digits pass
        return int(self.headers.get(b"content-length", b"0"))


class Scoring:
    """The application behind ``/ml/v4/deployments/{id or serving name}/predictions``.

    Parameters
    ----------
    here
        What this process serves by.
    meter, log
        Where requests are counted, and written.
    max_body
        Bytes that a body may have.
    """

    def __init__(self, here: Here, meter: Meter, log: AccessLog, *, max_body: int) -> None:
        self._admission = Admission(here, meter)
        self._meter = meter
        self._log = log
        self._bodies = Bodies(max_body)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="turnout-score")
        self._waiting = 0

    def close(self) -> None:
        """Answer nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @staticmethod
    def takes(path: str) -> bool:
        """Whether a path is that of this route."""
        return (
            path.endswith(END)
            and path.startswith(START)
            and path.find("/", len(START)) == len(path) - len(END)
        )

    def at_once(self, scope: Scope, body: bytes) -> Reply | None:
        """The reply to a request that is all here; none if that would take long, and nothing has been done."""
        request = _Request(scope)
        try:
            table = self._table(request)
            blocks = payload.blocks(body)
            request.rows = sum([len(block[3]) for block in blocks])
            if request.rows * table.row_seconds > SMALL_SECONDS:
                return None
            answer = payload.answer(table, blocks)
            table.took((perf_counter() - request.began) / request.rows)
        except TurnoutError as error:
            return self._refused(request, error)
        except Exception as error:
            return self._failed(request, error)
        return self._reply(request, 200, [answer])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, of whatever size."""
        request = _Request(scope)
        try:
            reply = self._reply(request, 200, await self._answer(request, receive))
        except Disconnected:
            return
        except TurnoutError as error:
            reply = self._refused(request, error)
        except Exception as error:
            reply = self._failed(request, error)
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        for part in _joined(reply.body):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})

    def _table(self, request: _Request) -> Table:
        """The model that is to answer.

        Raises
        ------
        TurnoutError
            If it is not there, or not for who asks.
        """
        scope, headers = request.scope, request.headers
        path: str = scope["path"]
        if scope["method"] != "POST":
            raise MethodNotAllowed(method=scope["method"], path=path, reason="expected POST")
        key = path[len(START) : -len(END)]
        entry, request.stale = self._admission.enter(key, headers.get(b"authorization"))
        request.entry = entry
        encoding = headers.get(b"content-encoding")
        if encoding is not None and encoding.lower() != b"identity":
            raise UnsupportedEncoding(encoding=encoding.decode("latin-1")[:60])
        return entry.table

    async def _answer(self, request: _Request, receive: Receive) -> list[bytes]:
        """The body that answers a request."""
        table = self._table(request)
        # before anything is received, so that a client who waits for leave to send does not get it
        if b"expect" in request.headers and request.length > self._bodies.limit:
            raise BodyTooLarge(what="the request", limit=self._bodies.limit)
        body = await self._bodies.read(receive, announced=request.length)
        try:
            return await self._aside(_read, table, body, request)
        finally:
            self._bodies.let_go(len(body))

    async def _aside(self, work: Callable[..., list[bytes]], *arguments: Any) -> list[bytes]:
        """Do something in one of a few threads."""
        if self._waiting >= WAITING:
            raise TooBusy(reason=f"{WAITING} large requests are waiting")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1

    def _refused(self, request: _Request, error: TurnoutError) -> Reply:
        found = orjson.dumps(problems.body(error, request.id))
        return self._reply(request, error.http_status, [found], _lines_of(error))

    def _failed(self, request: _Request, error: Exception) -> Reply:
        _LOG.error("a prediction failed", exc_info=error, extra={"request_id": request.id})
        return self._refused(request, ModelFails(reason=type(error).__name__))

    def _reply(self, request: _Request, status: int, body: list[bytes], more: bytes = b"") -> Reply:
        """The reply, counted and logged."""
        entry = request.entry
        if entry is not None:
            more += entry.lines
        if request.stale:
            more += _STALE
        now = perf_counter()
        seconds = now - request.began
        series = self._meter.series("", "") if entry is None else entry.series
        if status == 200:
            series.answered(request.rows, seconds)
        else:
            series.failed(status)
        if self._log.has_room(int(now)):
            self._log.add(
                Access(
                    at=time(),
                    request_id=request.id,
                    method=request.scope["method"],
                    path=request.scope["path"],
                    status=status,
                    seconds=seconds,
                    user="" if entry is None else entry.user,
                    deployment="" if entry is None else entry.deployment,
                    model="" if entry is None else entry.model,
                )
            )
        return Reply(status, _LINES % (sum(map(len, body)), request.id.encode(), more), body)


def _lines_of(error: TurnoutError) -> bytes:
    """The headers that belong to an error."""
    headers = problems.headers(error)
    if error.http_status == 405:
        headers["Allow"] = "POST"
    if error.http_status == 413:
        # there may be more of it
        headers["Connection"] = "close"
    return b"".join(f"{name.lower()}: {value}\r\n".encode() for name, value in headers.items())


def _joined(parts: list[bytes]) -> Iterator[bytes]:
    """Some parts after the other, each time about as many bytes as a client takes at a time."""
    some: list[bytes] = []
    size = 0
    for part in parts:
        some.append(part)
        size += len(part)
        if size >= SMALL_BODY:
            yield b"".join(some)
            some, size = [], 0
    if some:
        yield b"".join(some)


def _read(table: Table, body: bytearray, request: _Request) -> list[bytes]:
    """The answer for a body of any size."""
    began = perf_counter()
    request.rows, parts = pieces.answer(table, body)
    table.took((perf_counter() - began) / request.rows)
    return parts
