"""Forests grown by XGBoost."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="xgboost_random_forest",
    library="xgboost",
    estimators={
        "regression": "xgboost:XGBRFRegressor",
        "classification": "xgboost:XGBRFClassifier",
    },
    takes_missing=True,
)
