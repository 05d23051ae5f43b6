"""Flat trees and linear combinations against the libraries, on the rows where they could differ."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pytest
import treelite
import xgboost
from catboost import CatBoostClassifier, CatBoostRegressor
from sklearn import ensemble, linear_model, tree
from sklearn.cluster import Birch, KMeans
from sklearn.decomposition import PCA

from turnout.runtime.formats.linear import LinearPredictor
from turnout.runtime.formats.trees import TreesPredictor
from turnout.training import catboost_models
from turnout.training.flat import NoForm, from_sklearn, linear
from turnout.training.flat.from_catboost import from_catboost
from turnout.training.flat.from_treelite import from_treelite

RNG = np.random.default_rng(11)
# few different values, so that thresholds lie between them or on them
GRID = RNG.integers(-3, 4, (400, 4)).astype(np.float32) / 2
NUMBERS = GRID[:, 0] * 2 + np.sin(GRID[:, 1] * 3) + RNG.normal(scale=0.1, size=400)
THREE = np.digitize(NUMBERS, [-1, 1])
TWO = (NUMBERS > 0).astype(int)
EVERYWHERE = np.concatenate(
    [GRID, GRID + np.float32(0.25), np.nextafter(GRID, np.float32(9)), np.nextafter(GRID, np.float32(-9))]
)
HOLES = np.where(RNG.random(GRID.shape) < 0.3, np.float32(np.nan), GRID)


def flat(payload: bytes, rows: Any) -> Any:
    rows = np.ascontiguousarray(rows, np.float32)
    return np.asarray(TreesPredictor(memoryview(payload), {}, 1).many(rows, len(rows)))


def alike(payload: bytes, rows: Any, expected: Any) -> None:
    found = flat(payload, rows)
    np.testing.assert_allclose(found, np.asarray(expected).reshape(found.shape), rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("goal", [NUMBERS, TWO, THREE], ids=["numbers", "two", "three"])
@pytest.mark.parametrize("rows", [EVERYWHERE, HOLES], ids=["everywhere", "holes"])
def test_boosting_libraries(goal: Any, rows: Any) -> None:
    classifies = goal is not NUMBERS
    for kind in (xgboost.XGBClassifier, xgboost.XGBRFClassifier) if classifies else (xgboost.XGBRegressor,):
        fitted = kind(n_estimators=12).fit(HOLES, goal)
        payload = from_treelite(treelite.frontend.from_xgboost(fitted.get_booster()), classifies=classifies)
        alike(payload, rows, fitted.predict_proba(rows) if classifies else fitted.predict(rows))
    boosted = (lightgbm.LGBMClassifier if classifies else lightgbm.LGBMRegressor)(
        n_estimators=12, verbosity=-1
    )
    for given in (GRID, HOLES):
        boosted.fit(given, goal)
        payload = from_treelite(treelite.frontend.from_lightgbm(boosted.booster_), classifies=classifies)
        alike(payload, rows, boosted.predict_proba(rows) if classifies else boosted.predict(rows))


def test_xgboosts_sums_are_made_as_it_makes_them() -> None:
    goal = RNG.integers(0, 1 << 24, 400).astype(np.float64)
    fitted = xgboost.XGBRegressor(n_estimators=200, min_child_weight=0).fit(GRID, goal)
    payload = from_treelite(treelite.frontend.from_xgboost(fitted.get_booster()), classifies=False)
    np.testing.assert_array_equal(flat(payload, EVERYWHERE)[:, 0], fitted.predict(EVERYWHERE))


@pytest.mark.parametrize("goal", [NUMBERS, TWO, THREE], ids=["numbers", "two", "three"])
@pytest.mark.parametrize("grow", ["SymmetricTree", "Depthwise", "Lossguide"])
@pytest.mark.parametrize("nan_mode", ["Min", "Max"])
def test_catboost(goal: Any, grow: str, nan_mode: str) -> None:
    kind = CatBoostRegressor if goal is NUMBERS else CatBoostClassifier
    fitted = kind(
        iterations=12, grow_policy=grow, nan_mode=nan_mode, logging_level="Silent", allow_writing_files=False
    )
    fitted.fit(HOLES, goal)
    payload = from_catboost(
        catboost_models.as_json(fitted), prediction_type=catboost_models.prediction_type(fitted)
    )
    for rows in (EVERYWHERE, HOLES):
        alike(payload, rows, fitted.predict(rows) if goal is NUMBERS else fitted.predict_proba(rows))


@pytest.mark.parametrize(
    "estimator",
    [
        ensemble.RandomForestRegressor(10),
        ensemble.RandomForestClassifier(10),
        ensemble.ExtraTreesClassifier(10),
        ensemble.GradientBoostingClassifier(n_estimators=10),
        ensemble.GradientBoostingRegressor(n_estimators=10, loss="quantile"),
        ensemble.HistGradientBoostingClassifier(max_iter=10),
        ensemble.HistGradientBoostingRegressor(max_iter=10, loss="gamma"),
        ensemble.BaggingClassifier(max_features=2, max_samples=12),
        ensemble.BaggingRegressor(max_features=2, bootstrap_features=True),
        ensemble.AdaBoostClassifier(tree.DecisionTreeClassifier(max_depth=2), n_estimators=10),
        ensemble.AdaBoostRegressor(n_estimators=10),
        ensemble.AdaBoostRegressor(
            tree.DecisionTreeRegressor(max_depth=9), n_estimators=60, loss="exponential"
        ),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_scikit_learns_ensembles(estimator: Any) -> None:
    classifies = hasattr(estimator, "predict_proba")
    takes_missing = type(estimator).__name__.startswith(("Random", "Extra", "Hist", "Bagging"))
    for goal in (TWO, THREE) if classifies else (NUMBERS + 5,):
        estimator.fit(HOLES if takes_missing else GRID, goal)
        scores = estimator.predict_proba if classifies else estimator.predict
        for rows in (EVERYWHERE, HOLES) if takes_missing else (EVERYWHERE,):
            alike(from_sklearn.trees_of(estimator), rows, scores(rows))


def test_categories() -> None:
    rows = np.column_stack([RNG.integers(0, 70, 3000), RNG.normal(size=3000)]).astype(np.float32)
    goal = np.sin(rows[:, 0]) + 0.1 * rows[:, 1]
    asked = np.concatenate([rows, [[np.nan, 0], [69.5, 0], [1000, 0]]]).astype(np.float32)
    boosted = lightgbm.LGBMRegressor(n_estimators=20, verbosity=-1)
    boosted.fit(rows, goal, categorical_feature=[0])
    alike(
        from_treelite(treelite.frontend.from_lightgbm(boosted.booster_), classifies=False),
        asked,
        boosted.predict(asked),
    )
    types = {"feature_types": ["c", "q"], "enable_categorical": True}
    trees = xgboost.XGBRegressor(n_estimators=20, max_cat_to_onehot=4, tree_method="hist", **types).fit(
        rows, goal
    )
    payload = from_treelite(treelite.frontend.from_xgboost(trees.get_booster()), classifies=False)
    alike(payload, rows, trees.predict(rows))
    assert trees.score(rows, goal) > 0.9


def test_what_is_no_sum_says_so() -> None:
    boosted = ensemble.AdaBoostRegressor(linear_model.Ridge(), n_estimators=3).fit(GRID, NUMBERS)
    with pytest.raises(NoForm, match="boosts Ridge"):
        from_sklearn.trees_of(boosted)
    bag = ensemble.BaggingRegressor(linear_model.Ridge(), n_estimators=2).fit(GRID, NUMBERS)
    with pytest.raises(NoForm, match="bag of Ridge"):
        from_sklearn.trees_of(bag)
    hinge = xgboost.XGBClassifier(n_estimators=2, objective="binary:hinge").fit(GRID, TWO)
    with pytest.raises(NoForm, match="hinge"):
        from_treelite(treelite.frontend.from_xgboost(hinge.get_booster()), classifies=True)


@pytest.mark.parametrize(
    ("estimator", "answers"),
    [
        (linear_model.LinearRegression(), "predict"),
        (linear_model.LogisticRegression(), "predict_proba"),
        (linear_model.LogisticRegression(solver="liblinear"), "predict_proba"),
        (linear_model.SGDClassifier(loss="log_loss"), "predict_proba"),
        (KMeans(3, n_init=1), "predict"),
        (Birch(n_clusters=3), "predict"),
        (PCA(2), "transform"),
        (PCA(2, whiten=True), "transform"),
    ],
)
def test_linear(estimator: Any, answers: str) -> None:
    for goal in (TWO, THREE) if answers == "predict_proba" else (NUMBERS,):
        if goal is THREE and getattr(estimator, "solver", "") == "liblinear":
            continue
        estimator.fit(GRID.astype(np.float64), goal)
        predictor = LinearPredictor(memoryview(linear.from_sklearn(estimator)), {}, 1)
        expected = getattr(estimator, answers)(GRID.astype(np.float64))
        found = np.asarray(predictor.many(GRID, len(GRID)))
        np.testing.assert_allclose(found, expected.reshape(found.shape), rtol=2e-6, atol=2e-6)


def test_many_rows_are_divided_among_threads() -> None:
    fitted = xgboost.XGBRegressor(n_estimators=5).fit(GRID, NUMBERS)
    payload = memoryview(
        from_treelite(treelite.frontend.from_xgboost(fitted.get_booster()), classifies=False)
    )
    rows = RNG.normal(size=(50_000, 4)).astype(np.float32)
    alone = np.asarray(TreesPredictor(payload, {}, 1).many(rows, len(rows)))
    np.testing.assert_array_equal(np.asarray(TreesPredictor(payload, {}, 3).many(rows, len(rows))), alone)
    np.testing.assert_array_equal(np.asarray(TreesPredictor(payload, {}, 0).many(rows, len(rows))), alone)
