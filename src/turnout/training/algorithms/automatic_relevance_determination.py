"""Bayesian linear regression that finds the columns that matter."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="automatic_relevance_determination",
    library="sklearn",
    estimators={"regression": "sklearn.linear_model:ARDRegression"},
    double=True,
)
