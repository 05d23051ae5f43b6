"""Linear models with an L2 penalty."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="ridge",
    library="sklearn",
    estimators={
        "regression": "sklearn.linear_model:Ridge",
        "classification": "sklearn.linear_model:RidgeClassifier",
    },
    double=True,
)
