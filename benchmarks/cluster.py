"""What does a check of a billion weights cost on a cluster? From constants measured here, held against real runs."""

from __future__ import annotations

import pickle
import resource
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from tabulate import tabulate

from benchmarks.curves import Network, size_of
from benchmarks.large import Box, forward, network
from benchmarks.waiting.clock import seconds
from gradcheck import Report, check_gradients
from gradcheck.networks import CrossEntropy, parameters

BILLION, ROWS, DOUBLE = 10**9, 64, 8  # weights, rows of a batch, bytes of a number
TENSORS = 100  # that they lie in
WORKERS = (1, 8, 32)
BLOCKS = 32  # of a tensor, at most
LEARNT, HELD = 24, (48, 96)  # units of networks: by which constants are learnt, and that they are held against
BOXES = (100_000, 1_000_000)  # entries, likewise
LAYERS = ("W2", "W4")  # networks of large.py, likewise
TRIPS = 200  # to a worker and back
CALLS, TURNS = 200, 3  # of which one is timed, and the median taken
BIG = 1 << 22  # bytes of what is pickled
UNITS = (("s", 60.0), ("min", 60.0), ("h", 24.0), ("days", 365.0), ("years", float("inf")))
ABOUT = """# A billion weights

{about}

{constants}

One by one, N weights take (2 N + s) (f + e) seconds, of which W workers share 2 N (f + e), and b blocks of m bytes take
b (h + p m) more, and w to begin with. Directions take k (n f + d N) in n tensors, shifts of pre-activations c N B with
B rows, and a check of any kind g N bytes of memory beside the model.

For a billion weights of dense layers in {tensors} tensors, in float64, and a batch of {rows} rows, of which a forward
pass takes {pass_}:

{predictions}

What they predict, and what it took: seconds of CPU time on each core, which for workers is that of this process and of
the workers divided by how many there are.

{held}

Measured by `python -m benchmarks cluster`, with NumPy {numpy}.
"""
SAYS = """The constants were learnt from small models, on one core of one machine; another machine has others. The
call is pickled, and goes with each block, as a `map` remembers nothing. A tensor is handed out in at most {blocks}
blocks, so that more workers than that have nothing to do."""


@dataclass
class CountingPool:
    """A pool of processes that counts what it is given, and measures how many bytes that is."""

    pool: ProcessPoolExecutor
    blocks: int = 0
    sent: int = 0

    def map(self, task: Callable[..., Any], blocks: Iterable[Any]) -> Iterator[Any]:
        """Hand out the blocks."""
        blocks = list(blocks)
        self.blocks += len(blocks)
        self.sent += sum(len(pickle.dumps((task, block))) for block in blocks[:1]) * len(blocks)
        return self.pool.map(task, blocks)


@dataclass(frozen=True)
class Prices:
    """What things cost on this machine, in seconds and bytes."""

    per_weight: float  # of a forward pass of dense layers, for a weight and a row
    extra: float  # e: of ours, for an evaluation
    more: float  # s: evaluations beside two for each weight
    trip: float  # h: of a block, of any size
    start: float  # w: of a worker
    byte: float  # p: of a byte that goes with it
    looks: float  # k: evaluations along directions
    move: float  # d: of a direction, for a weight
    shift: float  # c: of a check by shifts, for a weight and a row
    memory: Mapping[str, float]  # g: bytes for a weight, by means


@dataclass(frozen=True)
class HandedOut:
    """What is handed out: to how many workers, in how many blocks, and all of their bytes."""

    workers: int = 1
    blocks: int = 0
    sent: float = 0.0


@dataclass(frozen=True)
class Took:
    """What a check took, in seconds, what it said, and what was handed out."""

    seconds: float
    report: Report
    handed: HandedOut = HandedOut()


def one_by_one(case: Network, workers: int = 1) -> Took:
    """Check all entries of a function, with so many processes, and return the CPU time on each core."""
    check = partial(check_gradients, case.value, case.point, grad=case.grad, entries="all")
    if workers == 1:
        return _alone(check)
    before, begin = _children(), process_time()
    with ProcessPoolExecutor(workers) as pool:
        counting = CountingPool(pool)
        report = check(workers=counting)
    here = process_time() - begin
    handed = HandedOut(workers, counting.blocks, counting.sent)
    return Took(here + (_children() - before) / workers, report, handed)


