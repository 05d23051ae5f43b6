"""Clusters of clusters, from a tree of the rows."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="birch",
    library="sklearn",
    estimators={"clustering": "sklearn.cluster:Birch"},
    double=True,
)
