"""Least angle regression."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="least_angle",
    library="sklearn",
    estimators={"regression": "sklearn.linear_model:Lars"},
    double=True,
)
