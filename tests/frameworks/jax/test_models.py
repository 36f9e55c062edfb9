"""Are models of flax, equinox and haiku taken as they are? Parameters by their path, all else held where it is."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

from gradcheck import InputError, Verdict, WeightMismatch, assert_gradients, check_gradients  # noqa: E402
from gradcheck._results.errors import CallError  # noqa: E402

X = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


def checked(*call, **keywords):
    """Check at the given point alone: what lies near it is tested elsewhere, and compiling a model takes its time."""
    return check_gradients(*call, neighbours=0, **keywords)


def verdicts(report):
    return {name: t.verdict.name for name, t in report.tensors.items()}


def right(*names):
    return dict.fromkeys(names, "CORRECT")


def noted(report, words):
    return any(words in note for note in report.notes)


def matmul(fault):
    """Return the product of matrices with a backward by hand, the gradient of the second one times a factor."""
    made = jax.custom_vjp(lambda x, w: x @ w)
    made.defvjp(lambda x, w: (x @ w, (x, w)), lambda kept, u: (u @ kept[1].T, fault * kept[0].T @ u))
    return made


# ------------------------------------------------------------------------------------------- flax nnx


def nnx_net(fault=1.0):
    nnx = pytest.importorskip("flax.nnx")

    class Net(nnx.Module):
        def __init__(self):
            rngs = nnx.Rngs(0, dropout=1)
            self.layers = nnx.List([nnx.Linear(3, 5, rngs=rngs), nnx.Linear(5, 2, rngs=rngs)])
            self.norm = nnx.BatchNorm(5, rngs=rngs)
            self.dropout = nnx.Dropout(0.5, rngs=rngs)
            self.out = nnx.Param(jnp.eye(2) + 0.5)

        def __call__(self, x):
            y = self.dropout(jnp.tanh(self.norm(self.layers[0](x))))
            return matmul(fault)(self.layers[1](y), self.out[...])

        def encode(self, x):
            return self.layers[0](x)

    return Net()


def state_of(model):
    from flax import nnx

    leaves = jax.tree.leaves(nnx.state(model))
    return [jax.random.key_data(a) if jnp.issubdtype(a.dtype, jax.dtypes.prng_key) else a for a in leaves]


NNX = ("layers[0].kernel", "layers[0].bias", "layers[1].kernel", "layers[1].bias", "norm.scale", "norm.bias", "out")


def test_nnx_in_training_mode_is_right_and_left_as_it_was():
    """Dropout draws the same mask at every call, in float64 too; the running statistics are put back."""
    model = nnx_net()
    before = state_of(model)
    report = checked(model, jnp.array(X))
    assert verdicts(report) == right(*NNX, "x")
    assert {name: t.kind for name, t in report.tensors.items()}["norm.scale"] == "weight"
    assert report.tensors["x"].kind == "input"
    assert noted(report, "held fixed: norm.mean, norm.var")
    assert noted(report, "measured in float64")
    assert all(np.array_equal(a, b) for a, b in zip(before, state_of(model), strict=True))


def test_a_fault_in_nnx_is_found_by_the_path_of_its_parameter():
    """Only the gradient of `out` is wrong."""
    wrong = {name: "WRONG" if name == "out" else "CORRECT" for name in (*NNX, "x")}
    assert verdicts(checked(nnx_net(1.01), jnp.array(X))) == wrong
    with pytest.raises(WeightMismatch, match=r"^out\["):
        assert_gradients(nnx_net(1.01), jnp.array(X))


def test_nnx_as_an_argument_and_by_a_method():
    """As for nnx.grad; a method is called on a copy of its own as well."""
    report = checked(lambda model, x: jnp.sum(model(x) ** 2), nnx_net(), jnp.array(X))
    assert verdicts(report) == right(*(f"model.{name}" for name in NNX), "x")
    model = nnx_net()
    report = checked(model.encode, jnp.array(X), wrt=["layers[0]*", "x"])
    assert verdicts(report) == right("layers[0].kernel", "layers[0].bias", "x")


# ----------------------------------------------------------------------------------------- flax linen


def linen_net(fault=1.0, *, train=True):
    nn = pytest.importorskip("flax.linen")

    class Net(nn.Module):
        @nn.compact
        def __call__(self, x):
            x = nn.BatchNorm(use_running_average=not train)(nn.Dense(5)(x))
            x = nn.Dropout(0.5, deterministic=not train)(jnp.tanh(x))
            return matmul(fault)(x, self.param("out", nn.initializers.normal(), (5, 2)))

        @nn.nowrap
        def unused(self):
            return None

    model = Net()
    return model, model.init({"params": jax.random.key(0), "dropout": jax.random.key(1)}, X)


LINEN = ("Dense_0.kernel", "Dense_0.bias", "BatchNorm_0.scale", "BatchNorm_0.bias", "out")


def test_linen_is_right():
    """The collection of the running statistics is held fixed, and said so."""
    model, variables = linen_net(train=False)
    for call in ((model, variables), (model.bind(variables),), (model.apply, variables)):
        report = checked(*call, jnp.array(X))
        assert verdicts(report) == right(*LINEN, "x")
        assert noted(report, "held fixed: batch_stats.BatchNorm_0.mean, batch_stats.BatchNorm_0.var")


def test_a_fault_in_linen_is_found_by_the_path_of_its_parameter():
    """Only the gradient of `out` is wrong."""
    model, variables = linen_net(1.01, train=False)
    wrong = {name: "WRONG" if name == "out" else "CORRECT" for name in (*LINEN, "x")}
    assert verdicts(checked(model, variables, jnp.array(X))) == wrong


def test_linen_in_training_mode_takes_the_keywords_of_apply():
    """Keys are left alone, and the new statistics are outputs like any other; a loss does not see them."""
    model, variables = linen_net()
    keywords = {"rngs": {"dropout": jax.random.key(2)}, "mutable": ["batch_stats"]}
    report = checked(model.apply, variables, jnp.array(X), **keywords)
    assert verdicts(report) == right(*LINEN, "x")
    assert noted(report, "measured in float64")
    report = checked(model.apply, variables, jnp.array(X), loss=lambda y: jnp.sum(y**2), **keywords)
    assert verdicts(report) == right(*LINEN, "x")


def test_linen_that_may_not_write_its_statistics_says_so():
    """In flax's own words, which name the remedy."""
    model, variables = linen_net()
    with pytest.raises(CallError, match='because collection "batch_stats" is immutable'):
        checked(model.apply, variables, jnp.array(X), rngs={"dropout": jax.random.key(2)})


