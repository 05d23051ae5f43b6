"""What predictions over HTTP are compared with, each a process of its own: ``python -m benchmarks.http_services NAME``.

``bare`` is an ASGI application on the server and with the settings of ours, which parses the request's JSON and
answers a constant; ``fastapi`` is the plain service that one would write, and calls the estimator.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from pydantic import BaseModel

CONSTANT = orjson.dumps(
    {
        "predictions": [
            {
                "fields": ["prediction", "probability"],
                "values": [["low", [0.6034561991691589, 0.3965438008308411]]],
            }
        ]
    }
)


class Block(BaseModel):
    """Rows with their columns' names."""

    fields: list[str]
    values: list[list[float]]


class Request(BaseModel):
    """What the plain service takes."""

    input_data: list[Block]


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """The least that an answer to JSON takes."""
    message = await receive()
    body = message["body"]
    while message["more_body"]:
        message = await receive()
        body += message["body"]
    request = orjson.loads(body)
    assert request["input_data"][0]["values"]
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(CONSTANT))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": CONSTANT})


def serve_bare(port: int) -> None:
    """Serve it as ours is served."""
    uvicorn.run(
        bare,
        port=port,
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=75,
    )


def serve_fastapi(port: int, path: Path) -> None:
    """The plain service."""
    import numpy as np
    from fastapi import FastAPI
    from xgboost import XGBClassifier

    model = XGBClassifier(n_jobs=1)
    model.load_model(path)

    app = FastAPI()

    @app.post("/predictions")
    def predictions(request: Request) -> dict[str, Any]:
        found = []
        for block in request.input_data:
            rows = np.array(block.values, dtype=np.float32)
            labels, probabilities = model.predict(rows).tolist(), model.predict_proba(rows).tolist()
            values = [[label, each] for label, each in zip(labels, probabilities, strict=True)]
            found.append({"fields": ["prediction", "probability"], "values": values})
        return {"predictions": found}

    uvicorn.run(app, port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        serve_bare(int(sys.argv[2]))
    else:
        serve_fastapi(int(sys.argv[2]), Path(sys.argv[3]))
