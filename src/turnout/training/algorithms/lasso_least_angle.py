"""The lasso, fitted by least angle regression."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="lasso_least_angle",
    library="sklearn",
    estimators={"regression": "sklearn.linear_model:LassoLars"},
    double=True,
)
