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
    # an index over the training rows breaks ties otherwise, and no format holds one
    defaults={"algorithm": "brute"},
    ignores=("algorithm", "leaf_size"),
)