def test_linen_without_variables_is_refused():
    """The message says where to get them."""
    model, _ = linen_net()
    with pytest.raises(InputError, match=r"Net was given without its variables; .*module\.init\(key, x\)"):
        checked(model, jnp.array(X))


# -------------------------------------------------------------------------------------------- equinox


def equinox_net(fault=1.0):
    equinox = pytest.importorskip("equinox")

    class Net(equinox.Module):
        first: equinox.nn.Linear
        dropout: equinox.nn.Dropout
        out: jax.Array
        rate: float
        activation: object

        def __call__(self, x, key=None):
            y = self.dropout(self.activation(self.first(x)) * self.rate, key=key)
            return matmul(fault)(y[None], self.out)

        def encode(self, x):
            return self.first(x)

    first = equinox.nn.Linear(3, 5, key=jax.random.key(0))
    return Net(first, equinox.nn.Dropout(0.5), jnp.ones((5, 2)) * 0.3, 2.0, jnp.tanh)


EQUINOX = ("first.weight", "first.bias", "out")


def test_equinox_is_right():
    """Arrays are moved; functions, rates and keys are not."""
    report = checked(equinox_net(), jnp.array(X[0]), jax.random.key(3))
    assert verdicts(report) == right(*EQUINOX, "x")
    assert report.tensors["x"].kind == "input"
    assert noted(report, "measured in float64")


def test_a_fault_in_equinox_is_found_by_the_path_of_its_parameter():
    """Only the gradient of `out` is wrong, whoever calls the module."""
    wrong = {"first.weight": "CORRECT", "first.bias": "CORRECT", "out": "WRONG"}
    key = jax.random.key(3)
    assert verdicts(checked(equinox_net(1.01), X[0], key)) == {**wrong, "x": "CORRECT"}
    assert verdicts(checked(lambda model: model(X[0], key), equinox_net(1.01))) == wrong


def test_an_impure_model_is_not_compiled():
    """Its random numbers would be drawn but once; uncompiled they are put back before each call."""
    equinox = pytest.importorskip("equinox")

    class Noisy(equinox.Module):
        weight: jax.Array

        def __call__(self, x):
            return self.weight * x * float(np.random.normal())  # noqa: NPY002  as people do

    many = jnp.linspace(-1.0, 1.0, 20)  # with the weights, more than the few that are run as they stand
    report = checked(Noisy(many), many + 0.3)
    assert verdicts(report) == right("weight", "x")
    assert noted(report, "when it is called again")


def test_equinox_as_an_argument_and_by_a_method():
    """With vmap over the batch, as its users write."""
    keys = jax.random.split(jax.random.key(3), 4)
    report = checked(lambda model, x: jax.vmap(model)(x, keys), equinox_net(), jnp.array(X))
    assert verdicts(report) == right(*(f"model.{name}" for name in EQUINOX), "x")
    report = checked(equinox_net().encode, jnp.array(X[0]), wrt="first*")
    assert verdicts(report) == right("first.weight", "first.bias")


