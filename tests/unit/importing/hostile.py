"""Files that want something else than to be a model. Each is told where the canary is that it should touch."""

from __future__ import annotations

import builtins
import functools
import gzip
import io
import json
import operator
import os
import pickle
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import skops.io
import xgboost
from joblib.numpy_pickle import NumpyArrayWrapper
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor

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


# arrays


def _numpys(module: str, name: str) -> Any:
    """What numpy's pickles name, which is not for others."""
    return getattr(import_module(f"numpy._core.{module}"), name)


@hostile("posix.system")
def array_of_objects(canary: str) -> bytes:
    return dumped(np.array([Calls(os.system, f"touch {canary}"), 1], object))


@hostile("posix.system")
def joblibs_array_of_objects(canary: str) -> bytes:
    """A second pickle, where joblib expects an array of objects."""
    wrapper = NumpyArrayWrapper(np.ndarray, (1,), "C", np.dtype(object))
    return pickle.dumps(wrapper, 3)[:-1] + pickle.dumps(Calls(os.system, f"touch {canary}")) + b"."


@hostile("more numbers than there are bytes")
def joblibs_huge_array(canary: str) -> bytes:
    wrapper = NumpyArrayWrapper(np.ndarray, (1 << 40,), "C", np.dtype(float))
    return pickle.dumps(wrapper, 3)[:-1] + b"\0" * 64 + b"."


@hostile("of a kind that is not known")
def joblibs_subclass(canary: str) -> bytes:
    wrapper = NumpyArrayWrapper(LinearRegression, (1,), "C", np.dtype(float))
    return pickle.dumps(wrapper, 3)[:-1] + b"\0" * 64 + b"."


@hostile("size is not that of its numbers")
def array_beyond_its_bytes(canary: str) -> bytes:
    made = Calls(_numpys("multiarray", "_reconstruct"), np.ndarray, (0,), b"b")
    made.told = (*made.told, (1, (1 << 30,), np.dtype(float), False, b"short"))
    return pickle.dumps(made)


@hostile("broken type|table")
def table_beyond_its_size(canary: str) -> bytes:
    """A type with a field behind its own end, which numpy's own unpickling would believe."""
    fields = {"a": (np.dtype("f8"), 4096)}
    made = Calls(np.dtype, "V8", False, True)
    made.told = (*made.told, (3, "|", None, ("a",), fields, 8, 1, 16))
    return pickle.dumps(made)


@hostile("objects where there should be numbers|not known")
def pointers_from_bytes(canary: str) -> bytes:
    """An array of objects from bytes, which would be taken for addresses."""
    return pickle.dumps(Calls(_numpys("numeric", "_frombuffer"), b"A" * 8, np.dtype(object), (1,), "C"))


@hostile("a number of a type")
def pointer_scalar(canary: str) -> bytes:
    return pickle.dumps(Calls(_numpys("multiarray", "scalar"), np.dtype(object), b"A" * 8))


# models that lead out of bounds


@hostile("nodes lead nowhere")
def tree_out_of_bounds(canary: str) -> bytes:
    found = DecisionTreeRegressor(max_depth=2).fit(ROWS, ROWS[:, 0])
    state = found.tree_.__getstate__()
    state["nodes"] = state["nodes"].copy()
    state["nodes"]["left_child"][0] = 1 << 40
    found.tree_.__setstate__(state)
    return dumped(found)


@hostile("support vectors")
def vectors_out_of_bounds(canary: str) -> bytes:
    found = SVC().fit(ROWS, CLASSES)
    found._n_support = np.array([1 << 20, 1 << 20], np.int32)
    return dumped(found)


@hostile("places that there are not")
def words_out_of_bounds(canary: str) -> bytes:
    found = CountVectorizer().fit(["a house", "a car"])
    found.vocabulary_ = {"car": 0, "house": 1 << 40}
    return dumped(make_pipeline(found, LogisticRegression().fit(ROWS, CLASSES)))


