"""Principal components."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="pca",
    library="sklearn",
    estimators={"decomposition": "sklearn.decomposition:PCA"},
    double=True,
)
