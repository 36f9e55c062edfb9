"""What the rules of single steps make of their kinks is made, share by share; smooth steps are left as they are."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from recorded_runs import way

from gradcheck._diagnose.steps.kinks import apart, gradients, kinks

W, V = np.random.default_rng(0).normal(size=(5, 3)), np.random.default_rng(1).normal(size=5)
ZERO = np.zeros(3)


def met(f, *points):
    found = way(f, *points)
    return found, kinks(found)


def test_a_layer_at_zero_has_a_gradient_for_each_rule():
    """Of slope 0, 1/2 and 1 of its units."""
    found, steps = met(lambda x: V @ np.maximum(W @ x, 0), ZERO)
    assert [step.name for step in steps] == ["maximum"]
    for share, made in zip((0.0, 0.5, 1.0), gradients(found, steps), strict=True):
        np.testing.assert_allclose(made["a"], share * W.T @ V, rtol=1e-8, atol=1e-12)


def test_each_kind_of_step_has_a_rule_of_its_own():
    """A ReLU takes the left side while an absolute value takes none; of many kinds all take the same."""
    found, steps = met(lambda x: np.sum(np.maximum(x, 0) + 3 * np.abs(x)), ZERO)
    made = [g["a"][0] for g in gradients(found, steps)]
    assert sorted(made) == pytest.approx([-3, -2.5, -2, 0, 0.5, 1, 3, 3.5, 4])
    found, steps = met(lambda x: np.sum(np.maximum(x, 0) + np.abs(x) + np.minimum(x, 0) + np.fmax(x, 0)), ZERO)
    assert len([*gradients(found, steps)]) == 3


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(np.maximum(x + 1, 0) + np.exp(x) ** 2),
        lambda x: np.sum(np.where(x + 1 > 0, x, 0 * x)),
        lambda x: np.max(x + np.arange(3)),
    ],
    ids=["off the kink", "off the condition", "of entries that do not tie"],
)
def test_what_is_at_no_kink_has_one_gradient(f):
    """That which it has."""
    assert met(f, ZERO)[1] == []


def test_of_two_arrays_that_tie_one_takes_what_the_other_leaves():
    """A maximum gives to the second, to both in equal parts, or to the first."""
    found, steps = met(lambda x: V @ np.maximum(W @ x, 3 * W @ x), ZERO)
    for share, made in zip((0.0, 0.5, 1.0), gradients(found, steps), strict=True):
        np.testing.assert_allclose(made["a"], (3 - 2 * share) * W.T @ V, rtol=1e-8)


def test_only_entries_at_a_kink_take_its_sides():
    """The others keep their slope."""
    found, steps = met(lambda x: np.sum(np.abs(x) * V[:3]), np.array([0.0, 2.0, -1.0]))
    left = next(iter(gradients(found, steps)))["a"]
    np.testing.assert_allclose(left, [-V[0], V[1], -V[2]], rtol=1e-8)


@pytest.mark.parametrize(("off", "told"), [(0.9, False), (1.1, True)])
@pytest.mark.parametrize("scale", [-1e6, 1e-6])
def test_sides_differ_by_a_sixty_fourth_of_the_larger_slope(off, told, scale):
    """Curvature makes less of them."""
    near = np.array([scale * (1 - off / 64)])
    assert apart(near, np.array([scale])).all() is np.bool_(told)
    assert apart(np.array([scale]), near).all() is np.bool_(told)


@pytest.mark.parametrize(("kinds", "ways"), [(1, 3), (2, 9), (3, 27), (4, 3)])
def test_three_kinds_of_steps_have_a_rule_each(kinds, ways):
    """Of more all take the same."""
    steps = [SimpleNamespace(name=str(k % kinds), number=k, shares=lambda _, share: share) for k in range(2 * kinds)]
    seen = SimpleNamespace(gradients=lambda change: tuple(change[k](0.0) for k in sorted(change)))
    made = set(gradients(seen, steps))
    assert len(made) == ways
    assert all(shares[:kinds] == shares[kinds:] for shares in made)
    assert {share for shares in made for share in shares} == {0.0, 0.5, 1.0}


def test_an_entry_beside_a_kink_is_not_at_it():
    """However near: each is moved by a part of itself."""
    (step,) = met(lambda x: np.sum(np.maximum(x, 0)), np.array([0.0, 1e-9, -1e-9]))[1]
    (side,) = step.sides
    assert side.kinked.tolist() == [True, False, False]
    np.testing.assert_allclose([side.left, side.right], [[0, 1, 0], [1, 1, 0]], atol=1e-9)
