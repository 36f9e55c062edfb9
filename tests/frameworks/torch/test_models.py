"""Are the models of PyTorch taken as they are? Modules, functions of tensors, Functions, custom operators."""

from __future__ import annotations

import dataclasses
import typing

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from gradcheck import (  # noqa: E402
    BiasMismatch,
    GradientError,
    InputError,
    InputMismatch,
    Verdict,
    WeightMismatch,
    assert_gradients,
    check_gradients,
)
from gradcheck._render.faces import render  # noqa: E402


class Swish(torch.autograd.Function):
    """x sigmoid(x), whose derivative is right."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dy * (s + x * s * (1 - s))


class WrongSwish(Swish):
    """The same with a derivative that forgets a factor."""

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dy * (s + s * (1 - s))


class Clamp(torch.autograd.Function):
    """max(x, low), in the style with setup_context."""

    @staticmethod
    def forward(x, low):
        return x.clamp(min=low)

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, ctx.low = inputs
        ctx.save_for_backward(x)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * (x > ctx.low), None


def verdicts(report):
    return {name: tensor.verdict for name, tensor in report.tensors.items()}


def wrong(report):
    return {name for name, tensor in report.tensors.items() if tensor.verdict is Verdict.WRONG}


# ------------------------------------------------------------------------------- Functions and operators


@pytest.mark.parametrize("given", [WrongSwish, WrongSwish.apply], ids=["the class", "its apply"])
def test_a_wrong_function_is_found_and_its_argument_named(given):
    """The class itself works as well as its apply, and the argument has the name that forward gives it."""
    report = check_gradients(given, torch.randn(4))
    assert wrong(report) == {"x"}
    assert report.name == "WrongSwish"
    with pytest.raises(InputMismatch, match=r"x\[\d\]"):
        assert_gradients(given, torch.randn(4))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_a_right_function_passes(dtype):
    """In any precision: the formula is measured in float64, and the claim's rounding in its own."""
    report = check_gradients(Swish, torch.randn(4).to(dtype))
    assert report.verdict is Verdict.CORRECT
    assert report.tensors["x"].dtype == str(dtype).removeprefix("torch.")


def test_a_number_among_the_arguments_is_no_variable():
    """The new style of forward, with None for what is no tensor."""
    report = check_gradients(Clamp.apply, torch.randn(4), 0.1)
    assert verdicts(report) == {"x": Verdict.CORRECT}


def test_a_custom_operator():
    """torch.library: the object, and what torch.ops calls it; right, then wrong."""

    @torch.library.custom_op("gradchecktests::square", mutates_args=(), schema="(Tensor x, float factor) -> Tensor")
    def square(x: torch.Tensor, factor: float) -> torch.Tensor:
        return factor * x * x

    def setup(ctx, inputs, output):
        ctx.x, ctx.factor = inputs

    square.register_autograd(lambda ctx, dy: (2 * ctx.factor * ctx.x * dy, None), setup_context=setup)
    x = torch.randn(3)
    assert check_gradients(square, x, 3.0).verdict is Verdict.CORRECT
    square.register_autograd(lambda ctx, dy: (2 * ctx.x * dy, None), setup_context=setup)
    report = check_gradients(torch.ops.gradchecktests.square, x, 3.0)
    assert wrong(report) == {"x"}
    assert "gradchecktests.square" in report.name


def test_a_function_of_tensors_and_its_loss():
    """Names come from the signature; the loss is a function of the output."""

    def affine(x, weight, bias):
        return WrongSwish.apply(x @ weight) + bias

    args = (torch.randn(4, 3), torch.randn(3, 2), torch.randn(2))
    report = check_gradients(affine, *args, loss=lambda y: (y**2).mean())
    assert verdicts(report) == {"x": Verdict.WRONG, "weight": Verdict.WRONG, "bias": Verdict.CORRECT}
    assert {t.name: t.kind for t in report.tensors.values()} == {"x": "input", "weight": "input", "bias": "input"}


# ----------------------------------------------------------------------------------------------- modules