def test_the_state_of_equinox_is_held_fixed():
    """It is an argument and a result."""
    equinox = pytest.importorskip("equinox")
    norm, state = equinox.nn.make_with_state(equinox.nn.BatchNorm)(3, axis_name="batch", mode="ema")

    def f(norm, state, x):
        return jax.vmap(norm, axis_name="batch", in_axes=(0, None), out_axes=(0, None))(x, state)

    report = checked(f, norm, state, jnp.array(X), loss=lambda out: jnp.sum(out**3))
    assert verdicts(report) == right("norm.weight", "norm.bias", "x")
    assert noted(report, "held fixed: state")


@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "WRONG"), (2.0, "CORRECT")])
def test_a_rule_of_equinox_is_by_its_first_argument(factor, verdict):
    """The others may be arrays, and it refuses to move them: they are held fixed, by place or by keyword."""
    equinox = pytest.importorskip("equinox")
    energy = equinox.filter_custom_vjp(lambda x, scale: scale * jnp.sum(x**2))
    energy.def_fwd(lambda _, x, scale: (scale * jnp.sum(x**2), None))
    energy.def_bwd(lambda _, u, __, x, scale: factor * u * scale * x)
    for scale in (2.0, jnp.array(2.0)):
        assert [*verdicts(checked(energy, jnp.array(X[0]), scale)).values()] == [verdict]
        report = checked(energy, jnp.array(X[0]), scale=scale)
        assert [*verdicts(report).values()] == [verdict]
    assert noted(report, "held fixed: scale")


# ---------------------------------------------------------------------------------------------- haiku


def haiku_net(fault=1.0):
    haiku = pytest.importorskip("haiku")

    def net(x):
        x = haiku.BatchNorm(create_scale=True, create_offset=True, decay_rate=0.9)(haiku.Linear(5)(x), is_training=True)
        x = haiku.dropout(haiku.next_rng_key(), 0.5, jnp.tanh(x))
        return matmul(fault)(x, haiku.get_parameter("out", (5, 2), init=haiku.initializers.RandomNormal()))

    return haiku.transform_with_state(net)


HAIKU = ("batch_norm.scale", "batch_norm.offset", "linear.w", "linear.b", "~.out")


@pytest.mark.parametrize("fault", [1.0, 1.01])
def test_haiku(fault):
    """A transformed function means its apply; its state is held fixed."""
    net = haiku_net(fault)
    params, state = net.init(jax.random.key(0), X)
    report = checked(net, params, state, jax.random.key(1), jnp.array(X), loss=lambda y: jnp.sum(y**2))
    expected = right(*HAIKU, "x")
    assert verdicts(report) == (expected if fault == 1.0 else {**expected, "~.out": "WRONG"})
    assert noted(report, "held fixed: state.")


def test_haiku_without_state_and_without_a_key():
    """hk.transform, and its apply as a function of pytrees."""
    haiku = pytest.importorskip("haiku")
    net = haiku.transform(lambda x: jnp.tanh(haiku.Linear(2)(x)))
    params = net.init(jax.random.key(0), X)
    assert verdicts(checked(net, params, None, jnp.array(X))) == right("linear.w", "linear.b", "x")
    report = checked(net.apply, params, None, jnp.array(X))
    assert verdicts(report) == right("params.linear.w", "params.linear.b", "x")
    with pytest.raises(InputError, match=r"write check_gradients\(net, params, key, x\)"):
        checked(net, jnp.array(X))


def test_a_class_is_no_model():
    """It must be made first."""
    equinox = pytest.importorskip("equinox")
    with pytest.raises(InputError, match="is a class; give an instance"):
        checked(equinox.nn.Linear, jnp.array(X))


def test_a_model_brings_its_own_gradient():
    """There is nothing to state."""
    equinox = pytest.importorskip("equinox")
    layer = equinox.nn.Linear(3, 2, key=jax.random.key(0))
    with pytest.raises(InputError, match=r"Linear brings its own gradient.*leave out grad="):
        checked(layer, jnp.array(X[0]), grad=lambda x: x)


def test_a_model_that_is_not_exercised_is_untested():
    """It is not right for that."""
    equinox = pytest.importorskip("equinox")
    layer = equinox.nn.Linear(3, 2, key=jax.random.key(0))
    report = checked(lambda layer, x: x * 2, layer, jnp.array(X[0]))
    assert report.tensors["layer.weight"].verdict is Verdict.UNTESTED
