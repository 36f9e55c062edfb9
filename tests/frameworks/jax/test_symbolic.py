"""Does a rule that is told what is differentiated say the same for each alone? One that does not is found."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

from models.jaxes.rules import product, told  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.jax.symbolic import choices, is_told  # noqa: E402

X, Y = (np.random.default_rng(k).normal(size=3).astype(np.float32) for k in range(2))
Zero = jax.custom_derivatives.SymbolicZero


def keep(x, y):
    return jnp.sin(x.value) * y.value, (x.value, y.value, x.perturbed, y.perturbed)


def right(kept, u):
    x, y, *_ = kept
    return u * jnp.cos(x) * y, u * jnp.sin(x)


def half_where_alone(x, y):
    value, kept = keep(x, y)
    return value, (*kept[:2], 1.0 if x.perturbed and y.perturbed else 0.5)


def half(kept, u):
    return tuple(kept[2] * g for g in right(kept, u))


def test_a_rule_that_is_another_where_an_argument_is_a_constant():
    """Where both are differentiated it is right."""
    report = check_gradients(told(half_where_alone, half), X, Y, neighbours=0)
    assert {t.verdict for t in report.tensors.values()} == {Verdict.CORRECT}
    (problem,) = report.problems
    assert (problem.verdict, problem.tensor) == (Verdict.WRONG, "x")
    assert problem.sentence.startswith("with only x differentiated, the gradient of x differs")


def test_forward_rules_are_asked_as_well():
    """A tangent may be no more than a promise of zero."""
    made = jax.custom_jvp(lambda x, y: x * y)

    def rule(primals, tangents):
        (x, y), (dx, dy) = primals, tangents
        if isinstance(dx, Zero):
            return x * y, 2 * x * dy
        return x * y, y * dx if isinstance(dy, Zero) else x * dy + y * dx

    made.defjvp(rule, symbolic_zeros=True)
    (problem,) = check_gradients(jax.jit(made), X, Y, neighbours=0).problems
    assert problem.sentence.startswith("with only y differentiated, the gradient of y differs")


@pytest.mark.parametrize(
    ("backward", "verdict"),
    [
        (lambda x, u: (u[0] * jnp.cos(x) - u[1] * jnp.sin(x),), Verdict.BROKEN),
        (lambda x, u: (jnp.zeros_like(x) if any(isinstance(v, Zero) for v in u) else u[0] * x,), Verdict.WRONG),
    ],
)
def test_a_rule_that_forgets_that_an_output_may_be_of_no_use(backward, verdict):
    """It raises, or returns something else."""

    def f(x):
        return (jnp.sin(x), jnp.cos(x)) if verdict is Verdict.BROKEN else (x**2 / 2, jnp.ones_like(x))

    made = jax.custom_vjp(f)
    made.defvjp(lambda x: (f(x.value), x.value), backward, symbolic_zeros=True)
    (problem,) = check_gradients(made, X, neighbours=0).problems
    assert problem.verdict is verdict
    assert problem.sentence.startswith("where only output 0 is used")


def test_right_ones_pass_and_others_are_not_asked():
    """At no further cost where no rule is told anything."""
    report = check_gradients(told(keep, right), X, Y, neighbours=0)
    assert (report.verdict, report.problems) == (Verdict.CORRECT, ())
    plain = check_gradients(product(1.0), X, Y, neighbours=0)
    assert report.gradients == plain.gradients + 3
    assert is_told(jax.jit(lambda x: told(keep, right)(x, x))) is False  # made within, out of reach
    rule = told(keep, right)
    assert is_told(lambda x: rule(x, x))
    assert is_told(jax.jit(jax.vmap(rule)))
    assert not is_told(product(1.0))


def test_choices():
    """Of two, all but one is one alone."""
    assert [*choices(1)] == []
    assert [*choices(2)] == [[0], [1]]
    assert [*choices(3)] == [[0], [1], [2], [1, 2], [0, 2], [0, 1]]
