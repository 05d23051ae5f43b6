"""The nearest neighbours among the training rows."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="knn",
    library="sklearn",
    estimators={
        "regression": "sklearn.neighbors:KNeighborsRegressor",
        "classification": "sklearn.neighbors:KNeighborsClassifier",
    },
    double=True,
    pairwise=True,
)
