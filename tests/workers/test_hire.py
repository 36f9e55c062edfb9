"""workers=: whoever makes the evaluations, the report is the same, and a worker that cannot help says why."""

from __future__ import annotations

import os
import random
import signal
import sys
import textwrap
import threading
import time
import warnings
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from engines import ENGINES
from waves import X, one_off, slope, waves

from gradcheck import GradientError, InputError, Verdict, check_gradients
from gradcheck._render.faces import render
from gradcheck._workers import hire
from gradcheck._workers.blocks import Block
from gradcheck.networks import Chain, CrossEntropy, Dense, Tanh


class Shuffled:
    """A pool of this very process that does its blocks in any order."""

    def __init__(self):
        self.blocks = 0

    def map(self, task, blocks):
        blocks = list(blocks)
        self.blocks += sum(isinstance(block, Block) for block in blocks)  # not lines, which time decides about
        order = random.Random(0).sample(range(len(blocks)), len(blocks))
        done = {k: task(blocks[k]) for k in order}
        return [done[k] for k in range(len(blocks))]


class InTurn(Executor):
    """The least that `concurrent.futures` asks of an executor."""

    def submit(self, f, /, *args, **keywords):
        future = Future()
        future.set_result(f(*args, **keywords))
        return future


def pullback(x, u):
    return np.cos(x) * u


class Forgetful(Dense):
    """A layer that takes the last of its examples for all of them."""

    def forward(self, x):
        y, backward = super().forward(x)

        def forgetful(dy):
            dx, d = backward(dy)
            return dx, replace(self, W=d.W, b=dy[-1])

        return y, forgetful


def network():
    """Return a network with a mistake in one of its layers, its input and its loss."""
    rng = np.random.default_rng(1)
    net = Chain([Forgetful(rng.standard_normal((8, 7)), np.zeros(7)), Tanh(), Dense.random(7, 3, rng)])
    return (net, rng.standard_normal((5, 8))), {"loss": CrossEntropy(np.array([0, 1, 2, 0, 1]))}


CALLS = {
    "wrong": lambda: ((waves, X), {"grad": one_off}),
    "right": lambda: ((waves, X), {"grad": slope}),
    "float32": lambda: ((waves, X.astype(np.float32)), {"grad": slope, "precision": "as-is"}),
    "several outputs": lambda: ((np.sin, X), {"vjp": pullback}),
    "network": network,
    "dropout": lambda: ((Dropout(), X), {}),
}


class Dropout:
    """A loss whose mask is drawn anew at each call."""

    def __init__(self):
        self.rng = np.random.default_rng(2)
        self.params = {"W": self.rng.standard_normal((8, 9))}

    def loss(self, x):
        mask = self.rng.random(x.shape) < 0.5
        y = (x * mask) @ self.params["W"]
        return 0.5 * np.sum(y**2), {"W": (x * mask).T @ y}


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
@pytest.mark.parametrize(
    "workers",
    [2, Shuffled(), InTurn(), *(engine() for engine in ENGINES)],
    ids=["processes", "any order", "an executor", *(engine.__name__ for engine in ENGINES)],
)
def test_the_report_is_the_same_bit_for_bit(call, workers):
    """A wrong entry is found by whomever, and all numbers are those of a check without workers."""
    args, keywords = call()
    serial = render(check_gradients(*args, **keywords), "json")
    args, keywords = call()
    assert render(check_gradients(*args, **keywords, workers=workers), "json") == serial
    assert ('"verdict": "WRONG"' in serial) == (keywords.get("grad") is one_off or "loss" in keywords)


def test_the_work_is_shared():
    """A pool is given blocks; one worker, or a handful of entries, are not worth it."""
    pool = Shuffled()
    check_gradients(waves, X, grad=slope, workers=pool)
    assert pool.blocks == 4
    check_gradients(waves, X[0], grad=slope, workers=pool)
    assert pool.blocks == 4


def test_the_processes_are_others():
    """What is counted here stays; what is counted in a worker process is its own."""
    here = []

    def counting(x):
        here.append(os.getpid())
        return waves(x)

    report = check_gradients(counting, X, grad=slope, workers=2)
    assert set(here) == {os.getpid()}
    assert len(here) < report.evaluations


def test_forking_is_silent(monkeypatch):
    """Newer versions of Python warn of it wherever there are threads, such as those of BLAS."""
    fork = os.fork

    def warning():
        warnings.warn("use of fork() may lead to deadlocks in the child", DeprecationWarning, stacklevel=2)
        return fork()

    monkeypatch.setattr(os, "fork", warning)
    assert check_gradients(waves, X, grad=slope, workers=2).verdict is Verdict.CORRECT


def test_threads_have_a_model_each():
    """A model that changes itself while it is called cannot be shared, so it is not."""
    net, x = network()[0]
    with ThreadPoolExecutor(2) as pool:
        report = check_gradients(net, x, workers=pool)
    assert render(report, "json") == render(check_gradients(net, x), "json")


def test_a_worker_of_xdist_has_a_core_to_itself(monkeypatch):
    """There nothing is shared."""
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    pool = Shuffled()
    check_gradients(waves, X, grad=slope, workers=pool)
    assert pool.blocks == 0


@pytest.mark.parametrize("workers", [0, -1, True, 1.5, "many", object()])
def test_what_is_no_worker_is_refused(workers):
    """The message says what may stand there."""
    with pytest.raises(InputError, match=r"workers=.*write how many processes, 'joblib', or an object with a method"):
        check_gradients(waves, X, grad=slope, workers=workers)


