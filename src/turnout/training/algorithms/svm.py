"""Support vector machines."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="svm",
    library="sklearn",
    estimators={"regression": "sklearn.svm:SVR", "classification": "sklearn.svm:SVC"},
    double=True,
    slows=True,
    # every classifier has probabilities here, by calibration
    ignores=("probability",),
)
