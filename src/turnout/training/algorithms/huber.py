"""Linear regression that outliers pull less."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="huber",
    library="sklearn",
    estimators={"regression": "sklearn.linear_model:HuberRegressor"},
    double=True,
)
