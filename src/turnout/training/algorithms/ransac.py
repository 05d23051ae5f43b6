"""Linear regression on the rows that agree with each other."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="ransac",
    library="sklearn",
    estimators={"regression": "sklearn.linear_model:RANSACRegressor"},
    double=True,
)
