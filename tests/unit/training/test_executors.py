"""The process that trains: it answers, it can be cancelled, it can crash, and it never outlives its parent."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.training.jobs import chunk, described, floats, trained
from turnout.errors import FitCrashed, FitFailed, FitProcessMissing, InvalidHyperparameter, UnusableData
from turnout.runtime.model import Model
from turnout.training.executors import LocalExecutor
from turnout.training.interpreters import environment

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(200, 3)).astype(np.float32)
TARGET = (ROWS[:, 0] > 0).astype(int).tolist()
# minutes of work
ENDLESS = {"algorithm": "random_forest", "hyperparams": {"n_estimators": 1_000_000, "n_jobs": 1}}


class Cancelled(BaseException):
    """As a backend's cancellation: not an Exception."""


class Interrupts:
    """Counts its calls, and raises or acts at one of them."""

    def __init__(self) -> None:
        self.calls = 0
        self.after: int | None = None
        self.act: Callable[[], None] = self.cancel

    def __call__(self) -> None:
        self.calls += 1
        if self.after is not None and self.calls > self.after:
            self.act()

    def cancel(self) -> None:
        raise Cancelled


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[LocalExecutor, Interrupts]]:
    """One child for all that leaves it alive, since each new one imports its libraries again."""
    interrupts = Interrupts()
    executor = LocalExecutor(sys.executable, interrupts)
    yield executor, interrupts
    executor.close()


@pytest.fixture
def interrupts(shared: tuple[LocalExecutor, Interrupts]) -> Interrupts:
    shared[1].__init__()  # type: ignore[misc]
    return shared[1]


@pytest.fixture
def executor(shared: tuple[LocalExecutor, Interrupts], interrupts: Interrupts) -> LocalExecutor:
    return shared[0]


def begin(executor: LocalExecutor, **given: Any) -> None:
    executor.begin(described(floats(3), **given))


def send(executor: LocalExecutor, rows: Any = ROWS, target: Any = TARGET) -> None:
    fields = [*floats(3), {"kind": "int8"}]
    executor.rows(*chunk(fields, [*rows.T, target]))


def send_for_ever(executor: LocalExecutor) -> None:
    for _ in range(100_000):
        send(executor)


def begin_and_send_for_ever(executor: LocalExecutor, **given: Any) -> None:
    begin(executor, **given)
    send_for_ever(executor)


def gone(pid: int | None) -> bool:
    return not Path(f"/proc/{pid}").exists()


def wait_until_gone(pid: int) -> None:
    while not gone(pid):
        time.sleep(0.01)


@pytest.mark.parametrize("algorithm", ["linear", "svm", "random_forest", "xgboost", "lightgbm"])
def test_a_fit_says_nothing_on_standard_error(executor: LocalExecutor, algorithm: str) -> None:
    begin(executor, algorithm=algorithm)
    send(executor)
    executor.finish()
    assert executor.said() == ""


def test_answers_as_a_fit_in_this_process_and_stays_warm(executor: LocalExecutor) -> None:
    executor.start()
    pid = executor.pid
    for _ in range(2):
        begin(executor)
        send(executor)
        fitted = executor.finish()
        assert executor.pid == pid
        assert fitted.artifact == trained(ROWS, TARGET, chunks=1).artifact
        assert fitted.result["metrics"]["f1"] > 0.9
        assert fitted.result["event"] == "fitted"
    judged = executor.judge(metric="f1", split=fitted.result["split"], champion=fitted.artifact)
    assert judged["challenger"] == judged["champion"] == fitted.result["metrics"]["f1"]
    broken = executor.judge(metric="f1", split=fitted.result["split"], champion=b"no model")
    assert "artifact can't be used" in broken["reason"]
    executor.forget()


def test_an_early_error_comes_up_and_the_child_stays(executor: LocalExecutor) -> None:
    with pytest.raises(InvalidHyperparameter, match="is -1"):
        begin_and_send_for_ever(executor, hyperparams={"C": -1})
    with pytest.raises(InvalidHyperparameter):
        executor.finish()
    pid = executor.pid
    begin(executor)
    send(executor)
    assert Model.load(executor.finish().artifact).predict_array([3, 0, 0]) == 1
    assert executor.pid == pid


def test_an_abandoned_job_leaves_nothing_behind(executor: LocalExecutor) -> None:
    # the error may or may not be there before the next fit begins
    with suppress(InvalidHyperparameter):
        begin(executor, hyperparams={"nonsense": 1})
    begin(executor)
    send(executor)
    assert executor.finish().result["rows"] == {"train": 150, "test": 50}


def test_errors_of_the_fit_keep_their_details(executor: LocalExecutor) -> None:
    begin(executor)
    send(executor, target=[1] * 200)
    with pytest.raises(UnusableData) as caught:
        executor.finish()
    assert caught.value.details == {
        "relation": "public.t",
        "reason": 'its target column "target" has one class only, "1"',
    }


def test_whatever_else_goes_wrong_is_a_failed_fit(executor: LocalExecutor) -> None:
    begin(executor)
    # a fit's own error may come up at any of the next calls
    with pytest.raises(FitFailed, match=r'training linear on "public.t" failed: ValueError: column "c0"'):
        _rows_and_end(executor, {"count": 5, "lengths": [1, 1, 1, 1]}, b"1234")


