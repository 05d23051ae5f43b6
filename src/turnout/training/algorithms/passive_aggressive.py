"""Passive-aggressive linear models."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="passive_aggressive",
    library="sklearn",
    estimators={
        "regression": "sklearn.linear_model:PassiveAggressiveRegressor",
        "classification": "sklearn.linear_model:PassiveAggressiveClassifier",
    },
    double=True,
)
