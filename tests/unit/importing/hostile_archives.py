"""Archives that want to be more than a folder with a model, and files that are none."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import tarfile
import zipfile

from sklearn.linear_model import LogisticRegression

from tests.unit.importing.hostile import Calls, hostile, model
from tests.unit.importing.uploads import dumped, tarred

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
