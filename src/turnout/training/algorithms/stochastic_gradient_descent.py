"""Linear models fitted row by row."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="stochastic_gradient_descent",
    library="sklearn",
    estimators={
        "regression": "sklearn.linear_model:SGDRegressor",
        "classification": "sklearn.linear_model:SGDClassifier",
    },
    double=True,
)
