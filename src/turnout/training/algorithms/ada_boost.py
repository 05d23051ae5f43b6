"""Small trees, each for what those before get wrong."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="ada_boost",
    library="sklearn",
    estimators={
        "regression": "sklearn.ensemble:AdaBoostRegressor",
        "classification": "sklearn.ensemble:AdaBoostClassifier",
    },
)
