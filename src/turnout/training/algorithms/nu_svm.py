"""Support vector machines with a bound on their support vectors."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="nu_svm",
    library="sklearn",
    estimators={
        "regression": "sklearn.svm:NuSVR",
        "classification": "sklearn.svm:NuSVC",
    },
    double=True,
    slows=True,
)
