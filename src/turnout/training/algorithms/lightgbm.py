"""Gradient boosting by LightGBM."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="lightgbm",
    library="lightgbm",
    estimators={"regression": "lightgbm:LGBMRegressor", "classification": "lightgbm:LGBMClassifier"},
    takes_missing=True,
)
