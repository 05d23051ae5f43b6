"""Hyperparameters: one clear error for each that doesn't exist or doesn't fit, and no fit without it."""

from typing import Any

import numpy as np
import pytest

from tests.unit.training.jobs import described, floats, trained
from turnout.errors import InvalidHyperparameter
from turnout.training import algorithms
from turnout.training.job import Job
from turnout.training.libraries import estimator_class

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(200, 3))
TWO = (ROWS[:, 0] > 0).astype(int)
THREE = TWO + (ROWS[:, 1] > 0)


def check(algorithm: str, hyperparams: Any, task: str = "classification") -> dict[str, Any]:
    job = Job(described(floats(3), algorithm=algorithm, hyperparams=hyperparams, task=task))
    return job.plan.params


@pytest.mark.parametrize(
    ("algorithm", "hyperparams", "message"),
    [
        ("linear", {"Cc": 1}, 'hyperparameter "Cc" of linear: does not exist; did you mean C'),
        ("linear", {"C": -1}, 'hyperparameter "C" of linear: is -1, and must be'),
        ("linear", {"C": "big"}, "is 'big', and must be"),
        ("linear", {"max_iter": 1.5}, 'hyperparameter "max_iter" of linear'),
        ("svm", {"kernel": "cubic"}, 'hyperparameter "kernel" of svm'),
        ("svm", {"n_estimators": 5}, "does not exist; there are: C, "),
        ("random_forest", {"n_estimators": "many"}, "is 'many', and must be an int in the range [1, inf)"),
        ("random_forest", {"n_estimators": 0}, "is 0, and must be an int"),
        ("xgboost", {"n_estimatorz": 5}, "did you mean n_estimators"),
        ("xgboost", {"n_estimators": "many"}, "is 'many', expected an integer above 0"),
        ("xgboost", {"n_estimators": True}, "expected an integer above 0"),
        ("xgboost", {"eta": 0.1, "learning_rate": 0.2}, "is another name of learning_rate"),
        ("xgboost", {"early_stopping_rounds": 5}, "needs rows to stop by"),
        ("xgboost", {"objective": "reg:squarederror"}, "expected for classification"),
        ("xgboost", {"objective": 3}, "expected for classification"),
        ("xgboost", {"process_type": "update"}, "without an earlier model"),
        ("lightgbm", {"num_leafs": 5}, "did you mean num_leaf or num_leaves"),
        ("lightgbm", {"n_estimators": 0}, "expected an integer above 0"),
        ("lightgbm", {"input_model": "/etc/passwd"}, "reads or writes files"),
        ("lightgbm", {"model_input": "/etc/passwd"}, "reads or writes files"),
        ("lightgbm", {"objective": "regression"}, "not made for classification"),
        ("lightgbm", {"eta": 0.1, "shrinkage_rate": 0.2}, "is another name of eta"),
        ("xgboost", {"eta": "fast"}, "is 'fast', expected a number"),
        ("lightgbm", {"application": "regression"}, "not made for classification"),
        ("catboost", {"dept": 5}, "did you mean depth"),
        ("catboost", {"iterations": 0}, "expected an integer above 0"),
        ("catboost", {"n_estimators": 5, "num_trees": 6}, "is another name of n_estimators"),
        ("catboost", {"train_dir": "/tmp"}, "reads or writes files"),
        ("catboost", {"task_type": "GPU"}, "fits run on processors"),
        ("catboost", {"cat_features": [0]}, "text columns are encoded before the fit"),
        ("catboost", {"early_stopping_rounds": 5}, "needs rows to stop by"),
        ("catboost", {"objective": "RMSE"}, "expected for classification: Logloss"),
        ("knn", {"n_neighbors": 0}, 'hyperparameter "n_neighbors" of knn: is 0, and must be'),
        ("ada_boost", {"estimator": "tree"}, 'hyperparameter "estimator" of ada_boost'),
        ("gaussian_process", {"kernel": "rbf"}, 'hyperparameter "kernel" of gaussian_process'),
        ("passive_aggressive", {"C": -1}, 'hyperparameter "C" of passive_aggressive'),
        ("random_forest", {"n_estimators": 10**99}, "is 1e+99, expected an integer of at most 1000000"),
        ("random_forest", {"n_jobs": -(10**10)}, "is -10000000000, expected an integer of at most 1024"),
        ("svm", {"C": 10**400}, "is beyond all range, expected an integer of at most 17976931"),
        ("xgboost", {"n_estimators": 2**31}, "is 2147483648, expected an integer of at most 2147483647"),
        ("xgboost", {"nthread": 5000}, "is 5000, expected an integer of at most 1024"),
        ("lightgbm", {"reg_alpha": 10**400}, "is beyond all range"),
        ("catboost", {"iterations": 10**99}, "is 1e+99, expected an integer of at most 2147483647"),
    ],
)
def test_refused_before_any_row(algorithm: str, hyperparams: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidHyperparameter) as caught:
        check(algorithm, hyperparams)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("algorithm", "hyperparams", "name"),
    [
        ("xgboost", {"max_depth": -3}, "max_depth"),
        ("xgboost", {"eta": -1}, "learning_rate"),
        ("xgboost", {"subsample": 7}, "subsample"),
        ("xgboost", {"booster": "gbforest"}, "booster"),
        ("lightgbm", {"num_leaves": 1}, "num_leaves"),
        ("lightgbm", {"num_leaves": "many"}, "num_leaves"),
        ("lightgbm", {"max_leaves": "many"}, "num_leaves"),
        ("lightgbm", {"subsample": 7}, "subsample"),
        ("lightgbm", {"boosting_type": "gbforest"}, "boosting_type"),
        ("catboost", {"max_depth": 40}, "depth"),
        ("catboost", {"depth": "deep"}, "depth"),
        ("catboost", {"reg_lambda": -1}, "l2_leaf_reg"),
        ("catboost", {"subsample": 7}, "subsample"),
        ("catboost", {"grow_policy": "Sideways"}, "grow_policy"),
        ("knn", {"n_neighbors": 1000}, "n_neighbors"),
        # an integer of 32 bits would be cut off in silence
        ("lightgbm", {"max_depth": 10**10}, "max_depth"),
        ("xgboost", {"max_bin": 10**99}, "max_bin"),
        ("catboost", {"leaf_estimation_iterations": 10**99}, "leaf_estimation_iterations"),
    ],
)
def test_refused_by_the_library(algorithm: str, hyperparams: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidHyperparameter) as caught:
        trained(ROWS, TWO, algorithm=algorithm, hyperparams=hyperparams)
    assert f'hyperparameter "{name}" of {algorithm}' in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", algorithms.names())
