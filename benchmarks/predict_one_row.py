"""One indexed row a statement, prepared, one client: pgml.predict beside functions written by hand.

    python -m benchmarks.predict_one_row [--rounds 7] [--seconds 4]

The figure is what a call adds to selecting the row, in microseconds: a statement's time less that of the same
statement without a function.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import ground
from benchmarks.rounds import console, interleaved, report
from tests.servers import Connection, Database

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
    """The same model for everybody: trained by pgml, its ONNX file written out, its booster trained alike."""
    ground.train(connection, f"trees{trees}", trees)
    artifact = connection.execute(
        "select string_agg(f.data, ''::bytea order by f.part) from pgml.files f join pgml.models m on m.id = f.model_id"
        " join pgml.projects p on p.id = m.project_id where p.name = %s and f.path = 'model'",
        [f"trees{trees}"],
    ).fetchone()
    assert artifact is not None
    from turnout.runtime.artifact import unpack

    header, payload = unpack(bytes(artifact[0]))  # type: ignore[arg-type]
    assert header["format"] == "onnx", header["format"]
    (directory / "model.onnx").write_bytes(payload)
    _boost(connection, directory / "model.ubj", trees)
    for path in directory.iterdir():
        path.chmod(0o644)
    for sql in (
        _ONNX.format(model=directory / "model.onnx"),
        _XGBOOST.format(model=directory / "model.ubj"),
        _NOTHING,
    ):
        connection.execute(sql)


def _boost(connection: Connection, path: Path, trees: int) -> None:
    import numpy as np
    import xgboost

    rows = np.array(connection.execute(f"select {ground.COLUMNS}, y from rows").fetchall(), np.float32)
    model = xgboost.XGBRegressor(n_estimators=trees, max_depth=6).fit(rows[:, :-1], rows[:, -1])
    model.save_model(path)


def statement(call: str) -> str:
    return f"\\set id random(1, 10000)\nselect {call} from rows where id = :id;\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--trees", type=int, default=25)
    options = parser.parse_args()
    with ground.database() as database:
        with database.connect() as connection:
            ground.fill(connection, 10_000)
            directory = database.server.directory / "models"
            directory.mkdir(mode=0o755)
            prepare(connection, directory, options.trees)
        _measure(database, options.rounds, options.seconds, options.trees)


def _measure(database: Database, rounds: int, seconds: int, trees: int) -> None:
    calls = {
        "select": ground.ARRAY,
        "no-op": f"by_nothing({ground.ARRAY})",
        "pgml.predict": f"pgml.predict('trees{trees}', {ground.ARRAY})",
        "onnxruntime by hand": f"by_onnxruntime({ground.ARRAY})",
        "XGBoost by hand": f"by_xgboost({ground.ARRAY})",
    }
    figures = interleaved(
        {
            name: lambda call=call: ground.pgbench(database, statement(call), seconds=seconds)  # type: ignore[misc]
            for name, call in calls.items()
        },
        rounds,
    )
    report(
        f"one row a statement, {trees} trees",
        figures,
        base="onnxruntime by hand",
        unit="µs a statement",
        goals={"pgml.predict": "at most 1.3", "XGBoost by hand": "at least 5 times pgml.predict"},
    )
    added = {
        name: [value - base for value, base in zip(values, figures["select"], strict=True)]
        for name, values in figures.items()
        if name != "select"
    }
    report("added to selecting the row", added, base="onnxruntime by hand", unit="µs")
    console.print("XGBoost by hand over pgml.predict:", f"{_over(figures):.1f} (whole statements)")


def _over(figures: dict[str, list[float]]) -> float:
    from benchmarks.rounds import ratio

    return ratio(figures, "XGBoost by hand", "pgml.predict")


if __name__ == "__main__":
    main()
