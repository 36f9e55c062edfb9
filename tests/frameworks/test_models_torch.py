"""Are realistic models of PyTorch judged rightly, with their own backwards right and wrong, and left as they were?"""

from __future__ import annotations

import inspect

import pytest
from models import named

from gradcheck import Verdict, check_gradients

torch = pytest.importorskip("torch")
torches = pytest.importorskip("models.torches")

MODELS = torches.models()
GOOD = {Verdict.CORRECT, Verdict.KINK}
FAULTS = [(name, fault) for name, model in MODELS.items() for fault in model.FAULTS]
FEW = {"language": 5, "mixture": 8, "quantised": 2}  # entries of each tensor: a table is wrong in some rows alone
TOLD = [
    ("transformer", "gamma of input"),
    ("lstm", "bias averaged"),
    ("language", "sum for mean"),
    ("solver", "sign forgotten"),
]


@pytest.fixture(autouse=True)
def _seeded():
    """Let dropouts drop the same in every run, and leave the generator as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.fixture
def _unexplained(monkeypatch):
    """Leave the diagnosis out: it takes every layer alone, which costs more than the check."""
    monkeypatch.setattr("gradcheck._explained.explained", lambda report, *_: report)


def held(tensor):
    """Return what a tensor holds, where it holds it, and what hangs on it."""
    grad = None if tensor.grad is None else (id(tensor.grad), tensor.grad.data_ptr(), tensor.grad.numpy().tobytes())
    hooks = [*(tensor._backward_hooks or {}).items()]
    data = tensor.detach()
    return data.data_ptr(), data.dtype, data.numpy().tobytes(), tensor.requires_grad, tensor.grad_fn, grad, hooks


def state(model, args):
    """Return everything that a check could leave behind."""
    modules = {
        name: [(key, id(value), [*value.items()] if "hooks" in key else ()) for key, value in vars(m).items()]
        for name, m in model.named_modules()
    }
    tensors = {name: (id(t), held(t)) for name, t in [*model.named_parameters(), *model.named_buffers()]}
    training = [m.training for m in model.modules()]
    return modules, tensors, training, [held(a) for a in args], torch.get_rng_state().tolist()


def check(name, model, args, **keywords):
    return check_gradients(model, *args, **getattr(MODELS[name], "KEYWORDS", {}), **keywords)


def gradients(name, model, args):
    """Return output and gradients in float64, of the outputs that are not declared to carry none."""
    model, args = model.double(), [a.double().requires_grad_() if a.is_floating_point() else a for a in args]
    inputs = dict(zip(inspect.signature(model.forward).parameters, args, strict=True))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        y = model(*args)
    y = torch.cat([y["y"].flatten(), y["energy"]]) if name == "quantised" else y.flatten()
    u = torches.normal(9, len(y), dtype=torch.float64)
    at = dict(model.named_parameters()) | {n: a for n, a in inputs.items() if a.requires_grad}
    found = torch.autograd.grad(y @ u, [*at.values()], materialize_grads=True, allow_unused=True)
    return y.detach(), dict(zip(at, found, strict=True))


def spoilt(one, other):
    """Return the names of the gradients that differ, by more than rounding makes of those that are zero."""
    floor = 1e-10 * max(g.abs().max() for g in other.values())
    return {n for n, g in one.items() if not torch.allclose(g, other[n], rtol=1e-10, atol=floor)}


@pytest.mark.usefixtures("_unexplained")
@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_every_fault_is_found_and_the_tensors_above_it_are_not_accused(name, fault):
    """The tensors whose gradients it spoils are wrong, and no others; the model stays bit for bit what it was."""
    model, args = MODELS[name].build(0, fault)
    before = state(model, args)
    report = check(name, model, args, entries=FEW.get(name, 1), neighbours=0)
    assert report.verdict is Verdict.WRONG, f"\n{report}"
    assert {t.name for t in report.tensors.values() if t.wrong} == named(
        [*report.tensors], MODELS[name].FAULTS[fault].wrong
    )
    assert state(model, args) == before


@pytest.mark.parametrize(("name", "fault"), TOLD)
def test_the_layer_at_fault_is_named(name, fault):
    """It is wrong when taken alone, and the others are not blamed."""
    model, args = MODELS[name].build(0, fault)
    report = check(name, model, args, entries=1, neighbours=0)
    planted = MODELS[name].FAULTS[fault]
    told = [line for line in report.diagnosis if "taken alone is wrong" in line]
    assert told
    assert all(line.startswith((f"{planted.layer} (", f"{planted.op.__name__} (")) for line in told)


@pytest.mark.parametrize("name", MODELS)
def test_a_right_model_passes(name):
    """Every entry of every tensor, and the model stays bit for bit what it was."""
    model, args = MODELS[name].build(0)
    before = state(model, args)
    report = check(name, model, args)
    assert report.verdict in GOOD, f"\n{report}"
    assert not report.problems
    assert sum(t.checked for t in report.tensors.values()) == sum(
        t.numel() for t in [*model.parameters(), *args] if t.is_floating_point()
    )
    assert state(model, args) == before


@pytest.mark.usefixtures("_unexplained")
def test_a_straight_through_gradient_is_accused_unless_it_is_declared():
    """The codes are steps: what they hand on is the gradient of something else."""
    model, args = MODELS["quantised"].build(0)
    report = check_gradients(model, *args, entries=8, neighbours=0)  # beside an edge of a step nothing is decided
    assert {t.name for t in report.tensors.values() if t.wrong} == {"encoder.weight", "encoder.bias", "x"}
    assert check_gradients(model, *args, entries=2, neighbours=0, detached="codes").verdict in GOOD


@pytest.mark.usefixtures("_unexplained")
def test_an_output_that_hides_its_gradient_is_named():
    """The energy moves with the weights, and its backward says that it does not."""
    model, args = MODELS["quantised"].with_unheard_energy(0)
    report = check_gradients(model, *args, entries=4, neighbours=0, detached="codes")
    assert [(p.verdict, p.tensor) for p in report.problems] == [(Verdict.WRONG, "energy")]
    assert check_gradients(model, *args, detached=["codes", "energy"]).verdict in GOOD


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True), (4, 2, 3)),
        (lambda: torch.nn.GRU(3, 4), (4, 2, 3)),
        (lambda: torch.nn.TransformerEncoderLayer(4, 2, 6, dropout=0.2, batch_first=True), (2, 3, 4)),
    ],
    ids=["LSTM", "GRU", "TransformerEncoderLayer"],
)
def test_models_of_pytorch_itself_pass(make, shape):
    """With nothing written by hand in them, and dropout left on."""
    model, x = torches.drawn(make, 0), torches.normal(0, *shape)
    assert check_gradients(model, x, entries=8).verdict in GOOD


@pytest.mark.usefixtures("_unexplained")
@pytest.mark.parametrize("name", MODELS)
def test_nothing_is_left_behind(name):
    """Gradients, hooks, frozen parameters and training flags of a model in use are what they were."""
    model, args = MODELS[name].build(0)
    first, *_, last = model.parameters()
    first.grad = torch.ones_like(first)
    last.requires_grad_(False)
    first.register_hook(lambda g: g)
    next(model.children()).register_forward_hook(lambda *_: None)
    [*model.children()][-1].eval()
    before = state(model, args)
    frozen = [n for n, p in model.named_parameters() if p is last]
    report = check(name, model, args, entries=1, neighbours=0)
    assert report.verdict in GOOD | {Verdict.UNTESTED}, f"\n{report}"  # a dropout may silence a lone entry
    assert not set(frozen) & {*report.tensors}
    assert state(model, args) == before


@pytest.mark.parametrize("name", MODELS)
def test_the_faults_are_what_they_are_said_to_be(name):
    """By hand is as by autograd, to ten digits; each fault spoils the gradients of the tensors it names alone."""
    module = MODELS[name]
    y, truth = gradients(name, *module.plain(0))
    own_y, own = gradients(name, *module.build(0))
    torch.testing.assert_close(own_y, y, rtol=1e-12, atol=1e-12)
    assert not spoilt(own, truth)
    for fault, planted in module.FAULTS.items():
        same_y, wrong = gradients(name, *module.build(0, fault))
        torch.testing.assert_close(same_y, y, rtol=1e-12, atol=1e-12)
        assert spoilt(wrong, truth) == named([*truth], planted.wrong), fault
