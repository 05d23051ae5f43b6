"""Gradient boosting on histograms, by scikit-learn."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="hist_gradient_boosting",
    library="sklearn",
    estimators={
        "regression": "sklearn.ensemble:HistGradientBoostingRegressor",
        "classification": "sklearn.ensemble:HistGradientBoostingClassifier",
    },
    takes_missing=True,
)