def test_no_algorithm_counts_to_a_number_of_a_hundred_digits(name: str) -> None:
    entry = algorithms.get(name)
    if entry.library != "sklearn":
        return
    for task, path in entry.estimators.items():
        constraints = estimator_class(path)._parameter_constraints
        for given in constraints.keys() & {
            "n_estimators",
            "max_iter",
            "max_depth",
            "n_jobs",
            "n_clusters",
            "n_init",
        }:
            if given not in entry.ignores:
                with pytest.raises(InvalidHyperparameter, match=f'hyperparameter "{given}"'):
                    check(name, {given: 10**99}, task)


@pytest.mark.parametrize(
    ("algorithm", "given", "used"),
    [
        ("linear", {}, {"random_state": 0, "max_iter": 1000}),
        ("linear", {"max_iter": 5, "random_state": 7}, {"random_state": 7, "max_iter": 5}),
        # a real number may be as large as that, and comes out of jsonb as an integer
        ("linear", {"C": 10**99}, {"random_state": 0, "max_iter": 1000, "C": 10**99}),
        ("xgboost", {"reg_alpha": 10**10}, {"random_state": 0, "reg_alpha": 1e10}),
        ("catboost", {"random_seed": 10**10}, {"random_seed": 10**10}),
        ("svm", {"probability": True, "C": 2}, {"random_state": 0, "C": 2}),
        ("xgboost", {"eta": 0.5, "lambda": 2}, {"random_state": 0, "learning_rate": 0.5, "reg_lambda": 2}),
        ("xgboost", {"seed": 5}, {"random_state": 5}),
        ("lightgbm", {"seed": 5, "max_leaves": 9}, {"random_state": 5, "num_leaves": 9}),
        ("catboost", {"n_estimators": 5, "verbose": True}, {"random_seed": 0, "iterations": 5}),
    ],
)
def test_what_was_used_is_recorded(algorithm: str, given: dict[str, Any], used: dict[str, Any]) -> None:
    params = check(algorithm, given)
    params.pop("verbosity", None)
    assert params == used


@pytest.mark.parametrize(
    "objective", ["multi:softmax", "multi:softprob", "binary:logistic", "binary:logitraw"]
)
@pytest.mark.parametrize("target", [TWO, THREE])
def test_every_objective_of_xgboost_has_probabilities(objective: str, target: Any) -> None:
    found = trained(
        ROWS, target, algorithm="xgboost", hyperparams={"objective": objective, "n_estimators": 20}
    )
    assert found.result["metrics"]["f1"] > 0.8
    assert found.result["metrics"]["roc_auc"] > 0.9
