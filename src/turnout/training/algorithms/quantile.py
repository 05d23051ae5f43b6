"""Linear regression of a quantile."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="quantile",
    library="sklearn",
    estimators={"regression": "sklearn.linear_model:QuantileRegressor"},
    double=True,
)
