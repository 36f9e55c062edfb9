"""Are realistic models of JAX judged rightly, with their own backwards right and wrong, and left as they were?"""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from models import named

from gradcheck import Verdict, check_gradients

jax = pytest.importorskip("jax")
jaxes = pytest.importorskip("models.jaxes")

MODELS = jaxes.models()
GOOD = {Verdict.CORRECT, Verdict.KINK}
CHEAP = ("graph", "language", "quantised")  # the others compile for seconds, so that one of their faults must do
FAULTS = [(name, fault) for name, m in MODELS.items() for fault in [*m.FAULTS][: None if name in CHEAP else 1]]


@pytest.fixture(autouse=True, scope="module")
def _compiled_quickly():
    """Compile without optimisation: it takes longer than all that is then computed."""
    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", before)


@pytest.fixture
def _unexplained(monkeypatch):
    """Leave the diagnosis out: it is tested elsewhere."""
    monkeypatch.setattr("gradcheck._explained.explained", lambda report, *_: report)


def in_float64(args):
    """Promote what is float: one precision compiles in half the time of two."""
    return jax.tree.map(lambda v: v.astype(np.float64) if v.dtype == np.float32 else v, args)


def bits(args):
    """Return which array each one is, and what is in it."""
    return [
        (id(v), v.dtype, np.asarray(v if isinstance(v, np.ndarray) else jax.random.key_data(v)).tobytes())
        for v in leaves(args)
    ]


def leaves(tree):
    return jax.tree.leaves(tree)


def check(name, model, args, **keywords):
    return check_gradients(model, *args, **getattr(MODELS[name], "KEYWORDS", {}), **keywords)


def gradients(name, model, args):
    """Return outputs and gradients, of the outputs that are not declared to carry none, as by JAX itself."""
    inputs = dict(zip(inspect.signature(model).parameters, args, strict=True))
    fixed = {n: a for n, a in inputs.items() if not jax.numpy.issubdtype(leaves(a)[0].dtype, np.floating)}

    def flat(moved):
        y = model(**moved, **fixed)
        y = [y["y"], y["energy"]] if name == "quantised" else y
        return jax.numpy.concatenate([part.ravel() for part in leaves(y)])

    y, pullback = jax.vjp(flat, {n: a for n, a in inputs.items() if n not in fixed})
    (found,) = pullback(jaxes.normal(9, len(y), dtype=np.float64))
    return y, {".".join(k.key for k in path): g for path, g in jax.tree_util.tree_leaves_with_path(found)}


def spoilt(one, other):
    """Return the names of the gradients that differ, by more than rounding makes of those that are zero."""
    floor = 1e-10 * max(np.abs(g).max() for g in other.values())
    return {n for n, g in one.items() if not np.allclose(g, other[n], rtol=1e-10, atol=floor)}


@pytest.mark.usefixtures("_unexplained")
@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_a_fault_is_found_and_the_tensors_above_it_are_not_accused(name, fault):
    """The tensors whose gradients it spoils are wrong, and no others; the arguments stay bit for bit what they were."""
    model, args = MODELS[name].build(0, fault)
    args = in_float64(args)
    before = bits(args)
    report = check(name, model, args, entries=5 if name in CHEAP else 12, neighbours=0)
    assert report.verdict is Verdict.WRONG, f"\n{report}"
    assert {t.name for t in report.tensors.values() if t.wrong} == named(
        [*report.tensors], MODELS[name].FAULTS[fault].wrong
    )
    assert bits(args) == before


@pytest.mark.usefixtures("_unexplained")
@pytest.mark.parametrize("name", MODELS)
def test_a_right_model_passes(name):
    """Every entry of every tensor, and the arguments stay bit for bit what they were."""
    model, args = MODELS[name].build(0)
    args = in_float64(args)
    before = bits(args)
    report = check(name, model, args)
    assert report.verdict in GOOD, f"\n{report}"
    assert not report.problems
    assert sum(t.checked for t in report.tensors.values()) == sum(v.size for v in leaves(args) if v.dtype == np.float64)
    assert bits(args) == before


@pytest.mark.usefixtures("_unexplained")
def test_a_right_model_passes_in_the_precision_that_users_have():
    """float32, with float64 not enabled: it is enabled for the check alone."""
    jax.config.update("jax_enable_x64", False)
    try:
        model, args = MODELS["language"].build(0)
        report = check_gradients(model, *args)
        assert not jax.config.jax_enable_x64
    finally:
        jax.config.update("jax_enable_x64", True)
    assert report.verdict in GOOD, f"\n{report}"
    assert any("measured in float64" in note for note in report.notes)


@pytest.mark.usefixtures("_unexplained")
def test_a_straight_through_gradient_is_accused_unless_it_is_declared():
    """The codes are steps: what they hand on is the gradient of something else."""
    model, args = MODELS["quantised"].build(0)
    report = check_gradients(model, *in_float64(args), entries=2, neighbours=0)
    assert {t.name for t in report.tensors.values() if t.wrong} == {"params.encoder.W", "params.encoder.b", "x"}


@pytest.mark.usefixtures("_unexplained")
def test_an_output_that_hides_its_gradient_is_named():
    """The energy moves with the weights, and its backward says that it does not."""
    model, args = MODELS["quantised"].with_unheard_energy(0)
    report = check_gradients(model, *in_float64(args), entries=4, neighbours=0, detached="codes")
    assert [(p.verdict, p.tensor) for p in report.problems] == [(Verdict.WRONG, "energy")]


@pytest.mark.parametrize("name", MODELS)
def test_the_faults_are_what_they_are_said_to_be(name):
    """By hand is as by JAX, to ten digits; each fault spoils the gradients of the tensors it names, and no others."""
    module = MODELS[name]
    model, args = module.plain(0)
    args = in_float64(args)
    y, truth = gradients(name, model, args)
    own_y, own = gradients(name, module.build(0)[0], args)
    np.testing.assert_allclose(own_y, y, rtol=1e-12, atol=1e-12)
    assert not spoilt(own, truth)
    for fault, planted in module.FAULTS.items():
        wrong = gradients(name, module.build(0, fault)[0], args)[1]
        assert spoilt(wrong, truth) == named([*truth], planted.wrong), fault
