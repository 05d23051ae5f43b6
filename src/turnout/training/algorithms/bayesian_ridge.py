"""Bayesian ridge regression."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="bayesian_ridge",
    library="sklearn",
    estimators={"regression": "sklearn.linear_model:BayesianRidge"},
    double=True,
)
