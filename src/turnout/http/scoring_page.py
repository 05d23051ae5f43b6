"""The page of the API on predictions, which FastAPI does not know since they are not its own."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

PATH = "/ml/v4/deployments/{deployment_id}/predictions"
_VALUE: dict[str, Any] = {
    "anyOf": [{"type": kind} for kind in ("number", "string", "boolean", "null")]
    + [{"type": "array", "items": {}}]
}
_BLOCK = {
    "type": "object",
    "required": ["values"],
    "properties": {
        "id": {
            "anyOf": [{"type": "string"}, {"type": "integer"}],
            "description": "Comes back with the answers.",
        },
        "fields": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string"},
            "description": "The columns, in any order; those that the model doesn't know are ignored. "
            "Without them the values are in the order of the model's own columns.",
        },
        "values": {"type": "array", "minItems": 1, "items": {"type": "array", "items": _VALUE}},
    },
}
_REQUEST = {
    "type": "object",
    "required": ["input_data"],
    "properties": {
        "input_data": {"type": "array", "minItems": 1, "items": _BLOCK},
        "scoring_parameters": {"type": "object"},
    },
    "example": {"input_data": [{"fields": ["age", "colour"], "values": [[31, "red"], ["45", None]]}]},
}
_RESPONSE = {
    "type": "object",
    "required": ["predictions"],
    "properties": {
        "predictions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["fields", "values"],
                "properties": {
                    "id": {},
                    "fields": {"type": "array", "items": {"type": "string"}},
                    "values": {"type": "array", "items": {"type": "array"}},
                },
            },
        },
        "system": {"type": "object"},
    },
    "example": {
        "predictions": [{"fields": ["prediction", "probability"], "values": [["No Risk", [0.58, 0.42]]]}]
    },
}
_ERROR = {
    "type": "object",
    "required": ["trace", "errors", "status_code"],
    "properties": {
        "trace": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
        "status_code": {"type": "integer"},
    },
}
_ERRORS = {
    "400": "The body is no JSON, or a row doesn't fit: the message names its number and the column.",
    "401": "Without a token that holds.",
    "404": "There is no such deployment, or it is in a space that the caller is no member of.",
    "409": "Its model was taken away.",
    "413": "The body is larger than the server takes.",
    "415": "The body is compressed.",
    "422": "The model gives no finite number for a row.",
    "503": "It has no model yet, or the server is too busy; try again.",
}
_HEADERS = {
    "X-Model-Id": "The model that has answered.",
    "X-Deployment-Revision": "The number of the switch that made it live.",
    "X-Model-Stale": "`true` where another model may be live by now.",
    "X-Request-Id": "The one that came, or a new one; the log has it too.",
}
OPERATION: dict[str, Any] = {
    "tags": ["predictions"],
    "summary": "Predictions",
    "description": "Answers for rows, by the model that is live at the deployment; any member of its space may ask.",
    "operationId": "predictions",
    "security": [{"HTTPBearer": []}],
    "parameters": [
        {
            "name": "deployment_id",
            "in": "path",
            "required": True,
            "description": "The deployment's id or its serving name.",
            "schema": {"type": "string", "pattern": "^[0-9a-z_-]{1,36}$"},
        },
        {"name": "version", "in": "query", "schema": {"type": "string", "format": "date"}},
    ],
    "requestBody": {"required": True, "content": {"application/json": {"schema": _REQUEST}}},
    "responses": {
        "200": {
            "description": "An answer for each row.",
            "headers": {
                name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()
            },
            "content": {"application/json": {"schema": _RESPONSE}},
        },
        **{
            status: {"description": text, "content": {"application/json": {"schema": _ERROR}}}
            for status, text in _ERRORS.items()
        },
    },
}


def install(app: FastAPI) -> None:
    """Put it on the page."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        schema = made()
        schema["paths"].setdefault(PATH, {})["post"] = OPERATION
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
