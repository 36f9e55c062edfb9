"""What is a program of JAX, and when is it the same as one that was met in another check?"""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

from models.jaxes.rules import with_backward  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.jax import programs  # noqa: E402
from gradcheck._adapters.jax.programs import MEETINGS, MOST, Program, met  # noqa: E402

X = np.linspace(0.3, 1.1, 5).astype(np.float32)


@pytest.fixture(autouse=True)
def _nothing_was_met(monkeypatch):
    monkeypatch.setattr(programs, "_MET", type(programs._MET)())


def of(f):
    return Program.of(lambda arrays: [f(*arrays)], [[X]])


def test_it_runs_step_by_step_and_compiled():
    program = of(lambda x: jnp.sin(x) * 2)
    for run in (program.stepwise, program.compiled):
        assert np.allclose(run(jnp.asarray(X))[0], 2 * np.sin(X), rtol=1e-6)
    assert program.size == 2


def test_what_a_function_reads_besides_its_arguments_makes_another_program():
    """A number, an array of JAX, one of NumPy: as they are when it is traced."""
    held = {"scale": 2.0, "jax": jnp.ones(5), "numpy": np.ones(5, np.float32)}

    def f(x):
        return x * held["scale"] * held["jax"] * held["numpy"]

    first = of(f)
    assert first.is_like(of(f))
    for name, other in {
        "scale": 2.0 + 1e-6,
        "jax": jnp.ones(5).at[3].set(1 + 1e-6),
        "numpy": 2 * held["numpy"],
    }.items():
        before = held[name]
        held[name] = other
        assert not first.is_like(of(f)), name
        held[name] = before
    assert first.is_like(of(f))


def test_a_program_is_met_again_in_another_function():
    """As often as it is traced; often enough, it is compiled."""
    for count in range(1, MEETINGS + 3):
        known = met(of(lambda x: jnp.sin(x) * 2))
        assert (known.times, known.often) == (count, count > MEETINGS)
    assert met(of(lambda x: jnp.sin(x) * 3)).times == 1


def test_the_same_text_with_other_constants_is_another_program():
    ones, twos = jnp.ones(5), 2 * jnp.ones(5)
    assert met(of(lambda x: x * ones)).times == 1
    assert met(of(lambda x: x * ones)).times == 2
    known = met(of(lambda x: x * twos))
    assert known.times == 1
    assert np.allclose(known.program.stepwise(jnp.asarray(X))[0], 2 * X)


def test_what_calls_python_or_holds_arrays_of_numpy_is_not_remembered():
    """Two functions of Python look alike, and JAX may take a constant of NumPy in another precision for its own."""
    shape = jax.ShapeDtypeStruct((5,), np.float32)
    for scale in (2.0, 3.0):
        f = lambda x, scale=scale: jax.pure_callback(lambda a: np.asarray(a) * np.float32(scale), shape, x)  # noqa: E731
        known = met(of(f))
        assert known.times == 0
        assert np.allclose(known.program.stepwise(jnp.asarray(X))[0], scale * X)
    assert not programs._MET


def test_so_many_are_remembered():
    for k in range(MOST + 5):
        met(of(lambda x, k=k: x * (k + 0.5)))
    assert len(programs._MET) == MOST


def test_a_rule_of_the_users_own_is_not_taken_for_granted():
    """The function is the same, and its backward is wrong the second time; it is traced in every check."""
    factor = {"now": 1.0}
    f = with_backward(jnp.sin, lambda x: (jnp.sin(x), x), lambda x, u: (u * jnp.cos(x) * factor["now"],))
    for _ in range(2 * MEETINGS):
        assert check_gradients(f, jnp.asarray(X)).verdict is Verdict.CORRECT
    factor["now"] = 1.0001
    report = check_gradients(f, jnp.asarray(X))
    assert {tensor for tensor, result in report.tensors.items() if result.wrong} == {"x"}
    factor["now"] = 1.0
    assert check_gradients(f, jnp.asarray(X)).verdict is Verdict.CORRECT


def test_a_function_that_changes_between_checks_is_seen_to():
    """Its gradient is JAX's own, and that of the function as it is now."""
    power = {"now": 2}

    def f(x):
        return jnp.sum(x ** power["now"])

    for now in (*[2] * (MEETINGS + 2), 3, 2):
        power["now"] = now
        report = check_gradients(f, jnp.asarray(X))
        assert report.verdict is Verdict.CORRECT
        claims = report.tensors["x"].claims
        assert np.allclose(claims, now * X.astype(np.float64) ** (now - 1), rtol=1e-5)


@pytest.mark.parametrize("f", [jax.nn.relu, jnp.sin])
def test_no_rule_is_overlooked(f):
    """Only what is made of JAX's own steps says all of its derivatives."""
    assert of(f).plain == (f is jnp.sin)
