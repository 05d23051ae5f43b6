"""Clusters of dense rows."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="dbscan",
    library="sklearn",
    estimators={},
    nearest="mean_shift",
)