def _alone(check: Callable[[], Report]) -> Took:
    begin = process_time()
    report = check()
    return Took(process_time() - begin, report)


def _children() -> float:
    """Return the CPU time of the processes that this one had, and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def along(size: int) -> tuple[Callable[[], Report], float]:
    """Return a check of a function of so many entries along directions, and the CPU time of a call of it."""
    rng = np.random.default_rng(size)
    box = Box(rng.standard_normal(size), np.zeros(0, dtype=np.int64))
    x = rng.standard_normal(size)
    return partial(check_gradients, box.value, x, grad=box.grad, entries="directions"), seconds(
        partial(box.value, x), 5
    )


def by_shifts(name: str) -> tuple[Callable[[], Report], int, int, float]:
    """Return a check of a network by shifts, its weights, its rows, and the CPU time of a forward pass."""
    net, x, loss = network(name)
    size = sum(array.size for array in parameters(net).values())
    check = partial(check_gradients, net, x, loss=CrossEntropy(loss.labels), wrt="layers*")
    return check, size, len(x), forward(net, x, loss)


def peak(check: Callable[[], object]) -> float:
    """Return the most memory that a call takes beside what there was, in bytes."""
    tracemalloc.start()
    try:
        check()
        return float(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


def learnt(*, quick: bool = False) -> Prices:
    """Measure the constants, by models smaller than those that they are held against."""
    case, twice = (Network((units, units, 10), 32) for units in (LEARNT, 2 * LEARNT))
    layers, weights, rows, pass_ = by_shifts("W1" if quick else LAYERS[0])
    entries = BOXES[0] // 10 + 1 if quick else BOXES[0]
    box, box_call = along(entries)
    for check in (layers, box, partial(one_by_one, case)):
        check()  # what is loaded once is loaded before
    value = partial(case.value, case.point)
    turns = [(one_by_one(case), seconds(value, CALLS), _alone(box), _alone(layers)) for _ in range(TURNS)]
    alone, _, looks, _ = turns[0]
    trip, start = _trips()
    memory = [peak(partial(one_by_one, each)) for each in (case, twice)]
    return Prices(
        per_weight=pass_ / (weights * rows),
        extra=max(median(took.seconds / took.report.evaluations - call for took, call, _, _ in turns), 0.0),
        more=alone.report.evaluations - 2 * size_of(case),
        trip=trip,
        start=start,
        byte=_byte(),
        looks=looks.report.evaluations,
        move=max(median(took.seconds / took.report.evaluations - box_call for *_, took, _ in turns), 0.0) / entries,
        shift=median(took.seconds for *_, took in turns) / (weights * rows),
        memory={
            "one by one": (memory[1] - memory[0]) / (size_of(twice) - size_of(case)),
            "directions": peak(box) / entries,
            "shifts": peak(layers) / weights,
        },
    )


def _trips() -> tuple[float, float]:
    """Return the CPU time, on both sides, of nothing that is sent to a worker and back, and of its beginning."""
    one, many = (_sent(count) for count in (1, 1 + TRIPS))
    return max(many - one, 0.0) / TRIPS, one


def _sent(count: int) -> float:
    before, begin = _children(), process_time()
    with ProcessPoolExecutor(1) as pool:
        list(pool.map(abs, range(count)))
    return process_time() - begin + _children() - before


def _byte() -> float:
    block = np.zeros(BIG // DOUBLE)
    return seconds(lambda: pickle.loads(pickle.dumps(block)), 5) / BIG  # noqa: S301  ours


def predicted(known: Prices, size: float, call: float, handed: HandedOut) -> float:
    """Return the seconds of a check of all entries, one by one."""
    each = call + known.extra
    trips = handed.blocks * known.trip + handed.sent * known.byte + known.start * (handed.workers > 1)
    return known.more * each + 2 * size * each / handed.workers + trips


def predictions(known: Prices) -> list[list[str]]:
    """Return the rows on a billion weights."""
    call = known.per_weight * BILLION * ROWS
    bytes_ = {means: f"{g * BILLION / 2**30:,.0f} GB" for means, g in known.memory.items()}
    along_all = known.looks * (TENSORS * call + known.move * BILLION)
    rows = [["shifts of pre-activations", "1", _time(known.shift * BILLION * ROWS), bytes_["shifts"]]]
    rows += [["directions", "1", _time(along_all), bytes_["directions"]]]
    for workers in WORKERS:
        blocks = 0 if workers == 1 else BLOCKS * TENSORS
        time = predicted(known, BILLION, call, HandedOut(workers, blocks, blocks * DOUBLE * BILLION))
        rows.append(["one by one", f"{workers:,}", _time(time), bytes_["one by one"]])
    return rows


def held(known: Prices, *, quick: bool = False) -> list[list[str]]:
    """Return rows on models of small scale: what the constants predict, and what it took."""
    rows = []
    for units in (LEARNT // 3, LEARNT // 2) if quick else HELD:
        case = Network((units, units, 10), 32)
        size, value = size_of(case), partial(case.value, case.point)
        for workers in (1, 2):
            turns = [(one_by_one(case, workers), seconds(value, CALLS)) for _ in range(1 if quick else TURNS)]
            expected = median(predicted(known, size, call, took.handed) for took, call in turns)
            rows.append(_held("one by one", (size, workers), expected, median(took.seconds for took, _ in turns)))
    if not quick:
        box, call = along(BOXES[1])
        expected = known.looks * (call + known.move * BOXES[1])
        rows.append(_held("directions", (BOXES[1], 1), expected, _alone(box).seconds))
        layers, size, batch, _ = by_shifts(LAYERS[1])
        expected = known.shift * size * batch
        rows.append(_held("shifts of pre-activations", (size, 1), expected, _alone(layers).seconds))
    return rows


def _held(means: str, scale: tuple[int, int], expected: float, took: float) -> list[str]:
    size, workers = scale
    return [means, f"{size:,}", str(workers), f"{expected:.2g} s", f"{took:.2g} s", f"{took / expected:.2f}"]


def _time(seconds: float) -> str:
    """Return a time in the unit that a person would say it in."""
    left = iter(UNITS)
    unit, many = next(left)
    while seconds >= many:
        seconds /= many
        unit, many = next(left)
    return f"{seconds:,.2g} {unit}" if seconds < 99.5 else f"{seconds:,.0f} {unit}"


def main(output: Path | None = None, *, quick: bool = False) -> None:
    """Measure, print, and write a page; with `quick` at the smallest scale."""
    known = learnt(quick=quick)
    page = ABOUT.format(
        about=SAYS.format(blocks=BLOCKS),
        constants=_table(_said(known), ["constant", "what it is", "here"]),
        rows=ROWS,
        tensors=TENSORS,
        pass_=_time(known.per_weight * BILLION * ROWS),
        predictions=_table(predictions(known), ["means", "workers", "time", "memory beside the model"]),
        held=_table(held(known, quick=quick), ["means", "weights", "workers", "predicted", "took", "ratio"]),
        numpy=np.__version__,
    )
    print(page)
    if output is not None:
        output.write_text(page, encoding="utf-8", newline="\n")


def _said(known: Prices) -> list[list[str]]:
    g = ", ".join(f"{bytes_:,.0f} {means}" for means, bytes_ in known.memory.items())
    return [
        ["f / (N B)", "a forward pass of dense layers, for a weight and a row", f"{known.per_weight:.1e} s"],
        ["e", "what we add to an evaluation", f"{known.extra:.1e} s"],
        ["s", "evaluations beside two for each weight", f"{known.more:,.0f}"],
        ["h", "a block, to a worker and back", f"{known.trip:.1e} s"],
        ["w", "a worker, until it begins", f"{known.start:.1e} s"],
        ["p", "a byte that goes with it", f"{known.byte:.1e} s"],
        ["k", "evaluations along directions", f"{known.looks:,.0f}"],
        ["d", "a direction, for a weight", f"{known.move:.1e} s"],
        ["c", "shifts, for a weight and a row", f"{known.shift:.1e} s"],
        ["g", "bytes for a weight", g],
    ]


def _table(rows: list[list[str]], headers: list[str]) -> str:
    return tabulate(rows, headers, tablefmt="github", disable_numparse=True)
