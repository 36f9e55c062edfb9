"""What is simpler than a case? Whatever is not needed for the failure is taken away, the most first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradcheck.strategies import Case
from gradcheck.strategies.simpler import simpler, simplest


def test_what_is_simpler_comes_step_by_step():
    """A layer alone, at the form that it is given; without the loss; one less; in the plain type."""
    case = Case(
        ("image", 1, 2, 2), (("tanh",), ("flatten",), ("residual", (("dense", 4), ("relu",)))), "squares", batch=3
    )
    found = list(simpler(case))
    assert replace(case, loss=None) == found[0]
    assert replace(case, takes=("row", 4), layers=(("dense", 4), ("relu",))) in found
    assert replace(case, layers=(*case.layers[:2], ("residual", (("relu",),)))) in found
    assert replace(case, layers=case.layers[1:]) in found
    assert found[-1] == replace(case, batch=1)
    assert case not in found


@pytest.mark.parametrize(
    ("needed", "left"),
    [
        (lambda case: "relu" in repr(case), Case(("row", 4), (("relu",),))),
        (lambda case: case.loss is not None and case.batch > 2, Case(("image", 1, 2, 2), (), "l1", batch=3)),
        (lambda case: case.depth > 2, Case(("row", 4), (("residual", (("dense", 4), ("relu",))),))),
        (lambda _: False, None),
    ],
)
def test_the_simplest_case_is_left(needed, left):
    """Whatever is not needed for the failure is taken away; what cannot be built is passed over."""
    case = Case(
        ("image", 1, 2, 2), (("tanh",), ("flatten",), ("residual", (("dense", 4), ("relu",)))), "l1", batch=3, seed=5
    )
    assert simplest(case, needed, tries=200) == (left or case)


def test_a_fault_moves_with_its_layer():
    """The second dense layer is the first, once the other is gone."""
    case = Case(("row", 2), (("dense", 3), ("dense", 2)), fault=("bias_twice", 1))
    assert simplest(case, lambda _: True, tries=200) == Case(("row", 2), (("dense", 3),), fault=("bias_twice", 0))


def test_only_so_many_are_tried():
    """The search for a simpler case ends."""
    tried = []
    simplest(Case(("row", 2), (("dense", 3), ("tanh",), ("dense", 2))), tried.append, tries=2)
    assert len(tried) == 2
