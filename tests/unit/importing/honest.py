"""Models as people fit and upload them: over numbers, categories, texts and dates, of every library."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

N = 240
_RANDOM = np.random.default_rng(7)

FRAME = pd.DataFrame(
    {
        "age": _RANDOM.integers(18, 80, N).astype(float),
        "amount": _RANDOM.gamma(2, 1000, N).astype(np.float32).astype(float),
        "purpose": _RANDOM.choice(["car", "tv", "house"], N),
        "sex": _RANDOM.choice(["m", "f"], N),
        "employed": _RANDOM.random(N) < 0.5,
        "since": pd.to_datetime("2020-01-01") + pd.to_timedelta(_RANDOM.integers(0, 4, N) * 90, "D"),
        "review": [
            " ".join(_RANDOM.choice(["good", "bad", "old", "new", "car", "tv", "house", "nice"], 4))
            for _ in range(N)
        ],
    }
)
LABELS = np.where((FRAME["age"] > 45) ^ (FRAME["purpose"] == "car"), "Risk", "No Risk")
NUMBERS = (FRAME["age"] * 2 + FRAME["amount"] / 100 + (FRAME["sex"] == "m") * 30).to_numpy()
MATRIX = (
    np.hstack([FRAME[["age", "amount"]].to_numpy(), _RANDOM.normal(size=(N, 2))])
    .astype(np.float32)
    .astype(float)
)
MIXED = FRAME[["age", "amount", "purpose", "sex"]]
HOLED = MIXED.copy()
HOLED.loc[::7, "amount"] = np.nan


@dataclass(frozen=True)
class Case:
    """A fitted model, the rows that it was fitted on, and the formats that it may be served in."""

    name: str
    model: Any
    rows: Any
    formats: str


def _columns(last: str = "onehot") -> ColumnTransformer:
    encoder: Any = OneHotEncoder(handle_unknown="ignore")
    if last == "ordinal":
        encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return ColumnTransformer(
        [
            ("n", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["age", "amount"]),
            ("c", encoder, ["purpose", "sex"]),
        ]
    )


def _booster() -> Any:
    """A booster as IBM's client wraps it."""
    wrapper = xgboost.XGBRegressor()
    wrapper._Booster = xgboost.train(
        {"objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(MATRIX, LABELS == "Risk"), 5
    )
    return wrapper


def _fitted(name: str, model: Any, rows: Any, target: Any, formats: str) -> Case:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Case(name, model.fit(rows, target), rows, formats)


TWO = np.column_stack([NUMBERS, MATRIX[:, 2]])
CATEGORIES = MIXED.astype({"purpose": "category", "sex": "category"})

_CASES: dict[str, Any] = {
    "columns to logistic": lambda: (make_pipeline(_columns(), LogisticRegression()), HOLED, LABELS, "linear"),
    "columns to forest": lambda: (make_pipeline(_columns(), RandomForestClassifier(9, random_state=0)), MIXED, LABELS, "trees"),
    "columns to gradient boosting": lambda: (
        make_pipeline(_columns("ordinal"), GradientBoostingClassifier(n_estimators=9)), MIXED, LABELS, "trees"),
    "columns to xgboost": lambda: (
        make_pipeline(_columns(), xgboost.XGBClassifier(n_estimators=9, n_jobs=1)), MIXED, LABELS == "Risk", "trees"),
    "columns to lightgbm": lambda: (
        make_pipeline(_columns(), lightgbm.LGBMRegressor(n_estimators=9, verbose=-1, n_jobs=1)), MIXED, NUMBERS, "trees"),
    "columns to catboost": lambda: (
        make_pipeline(_columns(), catboost.CatBoostRegressor(iterations=9, verbose=0, allow_writing_files=False)),
        MIXED, NUMBERS, "trees"),
    "columns passed through": lambda: (
        make_pipeline(
            ColumnTransformer([("o", OrdinalEncoder(), ["purpose", "sex"])], remainder="passthrough"),
            HistGradientBoostingRegressor(max_iter=9)), MIXED, NUMBERS, "trees"),
    "columns to neural network": lambda: (
        make_pipeline(_columns(), MLPClassifier((8,), max_iter=40, random_state=0)), MIXED, LABELS, "onnx"),
    "tf-idf and numbers": lambda: (
        make_pipeline(
            ColumnTransformer([("t", TfidfVectorizer(), "review"), ("n", StandardScaler(), ["age"])]),
            LogisticRegression()), FRAME[["review", "age"]], LABELS, "pipeline"),
    "texts alone": lambda: (
        make_pipeline(CountVectorizer(ngram_range=(1, 2)), MultinomialNB()), FRAME["review"], LABELS, "pipeline"),
    "dates and booleans": lambda: (
        make_pipeline(
            ColumnTransformer(
                [("d", OneHotEncoder(), ["since"]), ("n", "passthrough", ["employed", "age"])]),
            Ridge()), FRAME[["since", "employed", "age"]], NUMBERS, "linear"),
    "xgboost": lambda: (xgboost.XGBClassifier(n_estimators=9, n_jobs=1), MATRIX, LABELS == "Risk", "trees"),
    "xgboost of a frame": lambda: (
        xgboost.XGBRegressor(n_estimators=9, n_jobs=1), FRAME[["age", "amount"]], NUMBERS, "trees"),
    "lightgbm": lambda: (
        lightgbm.LGBMClassifier(n_estimators=9, verbose=-1, n_jobs=1), MATRIX, LABELS, "trees"),
    "catboost": lambda: (
        catboost.CatBoostClassifier(iterations=9, verbose=0, allow_writing_files=False), MATRIX, LABELS, "trees"),
    "catboost with categories": lambda: (
        catboost.CatBoostClassifier(
            iterations=9, verbose=0, allow_writing_files=False, cat_features=["purpose", "sex"]),
        MIXED, LABELS, "pipeline"),
    "calibrated": lambda: (CalibratedClassifierCV(LinearSVC()), MATRIX, LABELS, "linear onnx skops"),
    "calibrated by steps": lambda: (
        CalibratedClassifierCV(GaussianNB(), method="isotonic"), MATRIX, LABELS, "skops pipeline"),
    "stacked": lambda: (
        StackingClassifier([("a", make_pipeline(StandardScaler(), LogisticRegression())), ("b", RandomForestClassifier(5))], cv=2),
        MATRIX, LABELS, "onnx pipeline"),
    "voting": lambda: (
        VotingClassifier([("a", GaussianNB()), ("b", DecisionTreeClassifier(max_depth=3))], voting="soft"),
        MATRIX, LABELS, "onnx pipeline"),
    "voting over columns": lambda: (
        make_pipeline(_columns(), VotingRegressor([("a", LinearRegression()), ("b", Ridge())])), MIXED, NUMBERS, "onnx pipeline"),
    "several numbers": lambda: (
        MultiOutputRegressor(GradientBoostingRegressor(n_estimators=5)), MATRIX, TWO, "joint onnx"),
    "several classes": lambda: (
        MultiOutputClassifier(LogisticRegression(max_iter=1000)), MATRIX,
        np.column_stack([LABELS, FRAME["sex"]]), "joint pipeline"),
    "a forest of two": lambda: (RandomForestRegressor(5, random_state=0), MATRIX, TWO, "trees"),
    "histograms": lambda: (HistGradientBoostingClassifier(max_iter=9), MATRIX, LABELS, "trees"),
    "histograms of categories": lambda: (
        HistGradientBoostingClassifier(max_iter=9, categorical_features="from_dtype"), CATEGORIES, LABELS, "trees pipeline"),
    "support vectors": lambda: (
        make_pipeline(StandardScaler(), SVC(probability=False)), MATRIX, LABELS, "pipeline"),
    "neighbours": lambda: (KNeighborsClassifier(), MATRIX, LABELS, "onnx"),
    "means": lambda: (KMeans(3, random_state=0), MATRIX, None, "linear"),
    "outliers": lambda: (IsolationForest(n_estimators=9, random_state=0), MATRIX, None, "onnx skops pipeline"),
    "polynomials": lambda: (
        make_pipeline(StandardScaler(), PolynomialFeatures(2), Ridge()), MATRIX, NUMBERS, "onnx skops"),
    "components": lambda: (make_pipeline(StandardScaler(), PCA(2), Ridge()), MATRIX, NUMBERS, "onnx skops"),
    "a union": lambda: (
        make_pipeline(FeatureUnion([("a", StandardScaler()), ("b", PCA(1))]), Ridge()), MATRIX, NUMBERS, "onnx skops"),
    "quantiles, the best": lambda: (
        make_pipeline(QuantileTransformer(n_quantiles=20), SelectKBest(k=3), Ridge()), MATRIX, NUMBERS, "onnx pipeline"),
    "bins": lambda: (make_pipeline(KBinsDiscretizer(3, encode="ordinal"), Ridge()), MATRIX, NUMBERS, "onnx skops pipeline"),
    "logarithms": lambda: (
        make_pipeline(FunctionTransformer(np.log1p), Ridge()), np.abs(MATRIX), NUMBERS, "skops pipeline"),
    "a transformed target": lambda: (
        TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1), MATRIX, NUMBERS, "skops pipeline"),
    "a search": lambda: (
        GridSearchCV(RandomForestClassifier(5, random_state=0), {"max_depth": [2, 3]}, cv=2), MATRIX, LABELS, "trees"),
    "imputed by neighbours": lambda: (make_pipeline(KNNImputer(), Ridge()), MATRIX, NUMBERS, "onnx skops"),
    "a process": lambda: (
        GaussianProcessRegressor(alpha=1.0, normalize_y=True), MATRIX[:60] / 100, NUMBERS[:60], "onnx skops"),
    "a class without probabilities": lambda: (
        make_pipeline(StandardScaler(), RidgeClassifier()), MATRIX, LABELS, "pipeline"),
    "whole numbers for classes": lambda: (
        DecisionTreeClassifier(max_depth=4), MATRIX, (LABELS == "Risk").astype(int) + 3, "onnx skops trees"),
}  # fmt: skip
NAMES = [*_CASES, "a booster"]


def case(name: str) -> Case:
    """A model by its name, fitted."""
    if name == "a booster":
        return Case(name, _booster(), MATRIX, "trees")
    model, rows, target, formats = _CASES[name]()
    return _fitted(name, model, rows, target, formats)
