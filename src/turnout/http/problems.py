"""Errors as clients of Watson Machine Learning read them."""

import logging
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from turnout.errors import IncompatibleModel, TurnoutError
from turnout.http.bounded import LIMIT
from turnout.service_errors import InvalidRequest, MethodNotAllowed, NoSuchPage
from turnout.space_errors import RequestTooLarge

RETRY_AFTER_SECONDS = 5
_LOG = logging.getLogger("turnout.http")


def trace_of(scope: Any) -> str:
    """The request's id, which the log has too."""
    return str(scope.get("state", {}).get("request_id") or uuid4())


def body(error: TurnoutError, trace: str) -> dict[str, Any]:
    """The body of an error."""
    return {
        "trace": trace,
        "errors": [{"code": error.code, "message": error.message, "more_info": error.advice}, *_parts(error)],
        "status_code": error.http_status,
    }


def _parts(error: TurnoutError) -> list[dict[str, str]]:
    """Each difference by itself, of an error that lists some."""
    found: Any = error.details.get("parts", ()) if isinstance(error, IncompatibleModel) else ()
    return [{"code": f"{one.severity}_difference", "message": str(one), "more_info": ""} for one in found]


def headers(error: TurnoutError) -> dict[str, str]:
    """The headers that belong to an error's status."""
    if error.http_status in (429, 503):
        return {"Retry-After": str(error.details.get("seconds") or RETRY_AFTER_SECONDS)}
    return {"WWW-Authenticate": "Bearer"} if error.http_status == 401 else {}


def response(error: TurnoutError, scope: Any) -> JSONResponse:
    """An error as the answer to a request."""
    return JSONResponse(body(error, trace_of(scope)), error.http_status, headers(error))


def install(app: FastAPI) -> None:
    """Let an app answer every error in one shape."""

    @app.exception_handler(TurnoutError)
    def _ours(request: Request, error: TurnoutError) -> JSONResponse:
        if error.http_status == 500:
            _LOG.error("request failed", exc_info=error, extra={"request_id": trace_of(request.scope)})
        return response(error, request.scope)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        reasons = "; ".join(f"{_place(one['loc'])}: {one['msg']}" for one in error.errors()[:10])
        return response(InvalidRequest(reason=reasons or "the request is not valid"), request.scope)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        kind = MethodNotAllowed if error.status_code == 405 else NoSuchPage
        if error.status_code == 413:
            return response(RequestTooLarge(limit=LIMIT >> 20), request.scope)
        if error.status_code not in (404, 405):
            return response(InvalidRequest(reason=str(error.detail)), request.scope)
        reason = "this method is not offered here" if error.status_code == 405 else "there is nothing here"
        found = response(kind(method=request.method, path=request.url.path, reason=reason), request.scope)
        found.headers.update(error.headers or {})
        return found

    @app.exception_handler(Exception)
    def _unforeseen(request: Request, error: Exception) -> JSONResponse:
        trace = trace_of(request.scope)
        _LOG.error("request failed", exc_info=error, extra={"request_id": trace})
        return response(TurnoutError(), request.scope)


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location if part != "body") or "body"
