"""Linear and logistic regression."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="linear",
    library="sklearn",
    estimators={
        "regression": "sklearn.linear_model:LinearRegression",
        "classification": "sklearn.linear_model:LogisticRegression",
    },
    double=True,
    defaults={"max_iter": 1000},
)
