"""Clusters around rows that stand for others."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="affinity_propagation",
    library="sklearn",
    estimators={"clustering": "sklearn.cluster:AffinityPropagation"},
    double=True,
)
