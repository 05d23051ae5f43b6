"""What a pickle may name. Everything else is refused, before anything is imported for it.

Three kinds: constructors of ours that stand for the ones named; helper classes by exact name; and estimators, which
are what scikit-learn calls public estimators, in modules of its own packages of estimators.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from turnout.importing import stand_ins
from turnout.importing.refusal import Refused

# packages whose modules may be imported for a pickle: no datasets, no utilities, no tests
_PACKAGES = (
    "calibration", "cluster", "compose", "covariance", "cross_decomposition", "decomposition",
    "discriminant_analysis", "dummy", "ensemble", "feature_extraction", "feature_selection", "gaussian_process",
    "impute", "isotonic", "kernel_approximation", "kernel_ridge", "linear_model", "mixture", "model_selection",
    "multiclass", "multioutput", "naive_bayes", "neighbors", "neural_network", "pipeline", "preprocessing",
    "random_projection", "semi_supervised", "svm", "tree",
)  # fmt: skip
_TESTS = ("tests", "conftest")

# classes that hold numbers, names and each other, and do nothing when they are made or given their state
HELPERS = frozenset(
    {
        ("sklearn.calibration", "_CalibratedClassifier"),
        ("sklearn.calibration", "_SigmoidCalibration"),
        ("sklearn.calibration", "_TemperatureScaling"),
        ("sklearn.compose._column_transformer", "make_column_selector"),
        ("sklearn.ensemble._hist_gradient_boosting.binning", "_BinMapper"),
        ("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor"),
        ("sklearn.gaussian_process._gpc", "_BinaryGaussianProcessClassifierLaplace"),
        ("sklearn.gaussian_process.kernels", "CompoundKernel"),
        ("sklearn.gaussian_process.kernels", "ConstantKernel"),
        ("sklearn.gaussian_process.kernels", "DotProduct"),
        ("sklearn.gaussian_process.kernels", "Exponentiation"),
        ("sklearn.gaussian_process.kernels", "ExpSineSquared"),
        ("sklearn.gaussian_process.kernels", "Matern"),
        ("sklearn.gaussian_process.kernels", "Product"),
        ("sklearn.gaussian_process.kernels", "RBF"),
        ("sklearn.gaussian_process.kernels", "RationalQuadratic"),
        ("sklearn.gaussian_process.kernels", "Sum"),
        ("sklearn.gaussian_process.kernels", "WhiteKernel"),
        ("sklearn.impute._iterative", "_ImputerTriplet"),
        ("sklearn.metrics._scorer", "_PassthroughScorer"),
        ("sklearn.model_selection._split", "GroupKFold"),
        ("sklearn.model_selection._split", "KFold"),
        ("sklearn.model_selection._split", "RepeatedKFold"),
        ("sklearn.model_selection._split", "RepeatedStratifiedKFold"),
        ("sklearn.model_selection._split", "ShuffleSplit"),
        ("sklearn.model_selection._split", "StratifiedKFold"),
        ("sklearn.model_selection._split", "StratifiedShuffleSplit"),
        ("sklearn.model_selection._split", "TimeSeriesSplit"),
        ("sklearn.neural_network._stochastic_optimizers", "AdamOptimizer"),
        ("sklearn.neural_network._stochastic_optimizers", "SGDOptimizer"),
        ("sklearn.utils._bunch", "Bunch"),
        ("sklearn._loss.link", "HalfLogitLink"),
        ("sklearn._loss.link", "IdentityLink"),
        ("sklearn._loss.link", "Interval"),
        ("sklearn._loss.link", "LogLink"),
        ("sklearn._loss.link", "LogitLink"),
        ("sklearn._loss.link", "MultinomialLogit"),
        ("sklearn._loss.loss", "AbsoluteError"),
        ("sklearn._loss.loss", "ExponentialLoss"),
        ("sklearn._loss.loss", "HalfBinomialLoss"),
        ("sklearn._loss.loss", "HalfGammaLoss"),
        ("sklearn._loss.loss", "HalfMultinomialLoss"),
        ("sklearn._loss.loss", "HalfPoissonLoss"),
        ("sklearn._loss.loss", "HalfSquaredError"),
        ("sklearn._loss.loss", "HalfTweedieLoss"),
        ("sklearn._loss.loss", "HalfTweedieLossIdentity"),
        ("sklearn._loss.loss", "HuberLoss"),
        ("sklearn._loss.loss", "PinballLoss"),
        ("xgboost.core", "Booster"),
        ("lightgbm.basic", "Booster"),
        ("scipy.sparse._csr", "csr_matrix"),
        ("scipy.sparse._csr", "csr_array"),
        ("scipy.sparse._csc", "csc_matrix"),
        ("scipy.sparse._csc", "csc_array"),
    }
)
ESTIMATORS = frozenset(
    {
        ("xgboost.sklearn", "XGBClassifier"),
        ("xgboost.sklearn", "XGBRegressor"),
        ("xgboost.sklearn", "XGBRFClassifier"),
        ("xgboost.sklearn", "XGBRFRegressor"),
        ("lightgbm.sklearn", "LGBMClassifier"),
        ("lightgbm.sklearn", "LGBMRegressor"),
        ("catboost.core", "CatBoostClassifier"),
        ("catboost.core", "CatBoostRegressor"),
        ("catboost.core", "CatBoost"),
    }
)
# functions that a parameter of an estimator may be; none is called while a pickle is read
FUNCTIONS = frozenset(
    {
        *(
            ("sklearn.feature_selection._univariate_selection", name)
            for name in ("chi2", "f_classif", "f_regression")
        ),
        ("sklearn.feature_selection._mutual_info", "mutual_info_classif"),
        ("sklearn.feature_selection._mutual_info", "mutual_info_regression"),
        ("sklearn.utils.validation", "check_array"),
    }
)
_TREE = ("sklearn.tree._tree", "Tree")
_LOSSES = "sklearn._loss._loss"
_UNPICKLE = "__pyx_unpickle_Cy"
_KNOWN = HELPERS | ESTIMATORS | FUNCTIONS


def admitted(module: str, name: str) -> Any:
    """A class or function that a pickle names.

    Raises
    ------
    Refused
        If it is on no list, or not where the pickle says.
    """
    if (module, name) in _KNOWN:
        return _found(module, name)
    if (module, name) == _TREE:
        return _tree(module, name)
    if module == _LOSSES and name.startswith(("Cy", _UNPICKLE)):
        return _loss(name)
    parts = module.split(".")
    if parts[0] == "sklearn" and len(parts) > 1 and parts[1] in _PACKAGES and not {*parts} & {*_TESTS}:
        return _estimator(module, name)
    if module in ("numpy", "scipy.special") and name.isidentifier():
        return _function(module, name)
    raise not_admitted(module, name)


def not_admitted(module: str, name: str) -> Refused:
    """The refusal of a name."""
    return Refused(
        f'it asks for "{_plain(module)}.{_plain(name)}", which is no estimator or array that is known'
    )


def _found(module: str, name: str) -> Any:
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError):
        raise missing(module, name) from None


def missing(module: str, name: str) -> Refused:
    """The refusal of what the installed version does not have."""
    library = module.split(".", maxsplit=1)[0]
    try:
        version = import_module(library).__version__
    except (ImportError, AttributeError):
        return Refused(f'it asks for "{module}.{name}", and {library} is not installed here')
    return Refused(
        f'it asks for "{_plain(module)}.{_plain(name)}", which {library} {version}, installed here, does not have; '
        "it was made with another version"
    )


def _tree(module: str, name: str) -> Any:
    kind = _found(module, name)
    stand_ins.admit_trees(kind)
    return kind


def _loss(name: str) -> Any:
    """A compiled loss, or what Cython calls to make an empty one."""
    losses = import_module(_LOSSES)
    plain = name.removeprefix("__pyx_unpickle_")
    kind = losses.__dict__.get(plain)
    # this one does not derive from the others
    derives = isinstance(kind, type) and (
        issubclass(kind, losses.CyLossFunction) or plain == "CyHalfMultinomialLoss"
    )
    if not isinstance(kind, type) or not derives:
        raise not_admitted(_LOSSES, name)
    stand_ins.admit_loss(kind)
    return kind if kind.__name__ == name else stand_ins.emptily(kind)


def _estimator(module: str, name: str) -> Any:
    """A public estimator that is defined in that very module."""
    if not all(part.isidentifier() for part in (*module.split("."), name)) or name.startswith("_"):
        raise not_admitted(module, name)
    try:
        kind = import_module(module).__dict__[name]
    except (ImportError, KeyError):
        raise missing(module, name) from None
    from sklearn.base import BaseEstimator

    if not isinstance(kind, type) or not issubclass(kind, BaseEstimator):
        raise not_admitted(module, name)
    if kind.__module__ != module or kind.__name__ != name:
        raise not_admitted(module, name)
    return kind


def _function(module: str, name: str) -> Any:
    """A function over arrays, element by element, or the type of a number."""
    import numpy as np

    found = import_module(module).__dict__.get(name)
    if isinstance(found, np.ufunc):
        return found
    if isinstance(found, type) and issubclass(found, np.generic):
        return found
    raise not_admitted(module, name)


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)[:100]
