"""The perceptron."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="perceptron",
    library="sklearn",
    estimators={"classification": "sklearn.linear_model:Perceptron"},
    double=True,
)
