"""Which of many examples fails, and what is the smallest that still does? Hypothesis draws and shrinks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from gradcheck._results.report import Report

E = TypeVar("E")
TRIES = 100  # examples that are looked at to make a failing one smaller


@dataclass(frozen=True)
class Finding(Generic[E]):
    """What became of an example; `failure` is empty, or says in a word what failed: a verdict, an exception."""

    example: E
    failure: str = ""
    sentence: str = ""
    note: str = ""
    report: Report | None = None
    error: BaseException | None = None


class _FailedError(Exception):
    """Reports a failure to Hypothesis: always the same exception, from the same line."""


def smallest(
    strategy: SearchStrategy[E],
    judge: Callable[[E], Finding[E]],
    *,
    examples: int,
    seed: int,
    seen: Callable[[Finding[E]], object] = lambda _: None,
    tries: int = TRIES,
) -> Finding[E] | None:
    """Judge examples until one fails, and return the smallest that fails likewise, or None if none does.

    What is judged on the way to the first failure is given to `seen`, that failure included; what is tried
    afterwards, to make it smaller, is not.
    """
    best: Finding[E] | None = None
    failing: set[str] = set()
    left = tries

    def attempt(example: E) -> None:
        nonlocal best, left
        if best is not None:
            left -= 1
            if left < 0 and repr(example) not in failing:
                return
        finding = judge(example)
        if best is None:
            seen(finding)
        if finding.failure and (best is None or finding.failure == best.failure):
            best = finding
            failing.add(repr(example))
            raise _FailedError

    with suppress(_FailedError, Flaky):
        hypothesis.seed(seed)(_settings(examples)(given(strategy)(attempt)))()
    return best


def _settings(examples: int) -> settings:
    """Return settings under which the seed alone decides, and nothing is kept or printed."""
    return settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
