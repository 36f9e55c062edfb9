"""Are functions of JAX taken as they are? Pytrees, custom rules, every dtype, compiled where that hides nothing."""

from __future__ import annotations

import dataclasses
import functools
import time
from typing import Any, NamedTuple

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

from gradcheck import GradientError, InputError, Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.jax.functions import oracle  # noqa: E402
from gradcheck._options import Options  # noqa: E402
from gradcheck._results.errors import CallError  # noqa: E402

X = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
KEY = 0
OPTIONS = Options()


@pytest.fixture(autouse=True, scope="module")
def _float64():
    """Leave JAX in float32, as most of its users have it, and see that a check leaves it so."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", False)
    yield
    assert not jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", before)


def verdicts(report):
    return {name: t.verdict.name for name, t in report.tensors.items()}


def right(*names):
    return dict.fromkeys(names, "CORRECT")


def with_backward(f, forward, backward):
    """Return f with a derivative written by hand."""
    made = jax.custom_vjp(f)
    made.defvjp(forward, backward)
    return made


def product(factor):
    """The sine of x times y, the gradient of y times a factor."""
    return with_backward(
        lambda x, y: jnp.sin(x) * y,
        lambda x, y: (jnp.sin(x) * y, (x, y)),
        lambda kept, u: (u * jnp.cos(kept[0]) * kept[1], factor * u * jnp.sin(kept[0])),
    )


def sine(factor):
    """The sine, its tangent times a factor."""
    made = jax.custom_jvp(jnp.sin)
    made.defjvp(lambda x, v: (jnp.sin(x[0]), factor * v[0] * jnp.cos(x[0])))
    return made


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


def test_the_second_derivative_of_one_output_and_of_several():
    """Each has a cotangent of its own, which the gradient is linear in."""
    for f, outputs in (lambda x: jnp.sum(x**3), 1), (lambda x: (x**2, {"sum": jnp.sum(x**3)}), X.size + 1):
        report = check_gradients(f, jnp.array(X), order=2)
        assert verdicts(report) == right("x", "order 2: x", "order 2: cotangent")
        assert report.tensors["order 2: cotangent"].counts[Verdict.CORRECT] == outputs


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


# ------------------------------------------------------------------------------------------- arguments


class Pair(NamedTuple):
    w: Any
    b: Any


@dataclasses.dataclass
class Record:
    w: Any
    power: int


@dataclasses.dataclass(frozen=True)
class Opaque:
    rate: float


class Custom:
    def __init__(self, *parts):
        self.parts = parts


@pytest.fixture(scope="module", autouse=True)
def _registered():
    jax.tree_util.register_dataclass(Record, data_fields=["w"], meta_fields=["power"])
    jax.tree_util.register_pytree_node(Custom, lambda c: (c.parts, None), lambda _, parts: Custom(*parts))


def test_pytrees_of_all_kinds_have_the_names_that_users_write():
    """Named tuples, lists, dicts, dataclasses, nodes of one's own, keyword arguments; settings are left alone."""

    def f(pair, layers, record, custom, opaque, word, *, scale, flag):
        y = jnp.tanh(pair.w * pair.b) + layers[0]["w"] * layers[1] + record.w**record.power
        y = y + custom.parts[0] * custom.parts[1] * opaque.rate
        return {"y": y * scale, "n": [y[0], jnp.argmax(y)]} if flag and word == "yes" else None

    x = jnp.array(X)
    args = (Pair(x, 0.5), [{"w": x + 1}, jnp.float32(2.0)], Record(x, 2), Custom(x, 3.0), Opaque(0.1), "yes")
    report = check_gradients(f, *args, scale=2 * X, flag=True)
    names = ("pair.w", "pair.b", "layers[0].w", "layers[1]", "record.w", "custom[0]", "custom[1]", "scale")
    assert verdicts(report) == right(*names)
    assert any("left out of the outputs: n[1]" in note for note in report.notes)
    kinds = {name: report.tensors[name].kind for name in names}
    assert (kinds["pair.w"], kinds["pair.b"], kinds["custom[0]"]) == ("weight", "bias", "parameter")


def test_a_lone_dict_brings_its_own_names():
    """As everywhere, and its arrays are parameters."""
    p = {"enc": {"w": jnp.ones((3, 2)) * 0.3, "b": jnp.zeros(2)}, "x": jnp.array(X)}
    report = check_gradients(lambda p: jnp.tanh(p["x"] @ p["enc"]["w"] + p["enc"]["b"]), p)
    assert verdicts(report) == right("enc.w", "enc.b", "x")
    assert report.tensors["enc.b"].kind == "bias"


