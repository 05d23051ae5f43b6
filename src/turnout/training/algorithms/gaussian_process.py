"""Gaussian processes."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="gaussian_process",
    library="sklearn",
    estimators={
        "regression": "sklearn.gaussian_process:GaussianProcessRegressor",
        "classification": "sklearn.gaussian_process:GaussianProcessClassifier",
    },
    double=True,
    pairwise=True,
)
