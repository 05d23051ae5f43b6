"""Ridge regression with kernels."""

from turnout.training.algorithms.entry import Algorithm

ENTRY = Algorithm(
    name="kernel_ridge",
    library="sklearn",
    estimators={"regression": "sklearn.kernel_ridge:KernelRidge"},
    double=True,
    pairwise=True,
)
