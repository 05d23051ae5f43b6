"""Gradient boosting by XGBoost."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="xgboost",
    library="xgboost",
    estimators={"regression": "xgboost:XGBRegressor", "classification": "xgboost:XGBClassifier"},
    takes_missing=True,
)
