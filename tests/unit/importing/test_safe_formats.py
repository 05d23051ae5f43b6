"""Models in safe formats, bare and in archives: accepted, answering alike, and given back as they came."""

from __future__ import annotations

import gzip
import io
import pickle
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import catboost
import lightgbm
import numpy as np
import pytest
import skops.io
import xgboost
from skl2onnx import convert_sklearn, to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.unit.importing.honest import FRAME, LABELS, MATRIX, MIXED, NUMBERS
from tests.unit.importing.uploads import dumped, tarred, uploaded
from turnout.importing import restore
from turnout.runtime.model import Model

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

CLASSIFIER = LogisticRegression(max_iter=1000).fit(MATRIX, LABELS)
REGRESSION = Ridge().fit(MATRIX, NUMBERS)
BOOSTER = xgboost.train(
    {"objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(MATRIX, LABELS == "Risk"), 5
)
LIGHT = lightgbm.train({"objective": "regression", "verbose": -1}, lightgbm.Dataset(MATRIX, NUMBERS), 5)
CAT = catboost.CatBoostClassifier(iterations=5, verbose=0, allow_writing_files=False).fit(MATRIX, LABELS)


def onnx_of(model: Any) -> bytes:
    data: bytes = to_onnx(
        model, MATRIX[:1].astype(np.float32), target_opset={"": 18, "ai.onnx.ml": 3}
    ).SerializeToString()
    return data


def cbm(folder: Path) -> bytes:
    CAT.save_model(str(folder / "cat.cbm"))
    return (folder / "cat.cbm").read_bytes()


def numbers() -> Any:
    return REGRESSION.predict(MATRIX)[:, None]


def boosted() -> Any:
    found = BOOSTER.predict(xgboost.DMatrix(MATRIX))
    return np.column_stack([1 - found, found])


GIVEN: dict[str, tuple[Callable[[Path], bytes], str, Callable[[], Any]]] = {
    "onnx of classes": (lambda _: onnx_of(CLASSIFIER), "onnx", lambda: CLASSIFIER.predict_proba(MATRIX)),
    "onnx of numbers": (lambda _: onnx_of(REGRESSION), "onnx", lambda: REGRESSION.predict(MATRIX)[:, None]),
    "xgboost json": (lambda _: bytes(BOOSTER.save_raw("json")), "trees", boosted),
    "xgboost ubjson": (lambda _: bytes(BOOSTER.save_raw("ubj")), "trees", boosted),
    "lightgbm text": (lambda _: LIGHT.model_to_string().encode(), "trees", lambda: LIGHT.predict(MATRIX)[:, None]),
    "catboost cbm": (cbm, "trees", lambda: CAT.predict_proba(MATRIX)),
    "skops": (lambda _: skops.io.dumps(CLASSIFIER), "linear", lambda: CLASSIFIER.predict_proba(MATRIX)),
    "bare joblib": (lambda _: dumped(REGRESSION), "linear", numbers),
    "bare pickle": (lambda _: pickle.dumps(REGRESSION), "linear", numbers),
    "an old pickle": (lambda _: pickle.dumps(REGRESSION, 0), "linear", numbers),
    "compressed joblib": (lambda _: zlib.compress(dumped(REGRESSION)), "linear", numbers),
}  # fmt: skip


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("name", GIVEN)
def test_is_accepted(name: str, archived: bool, tmp_path: Path) -> None:
    make, format_, answer = GIVEN[name]
    data = make(tmp_path)
    content = tarred(("README.txt", b"ours"), ("a/model.bin", data)) if archived else data
    found = uploaded(tmp_path, content)
    assert found.predictor == format_
    assert any("README.txt" in warning for warning in found.warnings) == archived
    model, expected = Model.load(found.artifact), answer()
    names = [field["name"] for field in found.signature["fields"]]
    got = np.asarray(model.scores_of([dict(zip(names, row, strict=True)) for row in MATRIX.tolist()]))
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5 * max(1.0, float(np.std(expected))))
    if found.source_format != "skops":
        # the very bytes come back
        with tarfile.open(
            fileobj=io.BytesIO(gzip.decompress(restore(found.source, found.source_format)))
        ) as tar:
            file = tar.extractfile(tar.getmembers()[0])
            assert file is not None
            assert file.read() == data


def test_onnx_with_an_input_for_every_column(tmp_path: Path) -> None:
    pipeline = make_pipeline(
        ColumnTransformer(
            [("n", StandardScaler(), ["age", "amount"]), ("c", OneHotEncoder(), ["purpose", "sex"])]
        ),
        LogisticRegression(),
    ).fit(MIXED, LABELS)
    types = [
        (name, (StringTensorType if name in ("purpose", "sex") else FloatTensorType)([None, 1]))
        for name in MIXED
    ]
    data = convert_sklearn(
        pipeline, initial_types=types, target_opset={"": 18, "ai.onnx.ml": 3}
    ).SerializeToString()
    found = uploaded(tmp_path, data)
    assert found.predictor == "onnx columns"
    assert [(field["name"], field["type"]) for field in found.signature["fields"]] == [
        ("age", "float8"), ("amount", "float8"), ("purpose", "text"), ("sex", "text"),
    ]  # fmt: skip
    model = Model.load(found.artifact)
    rows = FRAME[["sex", "purpose", "amount", "age"]].to_dict("records")
    np.testing.assert_allclose(model.scores_of(rows), pipeline.predict_proba(MIXED), atol=1e-5)
    assert [model.label_row(row) for row in rows[:20]] == pipeline.predict(MIXED)[:20].tolist()
