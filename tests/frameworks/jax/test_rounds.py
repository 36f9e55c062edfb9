"""The loops of a program of JAX are counted, wherever they stand in it, and a check of a solver makes use of that."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
import jax.numpy as jnp  # noqa: E402

from gradcheck import check_gradients  # noqa: E402
from gradcheck._adapters.jax.precision import double  # noqa: E402
from gradcheck._adapters.jax.rounds import counting, may_not_end, seen  # noqa: E402


def halved(x):
    """Go round as often as it takes to get below one."""
    return jax.lax.while_loop(lambda x: jnp.abs(x) > 1, lambda x: x / 2, x)


ruled = jax.custom_jvp(halved)
ruled.defjvp(lambda x, dx: (halved(*x), dx[0] / 8))


def doubly(x):
    """A loop in a loop: three rounds, in each of which there are two more."""
    return (
        jax.lax.while_loop(
            lambda c: c[0] < 3,
            lambda c: (c[0] + 1, jax.lax.while_loop(lambda n: n < 2, lambda n: n + 1, 0) + c[1]),
            (0, 0),
        )[1]
        + x
    )


def gradients(x):
    """Solve a system by conjugate gradients."""
    A = jnp.array([[4.0, 1.0], [1.0, 3.0]])
    return jax.scipy.sparse.linalg.cg(A, jnp.array([1.0, 2.0]) * x)[0]


ROUNDS = {
    "a loop": (halved, 8.0, 3),
    "more of it": (halved, 100.0, 7),
    "compiled": (jax.jit(halved), 8.0, 3),
    "two of them": (lambda x: halved(x) + halved(2 * x), 8.0, 7),
    "a loop in a loop": (doubly, 1.0, 9),
    "in a scan": (lambda x: jax.lax.scan(lambda c, n: (c + halved(x * n), c), 0.0, jnp.arange(3.0))[0], 8.0, 0 + 3 + 4),
    "in a branch that is taken": (lambda x: jax.lax.cond(x > 0, halved, lambda x: x, x), 8.0, 3),
    "in one that is not": (lambda x: jax.lax.cond(x < 0, halved, lambda x: x, x), 8.0, 0),
    "of a linear system": (gradients, 1.0, 2),
    "with a rule of its own": (ruled, 8.0, 3),
    "of several at once": (lambda x: jax.vmap(halved)(x * jnp.array([1.0, 4.0])).sum(), 8.0, 3 + 5),
}


@pytest.mark.parametrize("name", ROUNDS)
def test_loops_are_counted_wherever_they_stand(name):
    """Each round is one, those within it besides."""
    f, x, rounds = ROUNDS[name]
    with double(True):
        assert int(counting(jax.make_jaxpr(f)(x))(x)) == rounds


def test_where_there_is_no_loop_nothing_is_counted():
    """A scan is as long everywhere."""
    assert counting(jax.make_jaxpr(lambda x: jax.lax.scan(lambda c, n: (c * n, c), x, jnp.arange(3.0))[0])(1.0)) is None


def test_a_program_that_calls_python_does_not_show_its_loops():
    """There may be a solver in what is called."""
    given = jax.ShapeDtypeStruct((), np.float32)
    assert not seen(jax.make_jaxpr(lambda x: jax.pure_callback(lambda x: x, given, x))(1.0))
    assert seen(jax.make_jaxpr(jax.jit(halved))(1.0))


def solved(a, tolerance):
    """Iterate z = cos(a z) / 2 until it hardly changes."""

    def on(c):
        z, before, n = c
        return (jnp.max(jnp.abs(z - before)) > tolerance) & (n < 200)

    start = (jnp.ones(2), jnp.zeros(2), 0)
    return jax.lax.while_loop(on, lambda c: (jnp.cos(a * c[0]) / 2, c[0], c[2] + 1), start)[0]


def implicit(tolerance, factor=1.0):
    """Return the solution, with the derivative of the exact one."""
    f = jax.custom_vjp(lambda a: solved(a, tolerance))

    def back(kept, u):
        a, z = kept
        s = jnp.sin(a * z) / 2
        return (-factor * u * s * z / (1 + s * a),)

    f.defvjp(lambda a: (f(a), (a, f(a))), back)
    return f


@pytest.mark.parametrize(
    ("tolerance", "factor", "verdict"),
    [(1e-12, 1.1, "WRONG"), (1e-5, 1.3, "WRONG"), (1e-12, 1.0, "CORRECT"), (1e-5, 1.0, "CORRECT")],
)
def test_a_solver_is_judged_within_what_its_tolerance_leaves(tolerance, factor, verdict):
    """A wrong derivative is found all the same, and no loop is gone through in Python for more than its tolerance."""
    report = check_gradients(implicit(tolerance, factor), np.array([0.3, 0.7]))
    assert str(report.verdict) == verdict


def within(f):
    """Return a function that calls another one in each step of a scan."""
    return lambda x: jax.lax.scan(lambda c, _: (f(c), None), x, None, length=2)[0]


@pytest.mark.parametrize(
    ("f", "endless"),
    [(halved, True), (within(halved), True), (doubly, False), (jnp.sin, False), (within(jnp.sin), False)],
)
def test_a_loop_that_ends_by_a_number_with_a_fraction_may_not_end(f, endless):
    """One that counts ends; wherever it stands."""
    assert may_not_end(jax.make_jaxpr(f)(5.0).jaxpr) is endless


def test_a_loop_whose_test_reads_a_key_is_looked_into():
    """A key is no number."""

    def draws(x):
        key = jax.random.key(0)
        return jax.lax.while_loop(lambda k: jax.random.bits(k) > 99, lambda k: jax.random.split(k)[0], key) is x

    assert not may_not_end(jax.make_jaxpr(lambda x: x + 0 * bool(draws(x)))(5.0).jaxpr)
