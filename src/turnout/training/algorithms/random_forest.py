"""Forests of randomised trees."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="random_forest",
    library="sklearn",
    estimators={
        "regression": "sklearn.ensemble:RandomForestRegressor",
        "classification": "sklearn.ensemble:RandomForestClassifier",
    },
    takes_missing=True,
    defaults={"n_jobs": -1},
)
