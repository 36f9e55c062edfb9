"""What is simpler than a case? The same with fewer layers, fewer numbers, or nothing said of something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from gradcheck.strategies.case import Case
from gradcheck.strategies.kinds import Step, after, parts_within


def simplest(case: Case, fails: Callable[[Case], bool], tries: int) -> Case:
    """Return a simpler case that fails too, of which nothing simpler fails, or no more may be tried."""
    while True:
        for other in simpler(case):
            tries -= 1
            if tries < 0:
                return case
            if _fails(other, fails):
                case = other
                break
        else:
            return case


def _fails(case: Case, fails: Callable[[Case], bool]) -> bool:
    try:
        list(case)
    except Exception:  # noqa: BLE001  what was taken away was needed: this is no case
        return False
    return fails(case)


def simpler(case: Case) -> Iterator[Case]:
    """Yield cases that are simpler by a step, the greatest steps first; some of them cannot be built."""
    for other in _with_less(case):
        yield other
        if case.fault is not None:  # fewer layers may stand before the faulty one
            yield from (replace(other, fault=(case.fault[0], index)) for index in range(case.fault[1]))


def _with_less(case: Case) -> Iterator[Case]:
    if case.loss is not None:
        yield replace(case, loss=None, decay=0.0)
    for k, one in enumerate(case.layers):
        for steps in ((one,), *parts_within(one)):
            if steps != case.layers:
                yield replace(case, takes=after(case.takes, case.layers[:k]), layers=steps)
    for k in range(len(case.layers)):
        yield replace(case, layers=case.layers[:k] + case.layers[k + 1 :])
    yield from (replace(case, layers=steps) for steps in _with_less_within(case.layers))
    plain = (replace(case, decay=0.0), replace(case, batch=1), replace(case, dtype="float64"), replace(case, seed=0))
    yield from (other for other in plain if other != case)


def _with_less_within(layers: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """Yield the layers with one that holds two or more holding one less."""
    for k, one in enumerate(layers):
        for j, part in enumerate(one):
            if part in parts_within(one) and len(part) > 1:
                for i in range(len(part)):
                    less: tuple[Any, ...] = (*one[:j], part[:i] + part[i + 1 :], *one[j + 1 :])
                    yield (*layers[:k], less, *layers[k + 1 :])
