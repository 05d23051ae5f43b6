"""Clusters around means, fitted on few rows at a time."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="mini_batch_kmeans",
    library="sklearn",
    estimators={"clustering": "sklearn.cluster:MiniBatchKMeans"},
    double=True,
)
