"""Where could this network be wrong? Cases with a mistake planted in one layer, and how much it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from gradcheck import networks
from gradcheck.strategies.case import Case, Model, gradient

SEEN = 1e-6  # the smallest relative change of a gradient that matters


@st.composite
def faults_in(draw: st.DrawFn, cases: st.SearchStrategy[Case]) -> Case:
    """Cases in which one layer has a mistake in its backward: one of `networks.FAULTS`.

    What the network computes stays as it is. Only mistakes that one of its layers can make, and that change the
    gradient at this point, are drawn. A network that can have no such mistake comes as it is, with `fault=None`.

    >>> from gradcheck.strategies import faults_in, networks_and_inputs
    >>> from hypothesis import given, settings
    >>> @settings(max_examples=3, deadline=None)
    ... @given(faults_in(networks_and_inputs()))
    ... def test_my_checker_finds_it(case):
    ...     model, *inputs = case
    >>> test_my_checker_finds_it()
    """
    case = draw(cases)
    places = list(places_in(case))
    first = draw(st.integers(0, len(places)))
    felt = (place for place in places[first:] + places[:first] if _is_felt(replace(case, fault=place)))
    return replace(case, fault=next(felt, None))


def _is_felt(case: Case) -> bool:
    try:
        return effect(case) > SEEN
    except Exception:  # noqa: BLE001  a spoiled way back may raise anything, on shapes that it was not made for
        return False


def places_in(case: Case) -> Iterator[tuple[str, int]]:
    """Yield every mistake that can be made in the network, and in which layer of its kind."""
    model, *_ = replace(case, fault=None)
    for name, fault in networks.FAULTS.items():
        index = 0
        while _can_be_planted(fault, model, index):
            yield name, index
            index += 1


def _can_be_planted(fault: networks.Fault, model: Model, index: int) -> bool:
    try:
        fault.apply(model, index)
    except ValueError:  # there is no such layer
        return False
    return True


def effect(case: Case) -> float:
    """Return by how much the fault changes the gradient, relative to the largest entry of each tensor: 0 if not.

    It is measured in double precision, where rounding cannot be taken for a change.

    Raises what the spoiled way back raises, if it does.
    """
    case = replace(case, dtype="float64")
    right, wrong = gradient(replace(case, fault=None)), gradient(case)
    floor = SEEN * max(map(_size, right.values()), default=0.0)  # below it all is rounding
    return max((_change(right[path], wrong[path], floor) for path in right), default=0.0)


def _size(array: np.ndarray) -> float:
    return float(np.max(np.abs(array), initial=0))


def _change(right: np.ndarray, wrong: np.ndarray, floor: float) -> float:
    if np.shape(right) != np.shape(wrong) or not np.isfinite(wrong).all():
        return float("inf")
    change, size = _size(wrong - right), max(_size(right), floor)
    return change / size if size else float(change > 0)
