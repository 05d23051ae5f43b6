"""Clusters around means."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="kmeans",
    library="sklearn",
    estimators={"clustering": "sklearn.cluster:KMeans"},
    double=True,
)
