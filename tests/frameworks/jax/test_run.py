"""How is a function of JAX called thousands of times? Compiled, where that hides nothing."""

from __future__ import annotations

import time

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

from models.jaxes.rules import with_backward  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.jax import programs  # noqa: E402
from gradcheck._adapters.jax.run import Runner, alike  # noqa: E402

X = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)

MANY = jnp.linspace(-1.0, 1.0, 40)  # entries, for which it pays to compile

EPS = float(np.finfo(np.float32).eps)


def verdicts(report):
    return {name: t.verdict.name for name, t in report.tensors.items()}


def right(*names):
    return dict.fromkeys(names, "CORRECT")


def test_an_impure_function_is_found_broken():
    """Compiling would freeze the number of calls, and hide it."""
    calls = []

    def f(x):
        calls.append(1)
        return x * len(calls)

    report = check_gradients(f, jnp.array(X))
    assert report.verdict is Verdict.BROKEN
    assert "changes from call to call" in report.problems[0].sentence


def test_an_impure_backward_is_found_broken():
    """Its gradients accumulate."""
    kept = []

    def backward(x, u):
        kept.append(u)
        return (jnp.cos(x) * sum(kept),)

    report = check_gradients(with_backward(jnp.sin, lambda x: (jnp.sin(x), x), backward), jnp.array(X))
    assert report.verdict is Verdict.BROKEN
    assert "the gradient of x changes from call to call" in report.problems[0].sentence


def test_a_function_is_compiled_once_for_each_precision():
    """Python sees it a few times, however many evaluations there are."""
    calls = []

    def f(x):
        calls.append(1)
        return jnp.sin(x)

    report = check_gradients(f, MANY)
    assert report.evaluations > 100
    assert len(calls) < 20


def test_a_short_function_of_few_entries_is_run_as_it_stands():
    """To compile it takes longer; its backward is traced, for each call as it stands would take long."""
    calls, backwards = [], []

    def backward(x, u):
        backwards.append(1)
        return (u * jnp.cos(x),)

    def forward(x):
        calls.append(1)
        return jnp.sin(x), x

    f = with_backward(jnp.sin, forward, backward)
    report = check_gradients(lambda x: calls.append(0) or f(x) * 2, jnp.array(X))
    assert report.verdict is Verdict.CORRECT
    assert calls.count(0) >= report.evaluations
    assert len(backwards) < report.gradients


def test_a_slow_function_of_few_entries_is_compiled():
    """What takes five milliseconds as it stands, as a solver of an equation does that is made anew at each call."""
    calls = []

    def f(x):
        calls.append(1)
        until = time.thread_time() + 0.006
        while time.thread_time() < until:
            pass
        return jnp.sin(x)

    report = check_gradients(f, jnp.array(X))
    assert report.evaluations > 40
    assert len(calls) < 20


@pytest.mark.parametrize("loop", ["scan", "while", "cond"])
def test_a_loop_is_compiled_once_and_not_at_each_call(loop):
    calls = []

    def f(x):
        calls.append(1)
        step = lambda c: jnp.sin(c) + x  # noqa: E731  one line each
        if loop == "scan":
            return jax.lax.scan(lambda c, _: (step(c), None), x, None, length=3)[0]
        if loop == "while":
            return jax.lax.fori_loop(0, 3, lambda _, c: step(c), x)
        return jax.lax.cond(jnp.sum(x) > 0, step, lambda c: c * x, x)

    report = check_gradients(f, jnp.array(X))
    assert verdicts(report) == right("x")
    assert len(calls) < 40


def test_python_that_looks_at_values_is_run_without_compiling():
    """It is said, and the verdict is the same."""

    def f(x):
        return jnp.sum(x**2) if x[0] > -100 else jnp.sum(x)

    report = check_gradients(f, MANY)
    assert verdicts(report) == right("x")
    assert any("jax.jit cannot trace it (TracerBoolConversionError)" in note for note in report.notes)


def test_random_numbers_of_numpy_are_put_back():
    """The function is not compiled, or it would draw but once, and its generator is pinned."""
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    report = check_gradients(lambda x: x * rng.normal(size=40).astype(np.float32), MANY)
    assert verdicts(report) == right("x")
    assert any("when it is called again" in note for note in report.notes)
    assert rng.bit_generator.state == before