def _rows_and_end(executor: LocalExecutor, header: dict[str, Any], payload: bytes) -> None:
    executor.rows(header, payload)
    executor.finish()


@pytest.mark.parametrize(
    ("algorithm", "hyperparams"),
    [("xgboost", {"verbosity": 3}), ("lightgbm", {"verbosity": 2}), ("svm", {"verbose": True})],
)
def test_what_a_library_prints_is_no_frame(executor: LocalExecutor, algorithm: str, hyperparams: Any) -> None:
    begin(executor, algorithm=algorithm, hyperparams=hyperparams)
    send(executor)
    assert executor.finish().result["metrics"]["f1"] > 0.8


def test_closed(executor: LocalExecutor) -> None:
    begin(executor)
    pid = executor.pid
    executor.close()
    assert gone(pid)
    assert executor.pid is None


def test_cancelled_while_waiting(executor: LocalExecutor, interrupts: Interrupts) -> None:
    begin(executor, **ENDLESS)
    send(executor)
    pid = executor.pid
    interrupts.after = interrupts.calls + 20
    with pytest.raises(Cancelled):
        executor.finish()
    assert gone(pid)
    assert executor.pid is None
    interrupts.after = None
    begin(executor)
    send(executor)
    assert executor.finish().artifact


def test_cancelled_while_the_child_takes_nothing(executor: LocalExecutor, interrupts: Interrupts) -> None:
    begin(executor)
    pid = executor.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    interrupts.after = interrupts.calls + 20
    with pytest.raises(Cancelled):
        send_for_ever(executor)
    assert gone(pid)


def test_cancelled_by_an_ordinary_exception(executor: LocalExecutor, interrupts: Interrupts) -> None:
    begin(executor, **ENDLESS)
    send(executor)
    pid = executor.pid

    def fail() -> None:
        raise KeyError("whatever a backend raises")

    interrupts.act, interrupts.after = fail, interrupts.calls + 5
    with pytest.raises(KeyError):
        executor.finish()
    assert gone(pid)


def test_a_crash_costs_the_fit_only(executor: LocalExecutor, interrupts: Interrupts) -> None:
    begin(executor, **ENDLESS)
    send(executor)
    pid = executor.pid
    assert pid is not None
    interrupts.act = lambda: os.kill(pid, signal.SIGSEGV) if executor.pid else None
    interrupts.after = interrupts.calls + 20
    with pytest.raises(FitCrashed, match=r"trained random_forest ended without an answer \(SIGSEGV"):
        executor.finish()
    assert gone(pid)
    interrupts.after = None
    begin(executor)
    send(executor)
    assert executor.finish().artifact


def test_a_child_that_dies_between_fits_is_replaced(executor: LocalExecutor) -> None:
    begin(executor)
    send(executor)
    executor.finish()
    pid = executor.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(FitCrashed, match="SIGKILL"):
        executor.judge(metric="f1", split=None, champion=b"")
    with pytest.raises(FitCrashed, match="ended before"):
        executor.judge(metric="f1", split=None, champion=b"")
    begin(executor)
    send(executor)
    assert executor.finish().artifact


@pytest.mark.parametrize(
    ("python", "reason"),
    [("/nowhere/python", "No such file"), ("/etc/passwd", "denied"), ("/bin/false", "exit status 1")],
)
def test_an_interpreter_that_cannot_train(python: str, reason: str) -> None:
    executor = LocalExecutor(python, lambda: None)
    with pytest.raises(FitProcessMissing, match=f'could not be started with "{python}": .*{reason}'):
        begin_and_send_for_ever(executor)
    assert executor.pid is None


def test_an_interpreter_without_turnout(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH= exec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    executor = LocalExecutor(str(python), lambda: None)
    with pytest.raises(FitProcessMissing, match="No module named 'turnout'"):
        begin_and_send_for_ever(executor)


PARENT = """
    import sys
    import numpy as np
    from tests.unit.training.test_executors import ENDLESS, begin, send
    from turnout.training.executors import LocalExecutor
    executor = LocalExecutor(sys.executable, lambda: None)
    begin(executor, **ENDLESS)
    send(executor)
    executor._send({"do": "end"})
    print(executor.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("stopped", [False, True])
def test_the_child_dies_with_its_parent(stopped: bool) -> None:
    """Killed by the kernel's signal, even if it can't read the end of its pipe."""
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not gone(child)
        if stopped:
            # once it has announced itself, the kernel knows; only then may it be stopped
            while "sklearn" not in Path(f"/proc/{child}/maps").read_text():
                time.sleep(0.01)
            os.kill(child, signal.SIGSTOP)
        parent.kill()
    wait_until_gone(child)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("PASSIVE", "1000")),
        ({"OMP_WAIT_POLICY": "ACTIVE"}, ("ACTIVE", None)),
        ({"GOMP_SPINCOUNT": "5"}, (None, "5")),
    ],
)
def test_the_servers_environment_decides_how_threads_wait(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], expected: tuple[str | None, str | None]
) -> None:
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    found = environment()
    assert (found.get("OMP_WAIT_POLICY"), found.get("GOMP_SPINCOUNT")) == expected
