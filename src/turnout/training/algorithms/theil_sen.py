"""Linear regression by the median of many fits."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="theil_sen",
    library="sklearn",
    estimators={"regression": "sklearn.linear_model:TheilSenRegressor"},
    double=True,
)