class Net(nn.Module):
    """Two layers with an activation between them."""

    def __init__(self, function):
        super().__init__()
        self.below, self.above = nn.Linear(3, 5), nn.Linear(5, 2)
        self.function = function

    def forward(self, x):
        return self.above(self.function.apply(self.below(x)))


def test_what_lies_below_a_wrong_backward_is_named():
    """Every parameter has its own name; those above the mistake agree."""
    report = check_gradients(Net(WrongSwish), torch.randn(4, 3))
    assert wrong(report) == {"below.weight", "below.bias", "x"}
    assert report.tensors["above.weight"].verdict is Verdict.CORRECT
    assert report.tensors["below.weight"].kind == "weight"
    assert "WrongSwish" in report.diagnosis[0]
    with pytest.raises((WeightMismatch, BiasMismatch, InputMismatch)):
        assert_gradients(Net(WrongSwish), torch.randn(4, 3))


LAYERS = {
    "linear": (lambda: nn.Linear(3, 2), (4, 3)),
    "lstm": (lambda: nn.LSTM(3, 2), (4, 2, 3)),
    "gru": (lambda: nn.GRU(3, 2, bidirectional=True), (3, 2, 3)),
    "conv": (lambda: nn.Conv2d(2, 3, 3, padding=1, stride=2), (2, 2, 5, 5)),
    "batch norm": (lambda: nn.BatchNorm1d(3), (5, 3)),
    "batch norm, evaluation": (lambda: nn.BatchNorm1d(3).eval(), (5, 3)),
    "dropout": (lambda: nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 2)), (4, 3)),
    "transformer": (lambda: nn.TransformerEncoderLayer(4, 2, 6), (3, 2, 4)),
    "weight norm": (lambda: nn.utils.parametrizations.weight_norm(nn.Linear(3, 2)), (4, 3)),
    "in place": (lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace=True)), (4, 3)),
    "in place on the input": (lambda: nn.ELU(inplace=True), (4, 3)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers_of_pytorch_are_right(name):
    """Among them layers that draw random numbers, keep statistics, or keep their weights in lists of their own."""
    make, shape = LAYERS[name]
    report = check_gradients(make(), torch.randn(shape))
    assert report.verdict in (Verdict.CORRECT, Verdict.KINK)


class Tied(nn.Module):
    """A weight that is used twice, under two names."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(3, 4, bias=False), nn.Linear(3, 4, bias=False)
        self.decoder.weight = self.encoder.weight

    def forward(self, x):
        return torch.tanh(self.encoder(x)) @ self.decoder.weight


def test_a_tied_weight_is_moved_once_and_has_all_its_names():
    """Moved in one place alone it would not be the weight of the other."""
    report = check_gradients(Tied(), torch.randn(2, 3))
    assert verdicts(report) == {"encoder.weight = decoder.weight": Verdict.CORRECT, "x": Verdict.CORRECT}


class Lost(nn.Module):
    """A tied weight of which the second use is cut off."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(3, 4, bias=False)

    def forward(self, x):
        return torch.tanh(self.encoder(x)) @ self.encoder.weight.detach()


def test_a_use_that_is_cut_off_is_found():
    """The gradient of one use alone is not that of the weight."""
    assert wrong(check_gradients(Lost(), torch.randn(2, 3))) == {"encoder.weight"}


class Everything(nn.Module):
    """Inputs in containers and by keyword, a frozen parameter, buffers."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(3, 2), nn.Linear(3, 2)
        self.b.weight.requires_grad_(False)
        self.register_buffer("table", torch.randn(2))

    def forward(self, batch, *, scale, mask=None):
        y = self.a(batch["x"]) * scale + self.b(batch["z"][0]) + self.table
        return {"logits": y if mask is None else y * mask, "best": y.argmax()}


def everything():
    return Everything(), {"x": torch.randn(2, 3), "z": [torch.randn(2, 3), torch.tensor([1, 2])]}


def test_inputs_in_containers_and_keyword_arguments_are_named():
    """Every floating input, wherever it stands; the path is what a user would write."""
    model, batch = everything()
    report = check_gradients(model, batch, scale=torch.tensor(2.0), mask=torch.ones(2, 2, dtype=torch.bool))
    assert {*report.tensors} == {"a.weight", "a.bias", "b.bias", "batch.x", "batch.z[0]", "scale"}
    assert report.verdict is Verdict.CORRECT


def test_a_module_among_the_arguments_is_moved_too():
    """f(model, x): its parameters are named after the argument."""
    report = check_gradients(lambda model, x: model(x).sin(), nn.Linear(3, 2), torch.randn(2, 3))
    assert {*report.tensors} == {"model.weight", "model.bias", "x"}


def test_a_module_that_a_function_only_sees_is_held_fixed_and_said_so():
    """And it follows into float64: else nothing finer than float32 could be seen."""
    net = nn.Linear(3, 2)
    report = check_gradients(lambda x: net(x).sin(), torch.randn(2, 3))
    assert verdicts(report) == {"x": Verdict.CORRECT}
    assert any("2 tensors that require a gradient" in note for note in report.notes)
    assert any("measured in float64" in note for note in report.notes)
    assert net.weight.dtype == torch.float32
    weight = torch.randn(3, 2, requires_grad=True)
    one = check_gradients(lambda x: x @ weight, torch.randn(2, 3))
    assert any("1 tensor that requires a gradient; pass it in" in note for note in one.notes)


def test_a_loss_with_parameters_of_its_own():
    """They stand under its name."""
    report = check_gradients(nn.Linear(3, 2), torch.randn(4, 3), loss=nn.Linear(2, 1))
    assert {*report.tensors} == {"weight", "bias", "loss.weight", "loss.bias", "input"}


# ---------------------------------------------------------------------------------------------- tensors


def test_inputs_that_share_memory_are_moved_one_by_one():
    """They are two variables to autograd, whatever memory they are in."""
    base = torch.randn(5)
    before = base.clone()
    x, y = base[:3].requires_grad_(), base[2:].requires_grad_()
    assert check_gradients(lambda x, y: x * y, x, y).verdict is Verdict.CORRECT
    assert check_gradients(lambda x: x**2, torch.randn(3, 1).expand(3, 4)).verdict is Verdict.CORRECT
    assert torch.equal(base, before)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_as_it_is_a_wrong_gradient_is_found_and_a_right_one_not_accused(dtype):
    """In its own precision, which tells less."""
    x = torch.rand(6).to(dtype) + 0.5
    assert check_gradients(Swish, x, precision="as-is").verdict in (Verdict.CORRECT, Verdict.UNDECIDED)
    scaled = type("Scaled", (Swish,), {"backward": staticmethod(lambda ctx, dy: 2 * Swish.backward(ctx, dy))})
    assert check_gradients(scaled, x, precision="as-is").verdict is Verdict.WRONG


def test_a_kernel_that_knows_one_precision_is_measured_in_it():
    """What cannot be promoted is checked as it is, and says so."""

    class Kernel(Swish):
        @staticmethod
        def forward(ctx, x):
            if x.dtype is not torch.float32:
                raise NotImplementedError(x.dtype)
            return Swish.forward(ctx, x)

    report = check_gradients(Kernel, torch.randn(5))
    assert report.verdict in (Verdict.CORRECT, Verdict.UNDECIDED)
    assert any("measured in float32 as it is" in note for note in report.notes)


# ---------------------------------------------------------------------------------------------- outputs


@dataclasses.dataclass
class Output:
    y: object
    steps: int
    z: object


class Pair(typing.NamedTuple):
    a: object
    b: object


@pytest.mark.parametrize(
    "f",
    [
        lambda x: Output(x.sin(), 3, x.cos()),
        lambda x: Pair(x.sin(), x.cos()),
        lambda x: {"a": x.sin(), "b": [x.cos(), None]},
        lambda x: (x.sin(), x.sum(), x.argmax(), "text"),
    ],
    ids=["dataclass", "named tuple", "dict", "tuple"],
)
def test_outputs_in_containers(f):
    """Every floating output counts."""
    assert check_gradients(f, torch.randn(4)).verdict is Verdict.CORRECT


def test_a_detached_output_is_named():
    """A float output that moves but claims no gradient, beside one that is right: the others are not accused."""

    def f(x):
        return {"y": x**2, "z": (x**3).detach()}

    report = check_gradients(f, torch.randn(4))
    assert [(p.verdict, p.tensor) for p in report.problems] == [(Verdict.WRONG, "z")]
    assert "detached?" in report.problems[0].sentence
    assert verdicts(report) == {"x": Verdict.CORRECT}
    assert check_gradients(f, torch.randn(4), detached="z").verdict is Verdict.CORRECT


def test_a_lone_detached_output_is_named():
    """Nothing else could be the reason."""
    report = check_gradients(lambda x: x.detach() ** 2, torch.randn(4))
    assert report.verdict is Verdict.WRONG
    assert "detached?" in report.problems[0].sentence


def test_a_detached_output_that_stands_still_is_nothing_to_accuse():
    """Steps have no slope, and a constant has none."""
    report = check_gradients(lambda x: (x**2, x.detach().round(), torch.ones(2)), torch.randn(4) + 0.2)
    assert report.verdict is Verdict.CORRECT


def test_a_straight_through_estimator_declares_its_intent():
    """Its gradient is not that of the function, and is meant not to be."""

    def ste(x):
        return {"codes": x + (torch.round(4 * x) / 4 - x).detach(), "penalty": (x**2).sum()}

    x = torch.randn(5)
    assert check_gradients(ste, x).verdict is Verdict.WRONG
    assert check_gradients(ste, x, detached="codes").verdict is Verdict.CORRECT


# --------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: check_gradients(nn.Linear, torch.randn(3)), "is a class; give an instance"),
        (lambda: check_gradients(Swish), "given no arguments"),
        (lambda: check_gradients(lambda x: x.detach().numpy(), torch.randn(3)), "returned an array of shape"),
        (lambda: check_gradients(lambda x: None, torch.randn(3)), "returned a NoneType"),
        (lambda: check_gradients(torch.sin, torch.arange(3)), "no floating-point tensor"),
        (lambda: check_gradients(nn.Linear(3, 2), torch.randn(1, 3), masks=1), "unknown keyword masks="),
        (lambda: check_gradients(nn.Linear(3, 2), torch.randn(1, 3), eps=1e-3), "the step comes from"),
        (lambda: check_gradients(torch.sin, torch.tensor([1.0, np.nan])), r"x\[1\] is nan"),
        (lambda: check_gradients(torch.sin, torch.randn(3), wrt="y"), "matches none of"),
        (lambda: check_gradients(torch.sin, torch.randn(3), detached="y"), "matches none of the outputs"),
    ],
)
def test_bad_input_is_explained(call, match):
    """Never a traceback from the inside."""
    with pytest.raises(InputError, match=match):
        call()


def test_the_users_own_exception_is_the_cause():
    """With what raised it."""
    with pytest.raises(GradientError, match="mat1 and mat2") as caught:
        check_gradients(nn.Linear(3, 2), torch.randn(3, 5))
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_a_backward_that_raises_is_shown():
    """It is the user's."""

    class Raises(Swish):
        @staticmethod
        def backward(ctx, dy):
            raise ZeroDivisionError

    with pytest.raises(GradientError, match="ZeroDivisionError"):
        check_gradients(Raises, torch.randn(3))


def test_a_function_that_changes_from_call_to_call_is_broken():
    """Though random generators are put back: state of its own is not."""
    count = [0]

    def f(x):
        count[0] += 1
        return x * count[0]

    assert check_gradients(f, torch.randn(3)).verdict is Verdict.BROKEN


def test_memory_that_is_written_behind_autograds_back_is_broken():
    """An argument that is changed in place, unknown to autograd."""
    report = check_gradients(lambda x: x.data.mul_(2) * x, torch.randn(3))
    assert report.verdict is Verdict.BROKEN
    assert "changes its own input x" in report.problems[0].sentence


# ------------------------------------------------------------------------------- a claim of the user's own


def test_a_claim_in_tensors():
    """grad= and vjp= are called with tensors, as the function is."""
    x = torch.randn(4)
    assert check_gradients(lambda x: (x**2).sum(), x, grad=lambda x: 3 * x).verdict is Verdict.WRONG
    assert check_gradients(lambda x: (x**2).sum(), x, grad=lambda x: 2 * x).verdict is Verdict.CORRECT
    assert check_gradients(torch.sin, x, vjp=lambda x, dy: dy * torch.cos(x)).verdict is Verdict.CORRECT


def test_an_argument_that_is_called_as_a_parameter_is():
    """Both are checked, under names of their own."""

    class Same(nn.Module):
        def __init__(self):
            super().__init__()
            self.x = nn.Parameter(torch.randn(3))

        def forward(self, x):
            return WrongSwish.apply(x) * self.x

    report = check_gradients(Same(), torch.randn(3))
    assert verdicts(report) == {"x": Verdict.CORRECT, "argument x": Verdict.WRONG}


def test_the_report_says_with_which_version():
    """A report on a module says which PyTorch it was made with; one on arrays does not."""
    assert check_gradients(nn.Linear(2, 1), torch.ones(1, 2)).environment["torch"] == str(torch.__version__)
    assert "torch" not in check_gradients(np.sin, np.ones(2), vjp=lambda x, u: np.cos(x) * u).environment


def test_workers_have_a_module_each():
    """Forked or made anew, with dropout drawn alike: the report is the same."""
    module = nn.Sequential(nn.Linear(6, 8), nn.Dropout(0.5), nn.Tanh(), nn.Linear(8, 6))
    x, before = torch.randn(4, 6), module[0].weight.clone()
    serial = render(check_gradients(module, x), "json")
    for workers in (2, InTurn()):
        assert render(check_gradients(module, x, workers=workers), "json") == serial
    assert torch.equal(module[0].weight, before)


class InTurn:
    """A pool of this very process."""

    def map(self, task, blocks):
        """Do all blocks, one after the other."""
        return [task(block) for block in blocks]


def test_a_criterion_without_its_target_is_refused_with_what_to_write():
    """With it, the check is made."""
    net, x, criterion = torch.nn.Linear(3, 4), torch.ones(2, 3), torch.nn.CrossEntropyLoss()
    said = r"CrossEntropyLoss takes target as well; write loss=lambda out: criterion\(out, target\)"
    with pytest.raises(InputError, match=said):
        check_gradients(net, x, loss=criterion)
    assert check_gradients(net, x, loss=lambda out: criterion(out, torch.tensor([0, 3]))).verdict is Verdict.CORRECT


def test_a_claim_of_ones_own_may_be_the_derivative_element_by_element():
    """Of a function of tensors, as of one of arrays: the wrong one is found."""
    x = torch.randn(5)
    report = check_gradients(torch.tanh, x, grad=lambda x: 1 - torch.tanh(x))
    assert len(report.wrong) == 5
    assert check_gradients(torch.tanh, x, grad=lambda x: 1 - torch.tanh(x) ** 2).verdict is Verdict.CORRECT
    with pytest.raises(InputError, match="where a scalar is promised"):
        check_gradients(lambda x: x.softmax(0), x, grad=torch.ones_like)


class Pushed(torch.autograd.Function):
    """With a forward mode of its own, which is wrong."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)
        return x.exp()

    @staticmethod
    def backward(ctx, dy):
        return dy * ctx.saved_tensors[0].exp()

    @staticmethod
    def jvp(ctx, dx):
        return dx


def test_a_forward_mode_that_was_not_looked_at_is_spoken_of():
    """It takes a word to compare it, and none to leave it out."""
    x = torch.linspace(-1, 1, 4)
    noted = [
        any("has a jvp of its own" in note for note in check_gradients(Pushed, x, jvp=j).notes) for j in (None, True)
    ]
    assert noted == [True, False]
    assert check_gradients(Pushed, x).verdict is Verdict.CORRECT
    assert check_gradients(Pushed, x, jvp=True).verdict is Verdict.WRONG
