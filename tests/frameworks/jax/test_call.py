"""What is a call to JAX, as a function of a flat dict of arrays? Its second derivative, forward mode, many at once."""

from __future__ import annotations

import math

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

from models.jaxes.rules import product, with_backward  # noqa: E402

from gradcheck import InputError, Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.jax import programs, run  # noqa: E402
from gradcheck._adapters.jax.functions import oracle  # noqa: E402
from gradcheck._options import Options  # noqa: E402

X = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)


def verdicts(report):
    return {name: t.verdict.name for name, t in report.tensors.items()}


def right(*names):
    return dict.fromkeys(names, "CORRECT")


def test_a_wrong_second_derivative_is_found():
    """The backward is right, but detached from x, so that its own derivative is lost."""
    detached = with_backward(
        jnp.sin, lambda x: (jnp.sin(x), jax.lax.stop_gradient(jnp.cos(x))), lambda kept, u: (u * kept,)
    )
    report = check_gradients(detached, jnp.array(X), order=2)
    assert verdicts(report) == {"x": "CORRECT", "order 2: x": "WRONG", "order 2: cotangent": "CORRECT"}
    report = check_gradients(jnp.sin, jnp.array(X), order=2, jvp=True)
    assert verdicts(report) == right("x", "order 2: x", "order 2: cotangent")
    assert report.tensors["order 2: cotangent"].kind == "cotangent"


def test_many_cotangents_at_once_agree_with_each():
    """A backward that looks at all of a batch is right for one cotangent, and wrong under vmap."""
    batchless = jax.custom_batching.custom_vmap(lambda u: u)
    batchless.def_vmap(lambda size, batched, u: (jnp.flip(u, axis=0), True))
    wrong = with_backward(jnp.sin, lambda x: (jnp.sin(x), x), lambda kept, u: (batchless(u) * jnp.cos(kept),))
    report = check_gradients(wrong, jnp.array(X), batched=True)
    assert report.tensors["x"].verdict is Verdict.CORRECT
    assert [problem.tensor for problem in report.problems] == ["x"]
    assert "under jax.vmap" in report.problems[0].sentence
    assert check_gradients(jnp.sin, jnp.array(X), batched=True).verdict is Verdict.CORRECT


def test_a_custom_vjp_has_no_forward_mode():
    """JAX's own message is the cause."""
    with pytest.raises(InputError, match=r"jvp=True: .* has no forward mode, JAX says TypeError") as caught:
        check_gradients(product(1.0), jnp.array(X), jnp.array(X), jvp=True)
    assert "custom_vjp" in str(caught.value.__cause__)


def test_the_point_is_flat_and_its_gradient_has_its_names():
    """Of the function of the arrays, and of its gradient, in which the cotangent is one of them."""
    args = ({"w": jnp.array(X)}, jnp.float32(2.0))
    first = oracle(lambda p, s: {"y": p["w"] * s}, args, Options())
    assert {*first.point} == {"p.w", "s"}
    assert np.allclose(first.value(first.point), 2 * X.ravel())
    assert np.allclose(first.gradient(first.point)["p.w"], 2 * first.cotangent.reshape(X.shape))
    assert first.kinds == {"p.w": "weight", "s": "input"}
    second = oracle(lambda p, s: {"y": p["w"] * s}, args, Options(order=2))
    assert {*second.point} == {"p.w", "s", "cotangent"}
    assert second.kinds["cotangent"] == "cotangent"
    assert second.cotangent.size == X.size + 1


def test_the_second_derivative_of_one_output_and_of_several():
    """Each has a cotangent of its own, which the gradient is linear in."""
    for f, outputs in (lambda x: jnp.sum(x**3), 1), (lambda x: (x**2, {"sum": jnp.sum(x**3)}), X.size + 1):
        report = check_gradients(f, jnp.array(X), order=2)
        assert verdicts(report) == right("x", "order 2: x", "order 2: cotangent")
        assert report.tensors["order 2: cotangent"].counts[Verdict.CORRECT] == outputs


def test_what_is_not_asked_for_is_not_made():
    """Neither forward mode nor many cotangents; what has no gradient is named in the notes."""
    made = oracle(lambda x: (x**2, jnp.argmax(x)), (jnp.array(X),), Options())
    assert made.push is None
    assert made.examine is None
    assert made.notes == ("integers have no gradient, and were left out of the outputs: [1]",)
    assert oracle(jnp.sin, (jnp.array(X),), Options(jvp=True, batched=True)).push is not None


@pytest.mark.parametrize(
    ("output", "said"),
    [(None, "a NoneType"), ("low", "a str"), (jnp.arange(3), "an array of int")],
    ids=["none", "text", "whole numbers"],
)
def test_what_is_no_array_of_floats_is_refused_by_what_it_is(output, said):
    """Not by what is made of it."""
    with pytest.raises(InputError, match=f"returned {said}.* where an array of floats is needed"):
        check_gradients(lambda x: output, jnp.ones(3))


def test_what_was_traced_is_kept_until_the_last_guard_ends(monkeypatch):
    """The look whether f takes float64 has one within that of the check: each is traced once, f and its pullback."""
    monkeypatch.setattr(programs, "_MET", type(programs._MET)())
    monkeypatch.setattr(run, "SLOW", math.inf)
    traced = []

    def f(x):
        traced.append(isinstance(x, jax.core.Tracer))
        return jnp.sum(jnp.sin(x) * x)

    made = oracle(f, (jnp.array(X),), Options())
    with made.guard():
        with made.guard():
            made.value({"x": X.astype(np.float64)})
        made.value({"x": X.astype(np.float64)})
        assert sum(traced) == 1
    with made.guard():
        made.value({"x": X.astype(np.float64)})
    assert sum(traced) == 2
    traced.clear()
    assert verdicts(check_gradients(f, jnp.array(X))) == right("x")
    assert sum(traced) == 3  # and once more where its claim in float32 is asked for, as it stands
