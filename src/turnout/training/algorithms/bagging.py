"""Trees on samples of the rows."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="bagging",
    library="sklearn",
    estimators={
        "regression": "sklearn.ensemble:BaggingRegressor",
        "classification": "sklearn.ensemble:BaggingClassifier",
    },
    takes_missing=True,
)
