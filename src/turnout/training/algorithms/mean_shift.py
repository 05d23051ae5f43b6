"""Clusters around the places where rows are densest."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="mean_shift",
    library="sklearn",
    estimators={"clustering": "sklearn.cluster:MeanShift"},
    double=True,
)
