"""What does PyTorch's own suite cost through the door of the same name? Its operators and samples, and fast mode."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any

import numpy as np

from benchmarks.patience import LateError, patience
from benchmarks.waiting.clock import in_turn
from benchmarks.waiting.figure import Figure, NotAsExpected, NotHere, WaitingRow, spread
from benchmarks.waiting.of_torch import MAKERS, Make, as_function, function_of_ten

GROUP = "the door of PyTorch"
LARGEST, MANY = 1000, 200  # entries of a sample, and of a large one
EVERY = 10**6  # samples of an operator
SHARE = 150  # one in so many samples, in a hurry
PATIENCE = 30  # seconds for the answers to a sample
MOST_OF_THEM = 0.9

Door = Callable[..., Any]


@dataclass(frozen=True)
class Passed:
    """A sample that both pass: its entries, the CPU time of either in milliseconds, and how often ours called it."""

    entries: int
    ours_ms: float
    other_ms: float
    calls: int


def rows() -> list[WaitingRow]:
    """Return the operators, slow and fast, and the small checks in fast mode."""

    def operators(name: str, peer: str, reach: float, *, least: int, fast: bool) -> WaitingRow:
        measure = functools.partial(of_operators, least=least, fast=fast)
        return WaitingRow(GROUP, name, peer, reach, measure, "expecttest")

    return [
        operators("operators", "torch slow", 2, least=0, fast=False),
        operators(f"operators, more than {MANY} entries", "torch slow", 1, least=MANY + 1, fast=False),
        operators("operators, fast_mode=True", "torch fast", 3, least=0, fast=True),
        *(
            WaitingRow(GROUP, f"{name}, fast_mode=True", "torch fast", 3, functools.partial(of_model, make), "torch")
            for name, (make, _) in MAKERS.items()
        ),
    ]


def of_operators(*, quick: bool, least: int, fast: bool) -> Figure:
    """Return the median ratio of those samples that both pass; raises NotAsExpected if these are few."""
    if fast:
        refuses_when_red()
    found, asked = _passed(quick=quick, fast=fast)
    if len(found) < MOST_OF_THEM * asked:
        message = f"both pass {len(found)} samples of {asked} alone"
        raise NotAsExpected(message)
    chosen = [sample for sample in found if sample.entries >= least]
    ours, others = [sample.ours_ms for sample in chosen], [sample.other_ms for sample in chosen]
    remark = f"{len(chosen):,} samples, the median of calls is {median(sample.calls for sample in chosen):.0f}"
    remark += f"; {sum(ours) / sum(others):.1f} times the time of all"
    remark += f"; {asked - len(found):,} others are not passed by both" * (not least)
    ratios = [a / b for a, b in zip(ours, others, strict=True)]
    return Figure(*spread(ratios), median(ours), median(others), remark=remark)


@functools.cache
def _passed(*, quick: bool, fast: bool) -> tuple[list[Passed], int]:
    """Return the samples that both pass, and how many were asked."""
    import torch
    from tqdm import tqdm

    torch.set_num_threads(1)
    with np.errstate(all="ignore"):
        every = tqdm(_samples(quick=quick), unit="sample", disable=None, leave=False)
        found = [timed(sample, fast=fast) for sample in every]
    return [passed for passed in found if passed], len(found)


@functools.cache
def _samples(*, quick: bool) -> list[Any]:
    from benchmarks.samples import cases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        every = [case for case in cases(EVERY, LARGEST) if not case.marked]
    return every[:: SHARE if quick else 1]


def timed(sample: Any, *, fast: bool) -> Passed | None:  # noqa: ANN401
    """Return the CPU time of both, or None if one of them does not pass it."""
    import torch

    function = counted(sample.function)
    given = (function, sample.tensors, {"nondet_tol": sample.nondet, "fast_mode": fast})
    try:
        with patience(PATIENCE):
            passes(torch.autograd.gradcheck, *given)  # what an operator loads at its first call is nobody's time
            other = passes(torch.autograd.gradcheck, *given)
            before = function.calls
            ours = passes(_door(), *given)
    except (Exception, LateError):  # noqa: BLE001  whatever it is, it is no pass
        return None
    return Passed(sample.entries, ours, other, function.calls - before)


def of_model(make: Make, *, quick: bool) -> Figure:
    """Return the ratio of one small check in fast mode; raises NotAsExpected if one of the doors does not pass it."""
    import torch

    refuses_when_red()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    function, tensors = as_function(*make(1.0))
    options = {"fast_mode": True}
    passes(torch.autograd.gradcheck, function, tensors, options)
    calls = counted(function)
    passes(_door(), calls, tensors, options)
    ours, other = (functools.partial(d, function, tensors, **options) for d in (_door(), torch.autograd.gradcheck))
    turns = in_turn(ours, other, quick=quick)
    remark = f"{sum(tensor.numel() for tensor in tensors)} entries, {calls.calls} calls"
    return Figure(*spread(turns.ratios), turns.ours_ms, turns.other_ms, remark=remark)


def counted(function: Any) -> Any:  # noqa: ANN401  with a number of calls
    """Return a function that counts how often it is called."""

    @functools.wraps(function)
    def counting(*given: Any) -> Any:  # noqa: ANN401
        counting.calls += 1  # type: ignore[attr-defined]
        return function(*given)

    counting.calls = 0  # type: ignore[attr-defined]
    return counting


def passes(door: Door, function: Any, tensors: Any, options: dict[str, Any]) -> float:  # noqa: ANN401
    """Return the milliseconds of CPU time of a door; raises NotAsExpected if it does not pass it, or does not know."""
    import torch

    torch.manual_seed(0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        begin = process_time()
        content = door(function, tensors, **options)
        spent = process_time() - begin
    if not content or any(w.category.__name__ == "UndecidedWarning" for w in caught):
        message = f"{door.__module__} does not pass {function}"
        raise NotAsExpected(message)
    return spent * 1e3


def refuses_when_red() -> None:
    """Raise NotHere if there is no fast mode, NotAsExpected if it does not name a wrong entry and its tensor."""
    from gradcheck.compat.torch import GradcheckError

    function, inputs = function_of_ten(2.0)
    try:
        _door()(function, inputs, fast_mode=True)
    except GradcheckError as error:
        named = [entry.name for entry in error.report.wrong]
        if named and named[0] in str(error):
            return
    except (TypeError, ValueError, NotImplementedError) as error:
        message = f"the door has no fast mode: {error}"
        raise NotHere(message) from None
    message = "a doubled gradient is not accused by name in fast mode"
    raise NotAsExpected(message)


def _door() -> Door:
    from gradcheck.compat.torch import gradcheck

    return gradcheck
