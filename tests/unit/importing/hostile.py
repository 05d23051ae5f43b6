"""Files that want something else than to be a model. Each is told where the canary is that it should touch."""

from __future__ import annotations

import builtins
import functools
import operator
import os
import pickle
import subprocess
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tests.unit.importing.uploads import dumped, tarred

ROWS = np.random.default_rng(0).normal(size=(40, 2))
CLASSES = (ROWS[:, 0] > 0).astype(int)
Make = Callable[[str], bytes]
CORPUS: dict[str, tuple[Make, str]] = {}


def hostile(reason: str) -> Callable[[Make], Make]:
    """A member of the corpus, with what its refusal has to say."""

    def add(make: Make) -> Make:
        CORPUS[make.__name__] = (make, reason)
        return make

    return add


class Calls:
    """Pickled as a call."""

    def __init__(self, function: Any, *given: Any, state: Any = None) -> None:
        self.told = (function, given) if state is None else (function, given, state)

    def __reduce__(self) -> Any:
        return self.told


def model() -> Any:
    return LinearRegression().fit(ROWS, ROWS[:, 0])


def hidden_in(value: Any) -> Any:
    """A fitted model with something within it."""
    found = model()
    found.coef_notes = {"deep": [value]}
    return found


def code(canary: str) -> str:
    return f"open({canary!r}, 'w').close()"


# code that runs


@hostile("posix.system")
def os_system(canary: str) -> bytes:
    return pickle.dumps(Calls(os.system, f"touch {canary}"))


@hostile("subprocess.Popen")
def subprocess_popen(canary: str) -> bytes:
    return pickle.dumps(Calls(subprocess.Popen, ["touch", canary]))


@hostile("builtins.eval")
def builtins_eval(canary: str) -> bytes:
    return pickle.dumps(Calls(eval, code(canary)))


@hostile("__builtin__.exec")
def builtins_exec(canary: str) -> bytes:
    return pickle.dumps(Calls(exec, code(canary)), protocol=2)


@hostile("builtins.getattr")
def builtins_getattr(canary: str) -> bytes:
    return pickle.dumps(Calls(getattr, Calls(__import__, "os"), "system"))


@hostile("io.open")
def builtins_open(canary: str) -> bytes:
    return pickle.dumps(Calls(open, canary, "w"))


@hostile("builtins.(map|exec)")
def lazily_mapped(canary: str) -> bytes:
    return pickle.dumps(Calls(list, Calls(map, exec, [code(canary)])))


@hostile("posix.system")
def partial_function(canary: str) -> bytes:
    return pickle.dumps(functools.partial(os.system, f"touch {canary}"))


@hostile("builtins.exec")
def partial_by_state(canary: str) -> bytes:
    """A partial of what is admitted, whose state says something else."""
    from sklearn.utils.validation import check_array

    made = Calls(functools.partial, check_array, state=(exec, (code(canary),), {}, {}))
    return pickle.dumps(made)


@hostile("operator.methodcaller")
def method_caller(canary: str) -> bytes:
    return pickle.dumps(Calls(operator.methodcaller("__init__"), []))


@hostile("posix.system")
def nested_in_a_model(canary: str) -> bytes:
    return dumped(hidden_in(Calls(os.system, f"touch {canary}")))


@hostile("posix.system")
def in_the_clients_own_archive(canary: str) -> bytes:
    return tarred(("./scikit_model.pkl", dumped(hidden_in(Calls(os.system, f"touch {canary}")))))


@hostile("posix.system")
def compressed_by_joblib(canary: str) -> bytes:
    return zlib.compress(dumped(hidden_in(Calls(os.system, f"touch {canary}"))))


@hostile("posix.system")
def behind_a_good_model(canary: str) -> bytes:
    """A pickle whose first value is thrown away."""
    bad = pickle.dumps(Calls(os.system, f"touch {canary}"), 2)[2:-1]
    return b"\x80\x02" + bad + b"0" + pickle.dumps(model(), 2)[2:]


@hostile("copyreg|posix.system")
def copyreg_constructor(canary: str) -> bytes:
    return b"ccopyreg\n_reconstructor\n(cposix\nsystem\ncbuiltins\nobject\nNtR."


@hostile("INST")
def protocol_zero_instance(canary: str) -> bytes:
    return f"(S'touch {canary}'\niposix\nsystem\n.".encode()


@hostile("OBJ")
def protocol_one_object(canary: str) -> bytes:
    # what is called may be admitted, and the way is not
    return b"(csklearn.linear_model._base\nLinearRegression\no."


@hostile("EXT1")
def extension_registry(canary: str) -> bytes:
    return b"\x80\x02\x82\x01."


@hostile("PERSID")
def persistent_name(canary: str) -> bytes:
    return b"\x80\x02Pname\n."


@hostile("sklearn.utils._joblib|no estimator")
def dotted_name(canary: str) -> bytes:
    """A name that walks through attributes, as protocol 4 allows."""
    module, name = b"sklearn.linear_model._base", b"LinearRegression.fit.__globals__"
    parts = b"".join(b"\x8c" + bytes([len(part)]) + part for part in (module, name))
    return b"\x80\x04" + parts + b"\x93."


@hostile("no estimator")
def reexported_name(canary: str) -> bytes:
    """What a module of estimators has imported itself."""
    return b"\x80\x02csklearn.linear_model._base\nnp\n."


@hostile("no estimator")
def estimators_own_function(canary: str) -> bytes:
    return b"\x80\x02csklearn.datasets._base\nload_files\n."


@hostile("no estimator")
def test_module(canary: str) -> bytes:
    return b"\x80\x02csklearn.linear_model.tests.test_base\nnp\n."


@hostile("is not called|no estimator")
def estimator_called(canary: str) -> bytes:
    return pickle.dumps(Calls(LinearRegression))


@hostile("no estimator")
def function_transformer(canary: str) -> bytes:
    return dumped(make_pipeline(FunctionTransformer(os.system), model()))


@hostile("no estimator")
def function_from_main(canary: str) -> bytes:
    return b"\x80\x02c__main__\ndo_it\n."


@hostile("no estimator")
def vectorizer_with_a_tokenizer(canary: str) -> bytes:
    return dumped(CountVectorizer(tokenizer=builtins.eval).fit(["[1]"]))


@hostile("attribute '__class__'")
def another_class_by_state(canary: str) -> bytes:
    return _with_state({"__class__": LogisticRegression})


@hostile("attribute '__setstate__'")
def own_setstate(canary: str) -> bytes:
    return _with_state({"__setstate__": np.log1p})


@hostile("state")
def state_by_slots(canary: str) -> bytes:
    return _with_state((None, {"coef_": 1}))


def _with_state(state: Any) -> bytes:
    head = b"\x80\x02csklearn.linear_model._base\nLinearRegression\n)\x81"
    return head + pickle.dumps(state, 2)[2:-1] + b"b."


@hostile("gives a state to")
def state_of_a_type(canary: str) -> bytes:
    return b"\x80\x02cnumpy\nndarray\n}b."


@hostile("what is no list")
def appended_to_an_estimator(canary: str) -> bytes:
    return b"\x80\x02csklearn.linear_model._base\nLinearRegression\n)\x81K\x01a."


@hostile("default is code")
def default_of_a_dictionary(canary: str) -> bytes:
    import collections

    return pickle.dumps(collections.defaultdict(model().__class__))
