"""Linear regression with an L1 penalty."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="lasso",
    library="sklearn",
    estimators={"regression": "sklearn.linear_model:Lasso"},
    double=True,
)
