"""Honest models are accepted, and answer as they do in Python: as artifacts, and after a client has downloaded them."""

from __future__ import annotations

import gzip
import io
import tarfile
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from tests.unit.importing.honest import NAMES, Case, case
from tests.unit.importing.uploads import dumped, tarred, uploaded
from turnout.importing import Imported, restore
from turnout.runtime.labels import label_text
from turnout.runtime.model import Model

EPOCH = pd.Timestamp("2000-01-01")


def as_rows(case: Case, found: Imported) -> list[dict[str, Any]]:
    """The rows of a case as a caller of a prediction would send them."""
    names = [field["name"] for field in found.signature["fields"]]
    rows = case.rows
    if isinstance(rows, pd.Series):
        return [{names[0]: text} for text in rows]
    if isinstance(rows, pd.DataFrame):
        return [{name: plain(value) for name, value in row.items()} for row in rows.to_dict("records")]
    return [dict(zip(names, row, strict=True)) for row in rows.tolist()]


def plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return None if isinstance(value, float) and np.isnan(value) else value


def scores(case: Case) -> Any:
    model = case.model
    if case.name == "a booster":
        found = model.predict(case.rows)
        return np.column_stack([1 - found, found])
    if hasattr(model, "classes_") and len(model.classes_) and hasattr(model, "predict_proba"):
        found = model.predict_proba(case.rows)
        return np.hstack(found) if isinstance(found, list) else found
    found = np.asarray(model.predict(case.rows))
    if hasattr(model, "classes_") and len(model.classes_):
        return (found[:, None] == model.classes_[None, :]).astype(float)
    return found.reshape(len(found), -1)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_is_accepted_and_answers_as_in_python(name: str, tmp_path: Path) -> None:
    given = case(name)
    member = "./xgboost_model.pkl" if name == "a booster" else "./scikit_model.pkl"
    found = uploaded(tmp_path, tarred((member, dumped(given.model))), type="scikit-learn_1.3")
    assert found.predictor in given.formats.split()
    model = Model.load(found.artifact)
    rows = as_rows(given, found)
    expected, got = scores(given), np.asarray(model.scores_of(rows))
    assert got.shape == expected.shape
    spread = 1.0 if found.classes is not None else max(float(np.std(expected)), 1e-3)
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5 * spread)
    if found.classes is not None and model.classes is not None:
        best = [label_text(found.classes[i]) for i in expected[:20].argmax(axis=1)]
        assert [model.label_row(row) for row in rows[:20]] == best
        assert model.proba_row(rows[0]) == pytest.approx(expected[0].tolist(), abs=1e-5)
    elif len(found.signature["targets"]) < 2:
        assert model.predict_row(rows[3]) == pytest.approx(float(expected[3, 0]), rel=1e-4, abs=1e-4 * spread)
    else:
        assert len(model.joint_row(rows[3])) == 2
    check_download(given, restore(found.source, found.source_format))


def check_download(given: Case, content: bytes) -> None:
    """What is downloaded loads in plain Python, and predicts the same."""
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(content))) as tar:
        (member,) = tar.getmembers()
        file = tar.extractfile(member)
        assert file is not None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            again = joblib.load(io.BytesIO(file.read()))
    assert member.name.removeprefix("./") == (
        "xgboost_model.pkl" if given.name == "a booster" else "scikit_model.pkl"
    )
    ours, theirs = np.asarray(again.predict(given.rows)), np.asarray(given.model.predict(given.rows))
    if ours.dtype.kind in "fiu":
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    else:
        assert (ours == theirs).all()
