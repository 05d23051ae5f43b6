"""Gradient boosting by CatBoost."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="catboost",
    library="catboost",
    estimators={"regression": "catboost:CatBoostRegressor", "classification": "catboost:CatBoostClassifier"},
    takes_missing=True,
    # how much it prints
    ignores=("logging_level", "metric_period", "silent", "verbose"),
)
