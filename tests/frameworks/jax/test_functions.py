"""Are functions of JAX taken as they are? Pytrees, custom rules, every dtype, compiled where that hides nothing."""

from __future__ import annotations

import functools

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

from models.jaxes.rules import product, sine, with_backward  # noqa: E402

from gradcheck import GradientError, InputError, Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.jax.functions import oracle  # noqa: E402
from gradcheck._options import Options  # noqa: E402
from gradcheck._results.errors import CallError  # noqa: E402

X = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
KEY = 0
OPTIONS = Options()


def verdicts(report):
    return {name: t.verdict.name for name, t in report.tensors.items()}


def right(*names):
    return dict.fromkeys(names, "CORRECT")


# ------------------------------------------------------------------------------------- right and wrong


def test_a_wrong_custom_vjp_is_found_by_name():
    """The gradient of y alone is wrong, and each of its entries is named."""
    report = check_gradients(product(2.0), jnp.array(X), jnp.array(X) + 1)
    assert verdicts(report) == {"x": "CORRECT", "y": "WRONG"}
    assert len(report.wrong) == X.size
    assert any("exactly twice" in sentence for sentence in report.diagnosis)


def test_a_right_custom_vjp_passes():
    """It is measured in float64 though it was given float32."""
    report = check_gradients(product(1.0), jnp.array(X), jnp.array(X) + 1)
    assert verdicts(report) == right("x", "y")
    assert any("measured in float64" in note for note in report.notes)


def test_a_wrong_custom_jvp_is_found_in_reverse_and_forward():
    """Reverse mode is its transpose, so both are wrong."""
    report = check_gradients(sine(1.01), jnp.array(X), jvp=True)
    assert report.tensors["x"].verdict is Verdict.WRONG
    assert any("forward mode says" in problem.sentence for problem in report.problems)
    assert check_gradients(sine(1.0), jnp.array(X), jvp=True).verdict is Verdict.CORRECT


def test_a_kink_is_not_judged():
    """At zero the slopes of a ReLU differ, and JAX takes one of them."""
    assert check_gradients(jax.nn.relu, jnp.array([-1.0, 0.0, 1.0])).verdict is Verdict.KINK


# ------------------------------------------------------------------------------------------- arguments


def test_numpy_labels_in_a_closure_do_not_keep_a_function_from_float64():
    """JAX remembers their dtype for as long as a compiled function lives; ours are gone when another is needed."""
    labels = np.array([0, 2])
    report = check_gradients(lambda x: jax.nn.log_softmax(x)[np.arange(2), labels], jnp.array(X))
    assert any("measured in float64" in note for note in report.notes)
    assert jax.jit(lambda x: x[labels])(X.T).shape == (2, 2)


NUMBERS = {"a float": 2.0, "a number of NumPy": np.float32(2.0), "no axes": jnp.float32(2.0), "NumPy": X.astype(float)}


@pytest.mark.parametrize("x", NUMBERS.values(), ids=NUMBERS)
def test_numbers_and_arrays_of_numpy_are_differentiated(x):
    """A function that names JAX is one of JAX."""
    assert verdicts(check_gradients(lambda x: jnp.sin(x) * x, x)) == right("x")


def test_a_function_of_numpy_is_none_of_jax():
    """It is told to bring a gradient, although JAX happens to be imported."""
    with pytest.raises(InputError, match="has no claimed gradient"):
        check_gradients(lambda x: x * x, X)


def test_integers_alone_are_refused():
    """They cannot be moved by a small step."""
    with pytest.raises(InputError, match=r"i is an integer array \(int32\).*`i\.astype\(float\)`"):
        check_gradients(lambda i: 2 * i, jnp.arange(3))


def test_a_loss_goes_on_top():
    """It is a function of what the other returns; a layer of NumPy is none that JAX can differentiate."""
    x = jnp.array(X)
    report = check_gradients(lambda x, y: (x * y, y), x, x + 1, loss=lambda out: jnp.sum(out[0] ** 2 * out[1]))
    assert verdicts(report) == right("x", "y")
    with pytest.raises(InputError, match="loss= must be a function of the outputs"):
        check_gradients(jnp.sin, x, loss=3)


# ---------------------------------------------------------------------------------------------- dtypes

Z = X + 1j * X[::-1]


def test_complex_arrays_are_two_real_ones():
    """Whether the function is holomorphic or real, the slopes along both parts are those that JAX means."""
    assert verdicts(check_gradients(lambda z: jnp.exp(z) * z, jnp.array(Z))) == right("z.real", "z.imag")
    real = check_gradients(lambda z: jnp.sum(jnp.abs(z) ** 2 + z.imag * z.real**2), jnp.array(Z))
    assert verdicts(real) == right("z.real", "z.imag")
    assert verdicts(check_gradients(lambda z: jnp.abs(z) ** 2, 1.5 + 2j)) == right("z.real", "z.imag")


def test_a_conjugate_too_many_is_found():
    """JAX's backward of a holomorphic function multiplies by the derivative itself."""

    def square(back):
        return with_backward(lambda z: z * z, lambda z: (z * z, z), lambda z, u: (2 * u * back(z),))

    wrong = check_gradients(square(jnp.conj), jnp.array(Z))
    assert verdicts(wrong) == {"z.real": "WRONG", "z.imag": "WRONG"}
    assert verdicts(check_gradients(square(lambda z: z), jnp.array(Z))) == right("z.real", "z.imag")


# --------------------------------------------------------------------------------------------- compiled


