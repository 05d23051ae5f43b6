"""Clusters of rows that reach each other."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="optics",
    library="sklearn",
    estimators={},
    nearest="mean_shift",
)
