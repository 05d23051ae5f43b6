"""What stands before the application: predictions go their own way; each request gets an id, a count, a line."""

from __future__ import annotations

from time import perf_counter, time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from turnout.http.bounded import bounded
from turnout.http.logs import Access, AccessLog, given_id, new_id
from turnout.http.meter import Meter
from turnout.http.scoring import Scoring

_ID = b"x-request-id"


class Root:
    """The application that the server calls."""

    def __init__(self, app: ASGIApp, scoring: Scoring, meter: Meter, log: AccessLog) -> None:
        self._app = app
        self._scoring = scoring
        self._meter = meter
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif Scoring.takes(scope["path"]):
            await self._scoring(scope, receive, send)
        else:
            await self._other(scope, receive, send)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        request_id = (
            next((given_id(value) for name, value in scope["headers"] if name == _ID), "") or new_id()
        )
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (_ID, request_id.encode())]
            await send(message)

        try:
            await self._app(scope, bounded(scope, receive), sent)
        finally:
            route = getattr(scope.get("route"), "path", "")
            self._meter.request(scope["method"], route, status)
            now = perf_counter()
            if self._log.has_room(int(now)):
                self._log.add(
                    Access(
                        at=time(),
                        request_id=request_id,
                        method=scope["method"],
                        path=scope["path"],
                        status=status,
                        seconds=now - began,
                    )
                )
