"""Who makes the evaluations? This process, or workers of the user's choice: blocks of entries, results by index.

Every block is a function of the point, the entries and the steps alone, so any number of workers, in any order,
gives the same report. Where processes can be forked they inherit the model, whatever it is made of; elsewhere,
and for a pool of the user's own, the call is pickled, and each worker makes the model anew.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import multiprocessing
import os
import pickle
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.oracle import Oracle
from gradcheck._model.precision import opened
from gradcheck._model.subject import Evaluator, Subject
from gradcheck._results.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Map = Callable[[Callable[..., Any], Iterable[Any]], Iterable[Any]]

BLOCKS = 32  # of a tensor; many, so that a slow worker keeps no other waiting
SMALLEST = 16  # entries of a block
AGREE = 1e-9  # relative: the value of the function here, and in a worker that made the model anew


@dataclass(frozen=True)
class Block:
    """Some entries of a tensor and the step of each."""

    path: str
    flat: Ints
    steps: Floats


@dataclass(frozen=True)
class State:
    """What a model made anew lacks: the cotangent, and the random numbers that the function draws."""

    precision: str
    cotangent: Any
    states: list[Any]
    drawn: list[int]


Make = Callable[[], Oracle]  # of the user's call
Result = tuple[Floats, float]  # what `both_ways` returns, and the value of the function where that was done


@dataclass(frozen=True)
class Shared:
    """The evaluations of one check, shared out among workers."""

    subject: Subject
    map: Map
    task: Callable[[Block], Result]
    said: str  # as the user wrote it

    def both_ways(self, path: str, flat: Ints, steps: Floats) -> Floats:
        """Let the workers do what the subject's own `both_ways` does."""
        if len(flat) < 2 * SMALLEST:
            return self.subject.both_ways(path, flat, steps)
        parts = np.array_split(np.arange(len(flat)), min(BLOCKS, len(flat) // SMALLEST))
        blocks = [Block(path, flat[part], steps[part]) for part in parts]
        taken = np.empty((4, len(flat)))
        for part, (result, value) in zip(parts, self._results(blocks), strict=True):
            self._compare(value)
            taken[:, part] = result
            self.subject.tally.call(2 * len(part))
        return taken

    def _results(self, blocks: list[Block]) -> Iterator[Result]:
        try:
            yield from self.map(self.task, blocks)
        except InputError:
            raise
        except Exception as error:
            msg = (
                f"workers={self.said}: a worker could not do its part ({type(error).__name__}: {error}); "
                "what it is given must be importable there: define it at the top of a module, and let a script start "
                'below `if __name__ == "__main__":`'
            )
            raise InputError(msg) from error

    def _compare(self, value: float) -> None:
        here = float(np.sum(self.subject.base))
        if abs(value - here) > AGREE * max(abs(value), abs(here)):
            msg = (
                f"workers={self.said}: the function is {value!r} in a worker and {here!r} here, so it depends on "
                "something that the worker does not have; leave workers= out"
            )
            raise InputError(msg)


@dataclass(frozen=True)
class Workers:
    """What the user said of workers, and the call for those that make the model anew."""

    said: Any
    pickled: bytes = b""  # empty for those that inherit it

    def __str__(self) -> str:
        """The value as the user wrote it."""
        return repr(self.said) if isinstance(self.said, (int, str)) else f"<{type(self.said).__name__}>"


def ready(said: Any, make: Make) -> Workers | None:  # noqa: ANN401
    """Make a call ready for its workers, before anything in it is moved; None where each core has its own already.

    Raises InputError if it cannot be sent to them.
    """
    if said is None or (isinstance(said, int) and said == 1) or "PYTEST_XDIST_WORKER" in os.environ:
        return None
    if isinstance(said, str) and find_spec(said) is None:
        msg = f"workers={said!r}: it is not installed; write pip install gradcheck[parallel], or how many processes"
        raise InputError(msg)
    return Workers(said, b"" if isinstance(said, int) and _can_fork() else _pickled(make, said))


@contextlib.contextmanager
def hired(workers: Workers | None, subject: Subject, precision: str) -> Iterator[Evaluator]:
    """Yield who makes the evaluations of a subject: itself, or workers for a while."""
    if workers is None:
        yield subject
        return
    with _pool(workers, subject, precision) as (run, task):
        yield Shared(subject, run, task, str(workers))


@contextlib.contextmanager
def _pool(workers: Workers, subject: Subject, precision: str) -> Iterator[tuple[Map, Any]]:
    """Open the workers; yields their map, and the task that does a block."""
    said = workers.said
    if not workers.pickled:
        _INHERITED[id(subject)] = subject
        try:
            with _processes(said, "fork") as run:
                yield run, functools.partial(_inherited, id(subject), os.getpid())
        finally:
            del _INHERITED[id(subject)]
        return
    state = State(precision, subject.cotangent, subject.pins.states, subject.pins.drawn)
    task = functools.partial(_anew, workers.pickled, state, os.getpid())
    if isinstance(said, int):
        with _processes(said, "spawn") as run:
            yield run, task
    else:
        yield _joblib if isinstance(said, str) else said.map, task


@contextlib.contextmanager
def _processes(number: int, way: str) -> Iterator[Map]:
    pool = ProcessPoolExecutor(number, multiprocessing.get_context(way))

    def run(task: Callable[..., Any], blocks: Iterable[Any]) -> Iterable[Any]:
        with warnings.catch_warnings():  # of forking beside threads: those of BLAS stop for it, and others are not used
            warnings.filterwarnings("ignore", ".*fork", DeprecationWarning)
            return pool.map(task, blocks)

    try:
        yield run
    finally:
        pool.shutdown(cancel_futures=True)


def _can_fork() -> bool:
    """Whether processes can be forked: JAX has threads that would be cut off, as have the libraries of macOS."""
    return "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin" and "jax" not in sys.modules


_INHERITED: dict[int, Subject] = {}  # what a forked worker finds in its memory


def _inherited(key: int, parent: int, block: Block) -> Result:
    _keep_to_one_core(parent)
    return _done(_INHERITED[key], block)


def _done(subject: Subject, block: Block) -> Result:
    return subject.both_ways(block.path, block.flat, block.steps), float(np.sum(subject.base))


def _pickled(thing: object, workers: object) -> bytes:
    for pickler in ("cloudpickle", "joblib.externals.cloudpickle", "pickle"):  # the former take what a script defines
        with contextlib.suppress(Exception):
            return bytes(import_module(pickler).dumps(thing))
    try:
        return pickle.dumps(thing)
    except Exception as error:
        msg = (
            f"workers={workers!r}: the call cannot be pickled ({error}); define its functions at the top of a module, "
            "or install joblib, whose pickler takes lambdas and closures: pip install gradcheck[parallel]"
        )
        raise InputError(msg) from error


_MADE = threading.local()  # the oracle that a worker made, and of which pickle


def _anew(pickled: bytes, state: State, parent: int, block: Block) -> Result:
    """Do a block on a model of the worker's own."""
    _keep_to_one_core(parent)
    key = hashlib.sha256(pickled).digest()
    if getattr(_MADE, "key", None) != key:
        _MADE.key, _MADE.oracle = key, pickle.loads(pickled)()  # noqa: S301  ours
    with _MADE.oracle.guard():
        subject = replace(opened(_MADE.oracle, state.precision), cotangent=state.cotangent)
        subject.pins.states, subject.pins.drawn = state.states, state.drawn
        return _done(subject.settled(), block)


@functools.cache
def _keep_to_one_core(parent: int) -> None:
    """Let the libraries of a worker process use one thread: the cores are for its fellows."""
    if os.getpid() == parent:
        return
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    with contextlib.suppress(ImportError):
        import_module("threadpoolctl").threadpool_limits(1)


def _joblib(task: Callable[..., Any], blocks: Iterable[Any]) -> Iterable[Any]:
    joblib = import_module("joblib")
    chosen = joblib.effective_n_jobs(None) > 1  # by the user, with joblib.parallel_config
    run = joblib.Parallel(n_jobs=None if chosen else -1, return_as="generator")
    results: Iterable[Any] = run(joblib.delayed(task)(block) for block in blocks)
    return results
