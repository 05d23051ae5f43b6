"""A connection: who stalls is cut off, and a small request for predictions is answered within the parser's last call.

uvicorn waits without an end for the rest of a head or a body. Here each connection keeps when its request began and how
many bytes have come, and one look a second at all of them cuts off those that are behind.

A request whose answer takes tens of microseconds needs no task of its own, which would take as long again: it is
answered where its last byte is parsed. All others go uvicorn's way: what is large, what waits for another answer of the
same connection, what is sent to a client that does not take its answers, and what takes longer.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from turnout.http.scoring import SMALL_BODY, Reply, Scoring

_LOG = logging.getLogger("turnout.http")

# seconds for a request's head; for its body too, and then a second more for each so many bytes
HEAD_SECONDS = 20.0
BODY_SECONDS = 20.0
BYTES_PER_SECOND = 4096
# seconds in which a client has to take something of its answer
TAKING_SECONDS = 60.0
# and in which it may say goodbye, over TLS, when the service ends and nothing is under way
PARTING_SECONDS = 1.0
_EVERY = 1.0


class Connection(HttpToolsProtocol):
    """A connection that knows since when it has been waited for.

    Attributes
    ----------
    began
        By the loop's clock, when the request began whose bytes are awaited; when it connected, before the first.
    received
        Bytes that have come since.
    """

    def __init__(self, scoring: Scoring, **given: Any) -> None:
        super().__init__(**given)
        self.began = 0.0
        self.received = 0
        self._scoring = scoring
        self._in_head = False
        self._head_done = False
        self._held_up: float | None = None
        # what will answer if it is not answered at once
        self._awaiting_body: Any = None

    def connection_made(self, transport: Any) -> None:
        """Count the time from here: who connects and says nothing is cut off too."""
        super().connection_made(transport)
        self.began = self.loop.time()

    def data_received(self, data: bytes) -> None:
        """Count the bytes."""
        self.received += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Count from here."""
        super().on_message_begin()
        self._head_done = False
        self.received = 0
        self.began = self.loop.time()

    def on_headers_complete(self) -> None:
        """From here on it is the body's time."""
        self._head_done = self._in_head = True
        super().on_headers_complete()
        self._in_head = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Wait for the body first, if it is one that may be answered at once."""
        if (
            self._in_head
            and not self.flow.write_paused
            and not cycle.waiting_for_100_continue
            and Scoring.takes(cycle.scope["path"])
        ):
            self._awaiting_body = app
        else:
            super()._start_asgi_task(cycle, app)

    def on_body(self, body: bytes) -> None:
        """Take a part of it."""
        super().on_body(body)
        if self._awaiting_body is not None and len(self.cycle.body) > SMALL_BODY:
            self._start_after_all()

    def on_message_complete(self) -> None:
        """Answer, if that is to be done here."""
        super().on_message_complete()
        if self._awaiting_body is not None:
            reply = self._scoring.at_once(self.cycle.scope, bytes(self.cycle.body))
            if reply is None:
                self._start_after_all()
            else:
                self._awaiting_body = None
                self._write(self.cycle, reply)

    def _start_after_all(self) -> None:
        app, self._awaiting_body = self._awaiting_body, None
        super()._start_asgi_task(self.cycle, app)

    def _write(self, cycle: RequestResponseCycle, reply: Reply) -> None:
        """Send a whole answer."""
        lines = [b"%b: %b\r\n" % header for header in self.server_state.default_headers]
        end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        body = () if cycle.scope["method"] == "HEAD" else reply.body
        self.transport.write(b"".join((STATUS_LINE[reply.status], *lines, reply.lines, end, *body)))
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        cycle.on_response = _nothing

    def shutdown(self) -> None:
        """End with the service; who keeps a connection open without a request is not waited for."""
        super().shutdown()
        if self.transport.is_closing():
            self.loop.call_later(PARTING_SECONDS, self.transport.abort)

    def pause_writing(self) -> None:
        """The client takes its answer more slowly than it is made."""
        super().pause_writing()
        self._held_up = self.loop.time()

    def resume_writing(self) -> None:
        """The client has taken what there was."""
        super().resume_writing()
        self._held_up = None

    def is_behind(self, now: float) -> bool:
        """Whether nobody should wait for it any more."""
        if self._held_up is not None:
            return now - self._held_up > TAKING_SECONDS
        waited = now - self.began
        if self.cycle is None or not self._head_done:
            # before the first request, or within a head
            return waited > HEAD_SECONDS
        if self.cycle.response_complete:
            # between two requests uvicorn has a time limit, which any byte stops, be it part of a request or not
            return self.timeout_keep_alive_task is None and waited > HEAD_SECONDS
        if not self.cycle.more_body or self.flow.read_paused:
            return False
        return waited > BODY_SECONDS + self.received / BYTES_PER_SECOND


async def watch(states: list[Any]) -> None:
    """Cut off, until cancelled, the connections of these servers that are behind."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(_EVERY)
        now = loop.time()
        behind = [one for state in states for one in list(state.connections) if one.is_behind(now)]
        for connection in behind:
            connection.transport.abort()
        if behind:
            _LOG.warning("cut off %d connections that stalled", len(behind))


def _nothing() -> None:
    """What remains to be done after an answer."""