@hostile("repeats a repetition")
def pattern_for_ever(canary: str) -> bytes:
    found = CountVectorizer().fit(["a house", "a car"])
    found.token_pattern = "(a+)+$"
    return dumped(make_pipeline(found, LogisticRegression().fit(ROWS, CLASSES)))


@hostile("neighbours without answers")
def neighbours_without_answers(canary: str) -> bytes:
    found = KNeighborsClassifier().fit(ROWS, CLASSES)
    found._y = found._y[:3]
    return dumped(found)


# archives


def _member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


@hostile("climbs out")
def tar_climbing(canary: str) -> bytes:
    return tarred(("../../../" + canary, b"x"), ("model.pkl", dumped(model())))


@hostile("absolute name")
def tar_absolute(canary: str) -> bytes:
    return tarred((canary, b"x"))


@hostile("symbolic link")
def tar_symbolic_link(canary: str) -> bytes:
    return tarred((_member("a", tarfile.SYMTYPE, "/etc/passwd"), b""))


@hostile("hard link")
def tar_hard_link(canary: str) -> bytes:
    return tarred((_member("a", tarfile.LNKTYPE, "/etc/passwd"), b""))


@hostile("a device")
def tar_device(canary: str) -> bytes:
    return tarred((_member("a", tarfile.CHRTYPE), b""))


@hostile("a pipe")
def tar_pipe(canary: str) -> bytes:
    return tarred((_member("a", tarfile.FIFOTYPE), b""))


@hostile("over 100 members")
def tar_of_many(canary: str) -> bytes:
    return tarred(*((f"f{i}", b"") for i in range(2000)))


@hostile("twice")
def tar_twice(canary: str) -> bytes:
    return tarred(("m.pkl", dumped(model())), ("m.pkl", dumped(model())))


@hostile("several models")
def tar_of_two_models(canary: str) -> bytes:
    return tarred(("a.pkl", dumped(model())), ("b.pkl", dumped(model())))


@hostile("archive within the archive")
def tar_in_tar(canary: str) -> bytes:
    return tarred(("a.tar.gz", tarred(("m.pkl", dumped(model())))))


@hostile("nothing that is known")
def tar_of_nothing(canary: str) -> bytes:
    return tarred()


@hostile("unpacks to over")
def gzip_bomb(canary: str) -> bytes:
    return gzip.compress(b"\0" * (80 << 20), 9)


@hostile("truncated|unpacks to over")
def tar_that_says_more(canary: str) -> bytes:
    info = tarfile.TarInfo("model.pkl")
    info.size = 1 << 40
    return gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + b"x" * 512)


@hostile("truncated")
def tar_cut_off(canary: str) -> bytes:
    return tarred(("m.pkl", os.urandom(5000)))[:2000]


@hostile("truncated")
def pickle_cut_off(canary: str) -> bytes:
    return dumped(model())[:-40]


@hostile("follows the end")
def gzip_and_more(canary: str) -> bytes:
    return gzip.compress(dumped(model())) + b"#!/bin/sh"


@hostile("empty")
def nothing(canary: str) -> bytes:
    return b""


# what is no model


@hostile("nothing that is known")
def noise(canary: str) -> bytes:
    return bytes(range(200, 256)) * 10


@hostile("is no model")
def plain_numbers(canary: str) -> bytes:
    return pickle.dumps({"a": [1, 2, 3]})


@hostile("never fitted")
def unfitted(canary: str) -> bytes:
    return dumped(LogisticRegression())


@hostile("does not have|no estimator")
def of_another_version(canary: str) -> bytes:
    return b"\x80\x02csklearn.linear_model._base\nLinearRegressionOf2030\n)\x81}b."


@hostile("deeper|RecursionError|broken|no model")
def nested_deeply(canary: str) -> bytes:
    return b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b"."


@hostile("a script")
def shell_script(canary: str) -> bytes:
    return f"#!/bin/sh\ntouch {canary}\n".encode()