def test_two_names_that_look_alike_are_refused():
    """Each would be taken for the other."""
    p = {"a": {"b": jnp.array(X)}, "a.b": 2 * jnp.array(X)}
    with pytest.raises(InputError, match=r"both called a\.b"):
        check_gradients(lambda p: p["a"]["b"] * p["a.b"], p)


ALONE = {
    "a key": (lambda x, key: x * jax.random.normal(key, x.shape), lambda: jax.random.key(KEY)),
    "an old key": (lambda x, key: x * jax.random.normal(key, x.shape), lambda: jax.random.PRNGKey(KEY)),
    "integers": (lambda x, i: x[i] * 2, lambda: jnp.array([1, 1, 0])),
    "integers of NumPy": (lambda x, i: x[i] * 2, lambda: np.array([1, 1, 0])),
    "booleans": (lambda x, m: jnp.where(m, x, x**2), lambda: jnp.array([True, False, True])),
    "a word": (lambda x, how: x**2 if how == "square" else x, lambda: "square"),
    "a function": (lambda x, f: f(x), lambda: jnp.tanh),
    "None": (lambda x, nothing: x if nothing else x**2, lambda: None),
    "nothing in it": (lambda x, none: x**2 + jnp.sum(none), lambda: jnp.zeros((0, 2))),
}


@pytest.mark.parametrize(("f", "other"), ALONE.values(), ids=ALONE)
def test_what_has_no_gradient_is_left_alone(f, other):
    """It is handed to the function as it was given; random numbers stay what they are in float64."""
    report = check_gradients(f, jnp.array(X), other())
    assert verdicts(report) == right("x")
    assert any("measured in float64" in note for note in report.notes)


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
    with pytest.raises(InputError, match="without a claimed gradient"):
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


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "float8_e4m3fn"])
def test_each_dtype_is_measured_in_double(dtype):
    """The report names what was given, and a wrong gradient is found in it."""
    x = jnp.array(X).astype(dtype)

    def wide(x):
        return x.astype(jnp.float32) if x.dtype.itemsize == 1 else x  # eight bits have no arithmetic

    def f(factor):
        def backward(x, u):
            return ((factor * u * wide(x)).astype(x.dtype),)

        return with_backward(lambda x: wide(x) ** 2, lambda x: (wide(x) ** 2, x), backward)

    report = check_gradients(f(2.0), x)
    assert verdicts(report) == right("x")
    assert report.tensors["x"].dtype == dtype
    assert verdicts(check_gradients(f(3.0), x)) == {"x": "WRONG"}


def test_bfloat16_as_it_is_reaches_the_function():
    """It is neither widened on the way in, nor mistaken for rounding errors of float32."""
    seen = set()

    def f(x):
        seen.add(str(x.dtype))
        return jnp.sum(x**2)

    report = check_gradients(f, jnp.array(X).astype(jnp.bfloat16), precision="as-is")
    assert seen == {"bfloat16"}
    assert not report.wrong


def test_float64_that_is_the_users_own_setting_is_kept():
    """Nothing is said of float32 then, and the setting is what it was."""
    jax.config.update("jax_enable_x64", True)
    try:
        report = check_gradients(product(1.0), jnp.array(X, dtype=float), X.astype(float))
        assert jax.config.jax_enable_x64
    finally:
        jax.config.update("jax_enable_x64", False)
    assert verdicts(report) == right("x", "y")
    assert not any("float32" in note for note in report.notes)


def test_a_function_that_takes_float32_alone_is_measured_as_it_is():
    """It raises in float64, which is not its fault."""

    def f(x):
        if x.dtype != jnp.float32:
            raise TypeError
        return jnp.sin(x)

    report = check_gradients(f, jnp.array(X))
    assert verdicts(report) == right("x")
    assert any("measured in float32 as it is" in note for note in report.notes)


@pytest.mark.parametrize("default", [True, False])
def test_settings_are_as_before_also_after_an_exception(default):
    """Float64 is on within the check alone: as the default, or where it is given, for the random numbers' sake."""

    def f(x):
        if x.dtype == jnp.float64 and jax.config.jax_enable_x64 == default:
            raise KeyboardInterrupt
        return x * jax.random.normal(jax.random.key(0), x.shape)

    before = jax.config.jax_explicit_x64_dtypes
    with pytest.raises(KeyboardInterrupt):
        check_gradients(f, jnp.array(X))
    assert not jax.config.jax_enable_x64
    assert jnp.zeros(1).dtype == jnp.float32
    assert jax.config.jax_explicit_x64_dtypes == before


# --------------------------------------------------------------------------------------------- compiled


def test_a_function_is_compiled_once_for_each_precision():
    """Python sees it a few times, however many evaluations there are."""
    calls = []

    def f(x):
        calls.append(1)
        return jnp.sin(x)

    report = check_gradients(f, jnp.array(X))
    assert report.evaluations > 100
    assert len(calls) < 20


