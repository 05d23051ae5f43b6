"""Gradient boosting by scikit-learn."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="gradient_boosting_trees",
    library="sklearn",
    estimators={
        "regression": "sklearn.ensemble:GradientBoostingRegressor",
        "classification": "sklearn.ensemble:GradientBoostingClassifier",
    },
)
