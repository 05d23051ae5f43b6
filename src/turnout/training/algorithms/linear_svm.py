"""Linear support vector machines."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="linear_svm",
    library="sklearn",
    estimators={
        "regression": "sklearn.svm:LinearSVR",
        "classification": "sklearn.svm:LinearSVC",
    },
    double=True,
)
