"""Who evaluates? Our own processes, a pool of the user's, or joblib, for as long as a check lasts.

Where processes can be forked they inherit the model, whatever it is made of; elsewhere, and for a pool of the user's
own, the call is pickled, and each worker makes the model again.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from gradcheck._model.oracle import Oracle
from gradcheck._model.precision import opened
from gradcheck._model.subject import Evaluator, Subject
from gradcheck._results.errors import InputError
from gradcheck._workers.blocks import Block, Done, Places, blocks_of, done
from gradcheck._workers.shared import Map, Shared


@dataclass(frozen=True)
class State:
    """What a model made again lacks: the cotangent, and the random numbers that the function draws."""

    precision: str
    cotangent: Any
    states: list[Any]
    drawn: list[int]


PARTS = 4  # into which the places of a line are divided where nobody says how many workers there are
Make = Callable[[], Oracle]  # of the user's call


@dataclass(frozen=True)
class Workers:
    """What the user said of workers, and the call for those that make the model again."""

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
        parts = _wanted(workers.said, subject) if isinstance(workers.said, int) else PARTS
        subject.tally.crew = crew = Shared(subject, run, task, str(workers), parts)
        try:
            yield crew
        finally:
            subject.tally.crew = None


@contextlib.contextmanager
def _pool(workers: Workers, subject: Subject, precision: str) -> Iterator[tuple[Map, Any]]:
    """Open the workers; yields their map, and the task that does a block."""
    said, early = workers.said, subject.oracle.sites is None  # otherwise there may be nothing to do for them
    if not workers.pickled:
        _INHERITED[id(subject)] = subject
        try:
            with _processes(_wanted(said, subject), "fork", early=early) as run:
                yield run, functools.partial(_inherited, id(subject), os.getpid())
        finally:
            del _INHERITED[id(subject)]
        return
    state = State(precision, subject.cotangent, subject.pins.states, subject.pins.drawn)
    task = functools.partial(_anew, workers.pickled, state, os.getpid())
    if isinstance(said, int):
        with _processes(_wanted(said, subject), "spawn", early=early) as run:
            yield run, task
    else:
        yield _joblib if isinstance(said, str) else said.map, task


def _wanted(said: int, subject: Subject) -> int:
    """Return how many of the requested processes can be used."""
    return min(said, max(blocks_of(leaf.array.size) for leaf in subject.chosen.values()))


@contextlib.contextmanager
def _processes(number: int, way: str, *, early: bool) -> Iterator[Map]:
    """Open so many processes; whatever ends the check ends them at once, also one that hangs.

    With `early` they start at once, while this process measures the noise; else with the first block.
    """
    pool = ProcessPoolExecutor(number, multiprocessing.get_context(way), _leave_interrupts_to_the_parent)

    def run(task: Callable[..., Any], blocks: Iterable[Any]) -> Iterable[Any]:
        with warnings.catch_warnings():  # of forking beside threads: those of BLAS stop for it, and others are not used
            warnings.filterwarnings("ignore", ".*fork", DeprecationWarning)
            # Not `map`, which cancels what is left when it is interrupted; then a process that is killed is an error.
            futures = [pool.submit(task, block) for block in blocks]
        return (future.result() for future in futures)

    try:
        if early and number > 1:
            run(id, [None])
        yield run
    except BaseException:
        _kill(pool)
        raise
    finally:
        pool.shutdown()


def _kill(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool, whatever they do: what Python 3.14 calls `kill_workers`."""
    processes = getattr(pool, "_processes", None) or {}  # none before the first block was given out
    for process in list(processes.values()):
        process.kill()


def _leave_interrupts_to_the_parent() -> None:
    """Ignore Ctrl-C in a worker: the process that waits for the workers handles it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _can_fork() -> bool:
    """Whether processes can be forked: JAX has threads that would be cut off, as have the libraries of macOS."""
    return "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin" and "jax" not in sys.modules


_INHERITED: dict[int, Subject] = {}  # what a forked worker finds in its memory


def _inherited(key: int, parent: int, block: Block | Places) -> Done:
    _keep_to_one_core(parent)
    tally = _INHERITED[key].tally
    tally.watch = tally.crew = None  # the bar is the parent's, and so are the workers
    return done(_INHERITED[key], block)


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


def _anew(pickled: bytes, state: State, parent: int, block: Block | Places) -> Done:
    """Do a block on a model of the worker's own."""
    _keep_to_one_core(parent)
    key = hashlib.sha256(pickled).digest()
    if getattr(_MADE, "key", None) != key:
        _MADE.key, _MADE.oracle = key, pickle.loads(pickled)()  # noqa: S301  ours
    with _MADE.oracle.guard():
        subject = replace(opened(_MADE.oracle, state.precision), cotangent=state.cotangent)
        subject.pins.states, subject.pins.drawn = state.states, state.drawn
        return done(subject.settled(), block)


@functools.cache
def _keep_to_one_core(parent: int) -> None:
    """Let the libraries of a worker process use one thread: the other cores are for other workers."""
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
