"""Forests whose splits are drawn at random."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="extra_trees",
    library="sklearn",
    estimators={
        "regression": "sklearn.ensemble:ExtraTreesRegressor",
        "classification": "sklearn.ensemble:ExtraTreesClassifier",
    },
    takes_missing=True,
    defaults={"n_jobs": -1},
)
