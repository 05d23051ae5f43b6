"""Files in safe formats that are not safe."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import skops.io
import xgboost

from tests.unit.importing.hostile import ROWS, hostile, model
from tests.unit.importing.uploads import dumped


def _skops(change: Callable[[dict[str, Any]], None]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(model()))) as given, zipfile.ZipFile(file, "w") as held:
        for name in given.namelist():
            data = given.read(name)
            if name == "schema.json":
                schema = json.loads(data)
                change(schema)
                data = json.dumps(schema).encode()
            held.writestr(name, data)
    return file.getvalue()


@hostile("not trusted|refuses")
def skops_of_a_function(canary: str) -> bytes:
    def change(schema: dict[str, Any]) -> None:
        schema["content"]["content"]["fit_intercept"] = {
            "__class__": "system", "__module__": "os", "__loader__": "FunctionNode", "__id__": 1,
        }  # fmt: skip

    return _skops(change)


@hostile("not trusted|refuses")
def skops_of_a_method(canary: str) -> bytes:
    def change(schema: dict[str, Any]) -> None:
        schema["__class__"], schema["__module__"], schema["__loader__"] = (
            "Popen",
            "subprocess",
            "ConstructorFromReduceNode",
        )

    return _skops(change)


@hostile("in the place of LinearRegression.predict")
def method_replaced(canary: str) -> bytes:
    found = model()
    found.predict = np.log1p
    return dumped(found)


@hostile("not trusted|refuses|which is code|in the place of")
def skops_of_a_bound_method(canary: str) -> bytes:
    """A booster's way to write a file, where a model's answer is asked for."""
    found, booster = model(), _booster()
    found.predict = booster.save_model
    return bytes(skops.io.dumps(found))


@hostile("broken or truncated")
def skops_cut_off(canary: str) -> bytes:
    return bytes(skops.io.dumps(model())[:300])


@hostile("too many for its size")
def skops_bomb(canary: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as held:
        held.writestr("schema.json", b" " * (100 << 20))
    return file.getvalue()


def _booster() -> Any:
    return xgboost.train({"nthread": 1}, xgboost.DMatrix(ROWS, ROWS[:, 0]), 2)


@hostile("XGBoost|crashes|takes|memory|shape")
def xgboost_of_a_billion_nodes(canary: str) -> bytes:
    document = json.loads(bytes(_booster().save_raw("json")))
    tree = document["learner"]["gradient_booster"]["model"]["trees"][0]
    tree["tree_param"]["num_nodes"] = str(1 << 30)
    return json.dumps(document).encode()


@hostile("XGBoost|crashes|takes|memory|form|answer")
def xgboost_out_of_bounds(canary: str) -> bytes:
    document = json.loads(bytes(_booster().save_raw("json")))
    tree = document["learner"]["gradient_booster"]["model"]["trees"][0]
    tree["left_children"][0] = 1 << 28
    return json.dumps(document).encode()


@hostile("no learner")
def json_of_something(canary: str) -> bytes:
    return b'{"learning": {}}'


@hostile("truncated")
def json_cut_off(canary: str) -> bytes:
    return bytes(_booster().save_raw("json"))[:500]


@hostile("XGBoost|crashes|memory")
def ubjson_cut_off(canary: str) -> bytes:
    return bytes(_booster().save_raw("ubj"))[:500]


@hostile("XGBoost|crashes|memory")
def ubjson_of_a_huge_array(canary: str) -> bytes:
    return b"{L" + struct.pack(">q", 7) + b"learner[$d#L" + struct.pack(">q", 1 << 40)


@hostile("truncated")
def lightgbm_cut_off(canary: str) -> bytes:
    return b"tree\nversion=v4\nnum_class=1\n"


@hostile("CatBoost|crashes")
def catboost_of_noise(canary: str) -> bytes:
    return b"CBM1" + os.urandom(500)
