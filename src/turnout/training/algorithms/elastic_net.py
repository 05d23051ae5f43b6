"""Linear regression with L1 and L2 penalties."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="elastic_net",
    library="sklearn",
    estimators={"regression": "sklearn.linear_model:ElasticNet"},
    double=True,
)
