"""The service that PostgresML compared itself with: features from Redis, XGBoost, JSON over HTTP.

Run by gunicorn in the peers' environment (see outside.py), never together with Turnout. MODEL, REDIS_PORT and
REDIS_SOCKET lead it to its model and its features.
"""

from __future__ import annotations

import json
import os
import sys

import numpy as np
import redis
import xgboost
from flask import Flask, Response, jsonify, request


def published() -> Flask:
    """As described in the comparison: JSON in Redis, scikit-learn's interface with two threads, JSON both ways."""
    app = Flask("published")
    store = redis.Redis(port=int(os.environ["REDIS_PORT"]))
    model = xgboost.XGBRegressor(n_jobs=2)
    model.load_model(os.environ["MODEL"])

    @app.post("/")
    def predict() -> Response:
        key = ":".join(str(part) for part in request.get_json())
        features = json.loads(store.get(f"json:{key}"))
        return jsonify(prediction=float(model.predict(np.array([features]))[0]))

    return app


def strongest() -> Flask:
    """The same with what is faster: raw floats over a Unix socket, the booster itself with one thread, no parsing."""
    app = Flask("strongest")
    store = redis.Redis(unix_socket_path=os.environ["REDIS_SOCKET"])
    booster = xgboost.Booster(model_file=os.environ["MODEL"])
    booster.set_param({"nthread": 1})

    @app.get("/")
    def predict() -> Response:
        raw = store.get(b"raw:" + request.query_string)
        features = np.frombuffer(raw, dtype=np.float32).reshape(1, -1)
        answer = booster.inplace_predict(features, validate_features=False)[0]
        return Response(b'{"prediction":%.9g}' % answer, mimetype="application/json")

    return app


def fill() -> None:
    """Put the rows from standard input, lists of an id and features in JSON, into Redis."""
    store = redis.Redis(unix_socket_path=os.environ["REDIS_SOCKET"])
    pipeline = store.pipeline(transaction=False)
    for key, *features in json.load(sys.stdin):
        pipeline.set(f"json:{key}", json.dumps(features))
        pipeline.set(f"raw:{key}", np.array(features, dtype=np.float32).tobytes())
    pipeline.execute()


if __name__ == "__main__":
    fill()
