"""What one would write by hand in PL/Python: functions that hold a loaded model and look nothing up.

Needs onnxmltools, which Turnout itself does not.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks import ground
from tests.servers import Connection

_ONNX = """
create function by_onnxruntime(features real[]) returns real language plpython3u stable as $$
try:
    session, np = SD["session"]
except KeyError:
    import numpy as np, onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession("{model}", options, providers=["CPUExecutionProvider"])
    SD["session"] = session, np
return float(session.run(None, {{"features": np.array([features], dtype=np.float32)}})[0][0, 0])
$$
"""
_XGBOOST = """
create function by_xgboost(features real[]) returns real language plpython3u stable as $$
try:
    booster, np = SD["booster"]
except KeyError:
    import numpy as np, xgboost
    booster = xgboost.Booster(model_file="{model}")
    booster.set_param({{"nthread": 1}})
    SD["booster"] = booster, np
return float(booster.inplace_predict(np.array([features], dtype=np.float32))[0])
$$
"""
_NOTHING = """
create function by_nothing(features real[]) returns real language plpython3u stable as $$
return 0.0
$$
"""


def prepare(connection: Connection, directory: Path, trees: int) -> None:
    """Models of the same form for everybody: one trained by pgml; one trained alike, as ONNX and as a booster."""
    ground.train(connection, f"trees{trees}", trees)
    boost(connection, directory / "model.ubj", trees)
    for path in directory.iterdir():
        path.chmod(0o644)
    for sql in (
        _ONNX.format(model=directory / "model.onnx"),
        _XGBOOST.format(model=directory / "model.ubj"),
        _NOTHING,
    ):
        connection.execute(sql)


def boost(connection: Connection, path: Path, trees: int) -> None:
    """Fit XGBoost on the table's rows; the booster's file, and beside it the same trees as ONNX."""
    import numpy as np
    import xgboost
    from onnxmltools.convert import convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType

    rows = np.array(connection.execute(f"select {ground.COLUMNS}, y from rows").fetchall(), np.float32)
    model = xgboost.XGBRegressor(n_estimators=trees, max_depth=6).fit(rows[:, :-1], rows[:, -1])
    model.save_model(path)
    types = [("features", FloatTensorType([None, ground.FEATURES]))]
    converted = convert_xgboost(model, initial_types=types, target_opset=15)
    path.with_suffix(".onnx").write_bytes(converted.SerializeToString())