def test_a_function_is_compiled_and_not_run_again():
    """After the first few evaluations of a hundred small arrays Python sees none of them any more."""
    seen = []

    def f(p):
        seen.append(len(p))
        return sum(jnp.sum(jnp.tanh(w)) for w in p.values())

    made = oracle(f, ({f"w{k}": jnp.ones((4, 4)) for k in range(100)},), OPTIONS)
    point = {name: array.astype(float) for name, array in made.point.items()}
    for _ in range(4):  # the first ones are not compiled
        made.value(point)
    before = len(seen)
    for _ in range(20):
        made.value(point)
    assert len(seen) == before


def test_what_is_given_back_is_no_part_of_what_was_given():
    """The arrays are moved in place between the calls, and so may be what was returned."""
    made = oracle(lambda x: x, (jnp.array(X),), OPTIONS)
    for dtype in (np.float32, np.float64):
        point = {"x": X.astype(dtype)}
        values = [made.value(point) for _ in range(4)]  # the first ones are not compiled
        gradients = [made.gradient(point)["x"] for _ in range(4)]
        point["x"][...] = 0
        assert all(value.any() for value in values)
        for gradient in gradients:
            np.multiply(gradient, 2, out=gradient)  # exact, as adding to a cotangent of full mantissas is not
        assert made.gradient(point)["x"].tolist() == (gradients[0] / 2).tolist()


# ------------------------------------------------------------------------------------------- exceptions


def test_what_the_function_raises_is_the_users_own():
    """Not what tracing made of it."""

    def f(x):
        message = "no luck"
        raise ValueError(message)

    with pytest.raises(CallError, match="the function raised ValueError: no luck") as caught:
        check_gradients(f, jnp.array(X))
    assert isinstance(caught.value.__cause__, ValueError)


def test_what_a_backward_raises_is_quoted():
    """A backward is called when the gradient is asked for."""

    def backward(x, u):
        message = "not written yet"
        raise NotImplementedError(message)

    f = with_backward(jnp.sin, lambda x: (jnp.sin(x), x), backward)
    with pytest.raises(CallError, match="the gradient function raised NotImplementedError: not written yet"):
        check_gradients(f, jnp.array(X))


def test_a_loop_of_unknown_length_has_no_reverse_mode():
    """JAX says why."""

    def f(x):
        return jax.lax.while_loop(lambda state: state[0] < 3, lambda state: (state[0] + 1, 2 * state[1]), (0, x))[1]

    with pytest.raises(GradientError, match="Reverse-mode differentiation does not work"):
        check_gradients(f, jnp.array(X))


# ---------------------------------------------------------------------------------------------- outputs


def test_a_detached_output_is_wrong_unless_that_is_meant():
    """A stop_gradient hides that it moves."""

    def f(x):
        return {"y": x**2, "target": jax.lax.stop_gradient(x)}

    report = check_gradients(f, jnp.array(X))
    assert report.verdict is Verdict.WRONG
    assert [problem.tensor for problem in report.problems] == ["target"]
    assert check_gradients(f, jnp.array(X), detached="target").verdict is Verdict.CORRECT


# ------------------------------------------------------------------------------------ claims by keyword


def test_a_mask_that_is_not_finite_is_no_variable():
    """It is held fixed, and that is said; alone its other entries are checked."""
    mask = jnp.array([0.0, 0.0, -jnp.inf])
    report = check_gradients(lambda x, mask: jax.nn.softmax(x + mask), jnp.arange(3.0), mask)
    assert {*report.tensors} == {"x"}
    assert any("not finite" in note and "mask" in note for note in report.notes)
    alone = check_gradients(jax.nn.softmax, mask)
    assert (alone.verdict, alone.checked) == (Verdict.CORRECT, 2)
    with pytest.raises(InputError, match="is -inf at the given point"):
        check_gradients(jax.nn.softmax, mask[2:])


def test_settings_of_a_rule_are_no_variables():
    """nondiff_argnums of a rule, static_argnums of a compiled function: no number there is traced, by keyword too."""

    @functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
    def above(x, low):
        return jnp.maximum(x, low)

    above.defvjp(lambda x, low: (jnp.maximum(x, low), x), lambda low, x, dy: (2 * dy * (x > low),))
    x = jnp.array([1.0, -1.0])
    for report in (check_gradients(above, x, 0.1, loss=jnp.sum), check_gradients(above, x, low=0.1, loss=jnp.sum)):
        assert {name: t.verdict for name, t in report.tensors.items()} == {"x": Verdict.WRONG}
    power = jax.jit(lambda x, n: x**n if n > 2.5 else x, static_argnums=1)
    assert {*check_gradients(power, jnp.array([1.0, 2.0]), 3.0).tensors} == {"x"}
    assert {*check_gradients(power, jnp.array([1.0, 2.0]), n=3.0).tensors} == {"x"}


def test_keys_that_jax_cannot_sort_are_no_matter_to_numpy():
    """A function of NumPy arrays is checked though JAX was imported; one of JAX is refused, with what to do."""

    def cost(p):
        return (p[1] ** 2).sum() + (p["1"] ** 3).sum()

    x = np.ones(3)
    report = check_gradients(
        lambda p: float(cost(p)), {1: x, "1": x}, grad=lambda p: {1: 2 * p[1], "1": 3 * p["1"] ** 2}
    )
    assert str(report.verdict) == "CORRECT"
    with pytest.raises(InputError, match="it sorts the keys of a dict: make all of them strings"):
        check_gradients(cost, {1: jax.numpy.ones(3), "1": jax.numpy.ones(3)})