@hostile("PyTorch")
def pytorch(canary: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as held:
        held.writestr("model/data.pkl", pickle.dumps(Calls(os.system, f"touch {canary}")))
    return file.getvalue()


# files in safe formats


def _skops(change: Callable[[dict[str, Any]], None]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(model()))) as given, zipfile.ZipFile(file, "w") as held:
        for name in given.namelist():
            data = given.read(name)
            if name == "schema.json":
                schema = json.loads(data)
                change(schema)
                data = json.dumps(schema).encode()
            held.writestr(name, data)
    return file.getvalue()


@hostile("not trusted|refuses")
def skops_of_a_function(canary: str) -> bytes:
    def change(schema: dict[str, Any]) -> None:
        schema["content"]["content"]["fit_intercept"] = {
            "__class__": "system", "__module__": "os", "__loader__": "FunctionNode", "__id__": 1,
        }  # fmt: skip

    return _skops(change)


@hostile("not trusted|refuses")
def skops_of_a_method(canary: str) -> bytes:
    def change(schema: dict[str, Any]) -> None:
        schema["__class__"], schema["__module__"], schema["__loader__"] = (
            "Popen",
            "subprocess",
            "ConstructorFromReduceNode",
        )

    return _skops(change)


@hostile("in the place of LinearRegression.predict")
def method_replaced(canary: str) -> bytes:
    found = model()
    found.predict = np.log1p
    return dumped(found)


@hostile("not trusted|refuses|which is code|in the place of")
def skops_of_a_bound_method(canary: str) -> bytes:
    """A booster's way to write a file, where a model's answer is asked for."""
    found, booster = model(), _booster()
    found.predict = booster.save_model
    return bytes(skops.io.dumps(found))


@hostile("broken or truncated")
def skops_cut_off(canary: str) -> bytes:
    return bytes(skops.io.dumps(model())[:300])


@hostile("too many for its size")
def skops_bomb(canary: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as held:
        held.writestr("schema.json", b" " * (100 << 20))
    return file.getvalue()


def _booster() -> Any:
    return xgboost.train({"nthread": 1}, xgboost.DMatrix(ROWS, ROWS[:, 0]), 2)


@hostile("XGBoost|crashes|takes|memory|shape")
def xgboost_of_a_billion_nodes(canary: str) -> bytes:
    document = json.loads(bytes(_booster().save_raw("json")))
    tree = document["learner"]["gradient_booster"]["model"]["trees"][0]
    tree["tree_param"]["num_nodes"] = str(1 << 30)
    return json.dumps(document).encode()


@hostile("XGBoost|crashes|takes|memory|form|answer")
def xgboost_out_of_bounds(canary: str) -> bytes:
    document = json.loads(bytes(_booster().save_raw("json")))
    tree = document["learner"]["gradient_booster"]["model"]["trees"][0]
    tree["left_children"][0] = 1 << 28
    return json.dumps(document).encode()


@hostile("no learner")
def json_of_something(canary: str) -> bytes:
    return b'{"learning": {}}'


@hostile("truncated")
def json_cut_off(canary: str) -> bytes:
    return bytes(_booster().save_raw("json"))[:500]


@hostile("XGBoost|crashes|memory")
def ubjson_cut_off(canary: str) -> bytes:
    return bytes(_booster().save_raw("ubj"))[:500]


@hostile("XGBoost|crashes|memory")
def ubjson_of_a_huge_array(canary: str) -> bytes:
    return b"{L" + struct.pack(">q", 7) + b"learner[$d#L" + struct.pack(">q", 1 << 40)


@hostile("truncated")
def lightgbm_cut_off(canary: str) -> bytes:
    return b"tree\nversion=v4\nnum_class=1\n"


@hostile("CatBoost|crashes")
def catboost_of_noise(canary: str) -> bytes:
    return b"CBM1" + os.urandom(500)