def test_what_cannot_be_compiled_says_why():
    """What it returns is what the function itself returns; what is made of it cannot be compiled either."""
    count = iter(range(100))
    changes = Runner(lambda a: [a[0] * next(count)], EPS)
    looks = Runner(lambda a: [a[0] if a[0][0, 0] > -9 else -a[0]], EPS)
    traced = Runner(lambda a: [a[0] * (2.0 if isinstance(a[0], jax.core.Tracer) else 1.0)], EPS)
    for runner in (changes, looks, traced):
        runner([X])
    assert changes.why == "it returns something else when it is called again"
    assert looks.why == "jax.jit cannot trace it (TracerBoolConversionError)"
    assert traced.why == "compiled by jax.jit it returns something else"
    assert np.array_equal(traced([X])[0], X)
    above = Runner(lambda a: a, EPS, before=traced)
    above([X])
    assert (above.why, above.safe) == (traced.why, False)


def test_what_can_be_compiled_is_called_no_more():
    """The third time it is run, Python does not see it; and again once it is to forget."""
    calls = []

    def f(arrays):
        calls.append(1)
        return [jnp.sin(arrays[0])]

    runner = Runner(f, EPS)
    runner([X])
    seen = len(calls)
    assert (runner.safe, runner.why, runner.compiled) == (True, "", True)
    assert seen <= 3  # as it stands, traced, and as it stands again where that differs by a rounding
    assert np.allclose(runner([2 * X])[0], np.sin(2 * X), rtol=1e-6)
    assert len(calls) == seen
    runner.forget()
    runner([X])
    assert len(calls) == seen + 1


def test_a_glance_is_taken_as_it_stands():
    """In a precision that is not measured in, so many calls are not worth tracing."""
    calls = []
    runner = Runner(lambda a: calls.append(1) or [jnp.sin(a[0])], EPS)
    runner.forget(glances=2)
    for count in (1, 2):
        runner([X])
        assert (len(calls), runner.decided) == (count, False)
    runner([X])
    assert runner.decided


def test_few_calls_of_a_derivative_are_made_step_by_step(monkeypatch):
    """It is traced and not compiled; a function that is short is not even run from its trace."""
    monkeypatch.setattr(programs, "_MET", type(programs._MET)())
    above = Runner(lambda a: [jnp.sin(a[0])], EPS, few=True, stepwise=False)
    runner = Runner(lambda a: [jnp.cos(a[0])], EPS, few=True, before=above)
    for one in (above, runner):
        one([X])
        assert (one.decided, one.compiled, one.why) == (True, False, "")
    assert above.program is None
    assert runner.program is not None
    assert np.allclose(runner([X])[0], np.cos(X), rtol=1e-6)


def test_a_model_that_is_pure_is_taken_at_its_word():
    """Unless it is traced to two different programs: constants count."""
    count = iter(range(100))
    assert Runner(lambda a: [a[0] * 2], EPS, pure=True)._steady([X])
    assert not Runner(lambda a: [a[0] * next(count)], EPS, pure=True)._steady([X])
    assert not Runner(lambda a: [a[0] * np.full(3, next(count), np.float32)], EPS, pure=True)._steady([X])
    assert not Runner(lambda a: [a[0] * 2], EPS)._steady([X])


def test_what_an_exception_of_the_users_own_is():
    """It is raised as it is, the first time and later; not what tracing made of it."""

    def fails(arrays):
        raise RuntimeError if isinstance(arrays[0], jax.core.Tracer) else ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Runner(fails, EPS)([X])
    runner = Runner(fails, EPS)
    runner.safe = True
    with pytest.raises(ZeroDivisionError):
        runner([X])


def test_arrays_that_are_not_finite_may_be_alike():
    """Where both are not; their finite entries say how large they are."""
    a = np.array([1.0, np.nan, np.inf])
    assert alike([a], [a + 1e-3], lambda _: 0.01)
    assert not alike([a], [a + 1e-3], lambda _: 1e-4)
    assert not alike([a], [np.array([1.0, 2.0, np.inf])], lambda _: 1.0)
    assert not alike([a], [a, a], lambda _: 1.0)
    assert not alike([a], [a[:2]], lambda _: 1.0)
