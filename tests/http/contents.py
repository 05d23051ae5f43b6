"""Models as clients upload them: archives with a pickle."""

from __future__ import annotations

import io
import pickle
import tarfile
from functools import cache
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

ROWS = np.random.default_rng(5).normal(size=(60, 3))
LABELS = np.where(ROWS.sum(axis=1) > 0, "yes", "no")
FIELDS = ["a", "b", "c"]


@cache
def pipeline(strength: float = 1.0) -> Pipeline:
    """A classifier of the rows; the less regularised, the surer."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=strength)).fit(ROWS, LABELS)


REVIEWS = pd.DataFrame(
    {"review": ["a good car", "a bad car", "good", "bad, so bad"], "age": [1.0, 2.0, 3.0, 4.0]}
)


@cache
def reviewed() -> Pipeline:
    """A classifier of texts and a number, which no table says."""
    columns = ColumnTransformer([("t", TfidfVectorizer(), "review"), ("n", StandardScaler(), ["age"])])
    return make_pipeline(columns, LogisticRegression()).fit(REVIEWS, ["good", "bad", "good", "bad"])


def archive(data: bytes, name: str = "./scikit_model.pkl") -> bytes:
    """A gzip tar with one file."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    return file.getvalue()


def pickled(model: Any) -> bytes:
    """A model as IBM's SDK uploads it."""
    file = io.BytesIO()
    joblib.dump(model, file)
    return archive(file.getvalue())


def unpacked(data: bytes) -> Any:
    """The model of an archive that was downloaded."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        (name,) = tar.getnames()
        found = tar.extractfile(name)
        assert found is not None
        return joblib.load(io.BytesIO(found.read()))


class Hostile:
    """Runs a command where it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.system, (self.command,)


def hostile(command: str) -> bytes:
    """An archive whose pickle runs a command."""
    return archive(pickle.dumps(Hostile(command)))
