"""Clusters of a graph of the rows."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="spectral",
    library="sklearn",
    estimators={},
    nearest="kmeans",
)
