"""Models in their libraries' own formats, with a face like an estimator's."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import numpy as np

from turnout.importing.refusal import Refused
from turnout.importing.versions import installed

_BINARY = ("binary:logistic", "binary:logitraw", "binary:hinge", "reg:logistic")


class Boosted:
    """A booster, asked as an estimator is: for probabilities if it tells classes apart, else for numbers."""

    booster = "gbtree"
    missing = float("nan")
    source_format: ClassVar[str]
    library: dict[str, str]

    def __init__(self, names: list[str] | None, width: int, classes: int) -> None:
        self.feature_names = names
        self.n_features_in_ = width
        if classes:
            self.classes_ = np.arange(classes)

    def _raw(self, rows: Any) -> Any:
        raise NotImplementedError

    def predict_proba(self, rows: Any) -> Any:
        """One probability per class."""
        found = np.asarray(self._raw(rows), np.float64).reshape(len(rows), -1)
        return np.hstack([1 - found, found]) if found.shape[1] == 1 else found

    def predict(self, rows: Any) -> Any:
        """One number a row."""
        if hasattr(self, "classes_"):
            return self.classes_[self.predict_proba(rows).argmax(axis=1)]
        return self._raw(rows)


class XGBoosted(Boosted):
    """XGBoost's booster."""

    source_format = "xgboost_ubj"

    def __init__(self, booster: Any) -> None:
        self._booster = booster
        booster.set_param({"nthread": 1, "device": "cpu", "verbosity": 0})
        configuration = json.loads(booster.save_config())
        learner = configuration["learner"]
        objective = learner["objective"]["name"]
        if objective.startswith(("rank:", "survival:")):
            raise Refused(f"its objective is {objective}, which neither classifies nor gives a number")
        classes = int(learner["learner_model_param"]["num_class"])
        self.booster = learner["gradient_booster"]["name"]
        width = booster.num_features()
        if not 0 < width < 1_000_000:
            raise Refused(f"it takes {width} numbers")
        super().__init__(
            booster.feature_names, width, classes or (2 if objective.startswith(_BINARY[:3]) else 0)
        )
        self._sums = objective in ("multi:softmax", "binary:logitraw", "binary:hinge")
        if self._sums:
            booster.set_param({"objective": "multi:softprob" if classes else "binary:logistic"})
        written = ".".join(map(str, configuration.get("version", ()))) or installed("xgboost")
        self.library = {"name": "xgboost", "version": written}
        if "cat" in (booster.feature_types or ()) or "c" in (booster.feature_types or ()):
            raise Refused("it was trained on categories, whose numbers it does not say; upload the estimator")

    def get_booster(self) -> Any:
        """As XGBoost's own estimators have it."""
        return self._booster

    def _raw(self, rows: Any) -> Any:
        import xgboost

        matrix = xgboost.DMatrix(np.asarray(rows, np.float32), feature_names=self._booster.feature_names)
        return self._booster.predict(matrix, validate_features=False)


class LightGBMed(Boosted):
    """LightGBM's booster."""

    source_format = "lightgbm_text"

    def __init__(self, booster: Any) -> None:
        self.booster_ = booster
        text = booster.model_to_string(num_iteration=1)
        objective = text.partition("\nobjective=")[2].partition("\n")[0].split(" ")[0]
        if objective in ("lambdarank", "rank_xendcg"):
            raise Refused(f"its objective is {objective}, which neither classifies nor gives a number")
        per_round = booster.num_model_per_iteration()
        classes = 2 if objective in ("binary", "cross_entropy") else per_round if per_round > 1 else 0
        names = booster.feature_name()
        super().__init__(names, booster.num_feature(), classes)
        self.library = {"name": "lightgbm", "version": installed("lightgbm")}
        if booster.pandas_categorical:
            raise Refused("it was trained on categories, whose numbers it does not say; upload the estimator")

    def _raw(self, rows: Any) -> Any:
        return self.booster_.predict(np.asarray(rows, np.float64), num_threads=1)


def of_booster(booster: Any) -> Boosted:
    """A booster of XGBoost or LightGBM as something to ask."""
    if type(booster).__module__.startswith("xgboost."):
        return XGBoosted(booster)
    return LightGBMed(booster)


def is_fitted_wrapper(estimator: Any) -> bool:
    """Whether an estimator of XGBoost's was fitted itself, and not only given a booster."""
    return (
        estimator.__sklearn_is_fitted__() and "n_features_in_" in dir(estimator) and _knows_itself(estimator)
    )


def _knows_itself(estimator: Any) -> bool:
    objective = json.loads(estimator.get_booster().save_config())["learner"]["objective"]["name"]
    classifies = hasattr(estimator, "predict_proba")
    return classifies or not objective.startswith(("binary:", "multi:"))


def _xgboost(data: bytes) -> Any:
    import xgboost

    booster = xgboost.Booster({"nthread": 1, "verbosity": 0})
    try:
        booster.load_model(bytearray(data))
    except (xgboost.core.XGBoostError, UnicodeDecodeError, ValueError) as error:
        raise Refused(
            f"XGBoost {xgboost.__version__} refuses it: {str(error).splitlines()[0][:300]}"
        ) from None
    found = XGBoosted(booster)
    if data.lstrip()[:1] == b"{" and data[:2] != b"{L":
        found.source_format = "xgboost_json"  # type: ignore[misc]
    return found


def _lightgbm(data: bytes) -> Any:
    import lightgbm

    if b"\nend of trees" not in data:
        raise Refused("it is LightGBM's text, and truncated")
    try:
        booster = lightgbm.Booster(model_str=data.rstrip(b"\0").decode("utf-8", "replace"))
    except lightgbm.basic.LightGBMError as error:
        raise Refused(f"LightGBM {lightgbm.__version__} refuses it: {error}") from None
    return LightGBMed(booster)


def _catboost(data: bytes) -> Any:
    import catboost

    plain = catboost.CatBoost()
    try:
        plain.load_model(blob=data)
        loss = plain.get_all_params().get("loss_function", "")
        classifies = len(plain.classes_) > 0
        found = catboost.CatBoostClassifier() if classifies else catboost.CatBoostRegressor()
        found.load_model(blob=data)
    except catboost.CatBoostError as error:
        raise Refused(
            f"CatBoost {catboost.__version__} refuses it: {' '.join(str(error).split())[:300]}"
        ) from None
    if str(loss).split(":")[0] in ("YetiRank", "PairLogit", "QueryRMSE", "YetiRankPairwise"):
        raise Refused(f"its loss is {loss}, which neither classifies nor gives a number")
    found.library = {"name": "catboost", "version": installed("catboost")}
    found.source_format = "catboost_cbm"
    return found


def _onnx(data: bytes) -> Any:
    from turnout.importing.onnx_file import OnnxFile

    return OnnxFile(data)


READERS = {"onnx": _onnx, "xgboost": _xgboost, "lightgbm": _lightgbm, "catboost": _catboost}