def test_evaluations_are_cheap():
    """A hundred small arrays go there and back within some milliseconds."""
    p = {f"w{k}": jnp.ones((4, 4)) for k in range(100)}
    made = oracle(lambda p: sum(jnp.sum(jnp.tanh(w)) for w in p.values()), (p,), OPTIONS)
    point = {name: array.astype(float) for name, array in made.point.items()}
    made.value(point)
    start = time.perf_counter()
    for _ in range(20):
        made.value(point)
    assert time.perf_counter() - start < 20 * 0.02


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
            np.add(gradient, 1, out=gradient)
        assert made.gradient(point)["x"].tolist() == (gradients[0] - 1).tolist()


def test_python_that_looks_at_values_is_run_without_compiling():
    """It is said, and the verdict is the same."""

    def f(x):
        return jnp.sum(x**2) if x[0, 0] > -100 else jnp.sum(x)

    report = check_gradients(f, jnp.array(X))
    assert verdicts(report) == right("x")
    assert any("jax.jit cannot trace it (TracerBoolConversionError)" in note for note in report.notes)


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


def test_random_numbers_of_numpy_are_put_back():
    """The function is not compiled, or it would draw but once, and its generator is pinned."""
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    report = check_gradients(lambda x: x * rng.normal(size=3).astype(np.float32), jnp.array(X))
    assert verdicts(report) == right("x")
    assert any("when it is called again" in note for note in report.notes)
    assert rng.bit_generator.state == before


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


def test_a_custom_vjp_has_no_forward_mode():
    """JAX's own message is the cause."""
    with pytest.raises(InputError, match=r"jvp=True: .* has no forward mode, JAX says TypeError") as caught:
        check_gradients(product(1.0), jnp.array(X), jnp.array(X), jvp=True)
    assert "custom_vjp" in str(caught.value.__cause__)


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

CLAIMS = {
    "grad": lambda k, x: check_gradients(lambda x: jnp.sum(x**3), x, grad=lambda x: k * 3 * x**2),
    "vjp": lambda k, x: check_gradients(lambda x: x**3, x, vjp=lambda x, u: k * 3 * x**2 * u),
    "jvp": lambda k, x: check_gradients(lambda x: x**3, x, jvp=lambda x, v: k * 3 * x**2 * v),
    "value_and_grad": lambda k, x: check_gradients(lambda x: (jnp.sum(x**3), k * 3 * x**2), x, value_and_grad=True),
}


@pytest.mark.parametrize("check", CLAIMS.values(), ids=CLAIMS)
def test_a_gradient_that_is_stated_is_checked(check):
    """The functions see arrays of JAX, in float32 and in float64."""
    assert verdicts(check(1.0, jnp.array(X))) == right("x")
    assert verdicts(check(1.1, jnp.array(X))) == {"x": "WRONG"}


def test_a_stated_gradient_of_bfloat16_is_checked():
    """NumPy has no such dtype, and neither function is given another for it."""
    seen = set()

    def f(x):
        seen.add(str(x.dtype))
        return jnp.sum(x**3)

    x = jnp.array(X).astype(jnp.bfloat16)
    report = check_gradients(f, x, grad=lambda x: 3 * x**2)
    assert verdicts(report) == right("x")
    assert report.tensors["x"].dtype == "bfloat16"
    assert seen == {"bfloat16", "float64"}


def test_a_mask_that_is_not_finite_is_no_variable():
    """It is held fixed, and that is said; alone it is refused as ever."""
    mask = jnp.array([0.0, 0.0, -jnp.inf])
    report = check_gradients(lambda x, mask: jax.nn.softmax(x + mask), jnp.arange(3.0), mask)
    assert {*report.tensors} == {"x"}
    assert any("not finite" in note and "mask" in note for note in report.notes)
    with pytest.raises(InputError, match="is -inf at the start"):
        check_gradients(jax.nn.softmax, mask)


def test_settings_of_a_rule_are_no_variables():
    """nondiff_argnums of a rule, static_argnums of a compiled function: a number there is not traced."""

    @functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
    def above(x, low):
        return jnp.maximum(x, low)

    above.defvjp(lambda x, low: (jnp.maximum(x, low), x), lambda low, x, dy: (2 * dy * (x > low),))
    report = check_gradients(above, jnp.array([1.0, -1.0]), 0.1, loss=jnp.sum)
    assert {name: t.verdict for name, t in report.tensors.items()} == {"x": Verdict.WRONG}
    power = jax.jit(lambda x, n: x**n if n > 2.5 else x, static_argnums=1)
    assert {*check_gradients(power, jnp.array([1.0, 2.0]), 3.0).tensors} == {"x"}