def test_a_call_that_cannot_be_sent_is_refused(monkeypatch):
    """Without joblib a lambda reaches forked processes only; the message says how to help."""
    for pickler in ("cloudpickle", "joblib.externals.cloudpickle"):
        monkeypatch.setitem(sys.modules, pickler, None)
    with pytest.raises(InputError, match=r"cannot be pickled.*define its functions at the top of a module"):
        check_gradients(lambda x: float(np.sin(x).sum()), X, grad=slope, workers=Shuffled())


def test_joblib_that_is_not_there_is_named(monkeypatch):
    """With the command that installs it."""
    monkeypatch.setattr("gradcheck._workers.hire.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"workers='joblib': it is not installed; write pip install gradcheck\[par"):
        check_gradients(waves, X, grad=slope, workers="joblib")


class Elsewhere:
    """A function that has another value wherever it is unpickled."""

    __name__ = "elsewhere"

    def __init__(self, offset=0.0):
        self.offset = offset

    def __call__(self, x):
        return waves(x) + self.offset

    def __reduce__(self):
        return Elsewhere, (self.offset + 1.0,)


def test_a_worker_that_has_another_function_is_found_out():
    """Silence would be a report on something else."""
    with pytest.raises(InputError, match="depends on something that the worker does not have"):
        check_gradients(Elsewhere(), X, grad=slope, workers=Shuffled())


def test_a_worker_that_dies_is_reported():
    """Not by a traceback from inside, and not by silence."""
    parent = os.getpid()

    def deadly(x):
        if os.getpid() != parent:
            os._exit(3)
        return waves(x)

    with pytest.raises(InputError, match=r"workers=2: a worker could not do its part \(BrokenProcessPool"):
        check_gradients(deadly, X, grad=slope, workers=2)


def test_a_script_may_use_joblib(pytester):
    """What a script defines reaches the workers of joblib, lambdas too."""
    pytest.importorskip("joblib")
    pytester.makepyfile(
        script=textwrap.dedent("""
        import numpy as np
        from gradcheck import check_gradients
        from gradcheck._render.faces import render

        def waves(x):
            return float(np.sin(x).sum())

        if __name__ == "__main__":
            x = np.linspace(-1, 1, 100)
            call = {"grad": lambda x: np.cos(x)}
            serial = render(check_gradients(waves, x, **call), "json")
            print(render(check_gradients(waves, x, **call, workers="joblib"), "json") == serial)
        """)
    )
    result = pytester.runpython("script.py")
    result.stdout.fnmatch_lines(["True"])


def test_no_more_processes_than_blocks(monkeypatch):
    """However many were asked for."""
    asked = []
    real = hire.ProcessPoolExecutor

    def hired(number, *rest):
        asked.append(number)
        return real(min(number, 2), *rest)

    monkeypatch.setattr(hire, "ProcessPoolExecutor", hired)
    assert check_gradients(waves, X, grad=slope, workers=1_000_000).verdict is Verdict.CORRECT
    assert asked == [4]


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no alarms")
def test_a_worker_that_hangs_can_be_interrupted(tmp_path):
    """At once, and no process is left."""
    parent, pids, told = os.getpid(), tmp_path / "pids", tmp_path / "told"
    os.mkfifo(told)  # found by its name in a process that inherits nothing

    def hanging(x):
        if os.getpid() != parent:
            with pids.open("a") as file:
                file.write(f"{os.getpid()}\n")
            told.write_bytes(b".")
            time.sleep(600)
        return waves(x)

    def ring(*_):
        raise KeyboardInterrupt

    def interrupt():
        with told.open("r+b", buffering=0) as pipe:
            if pipe.read(1) == b".":
                os.kill(parent, signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, ring)
    waiting = threading.Thread(target=interrupt, daemon=True)
    waiting.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            check_gradients(hanging, X, grad=slope, workers=2)
    finally:
        with told.open("r+b", buffering=0) as pipe:
            pipe.write(b"-")  # where the check has ended without a worker
            waiting.join()
        signal.signal(signal.SIGALRM, before)
    for pid in {int(line) for line in pids.read_text().split()}:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_time_that_is_up_in_a_worker_ends_the_check():
    """As it does without workers, with the report of what was measured by then."""
    parent = os.getpid()

    def late(x):
        if os.getpid() != parent:
            msg = "1 s"
            raise TimeoutError(msg)
        return waves(x)

    with pytest.raises(GradientError, match="the function raised TimeoutError: 1 s") as caught:
        check_gradients(late, X, grad=slope, workers=2)
    assert caught.value.report.verdict is Verdict.BROKEN


@pytest.mark.parametrize(("call", "early"), [(CALLS["right"], True), (network, False)], ids=["a function", "layers"])
def test_processes_begin_before_they_are_needed(monkeypatch, call, early):
    """Unless there may be nothing to do for them: layers are measured by shifts of pre-activations."""
    submitted = []

    class Pool(hire.ProcessPoolExecutor):
        def submit(self, f, /, *args):
            submitted.append(f)
            return super().submit(f, *args)

    monkeypatch.setattr(hire, "ProcessPoolExecutor", Pool)
    args, keywords = call()
    check_gradients(*args, **keywords, workers=2)
    assert submitted
    assert (submitted[0] is id) == early
