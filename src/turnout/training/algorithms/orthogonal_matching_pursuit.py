"""Linear regression on few columns, chosen one by one."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="orthogonal_matching_pursuit",
    library="sklearn",
    estimators={"regression": "sklearn.linear_model:OrthogonalMatchingPursuit"},
    double=True,
)
