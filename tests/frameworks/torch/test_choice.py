"""Which tensors of a call are moved? Those that require a gradient, or are given; of the others it is said."""

from __future__ import annotations

import re

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from gradcheck import GradientError, InputError, Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.torch import models  # noqa: E402
from gradcheck._adapters.torch.choice import chosen, named  # noqa: E402
from gradcheck._options import Options  # noqa: E402


def verdicts(report):
    return {name: tensor.verdict for name, tensor in report.tensors.items()}


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


def test_a_lazy_module_is_to_be_called_first():
    """It has no parameters yet."""
    model, x = nn.LazyLinear(2), torch.randn(4, 3)
    with pytest.raises(InputError, match="weight has no shape yet"):
        check_gradients(model, x)
    model(x)
    assert check_gradients(model, x).verdict is Verdict.CORRECT


def test_what_has_no_numbers_to_move_is_refused_by_name():
    """With what to give instead."""
    x = torch.randn(2, 3)
    cases = {
        "x is a nested tensor": torch.nested.nested_tensor([x, x[:1]], layout=torch.jagged),
        "on the device meta": x.to("meta"),
        "write x.to_dense()": x.to_mkldnn(),
    }
    for said, given in cases.items():
        with pytest.raises(InputError, match=re.escape(said)):
            check_gradients(lambda x: x.sin(), given)


def test_a_check_under_inference_mode_has_gradients():
    """A wrong one is found and the right one passes; a module that was made there is refused."""

    class Half(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0]

    model = nn.Linear(3, 2)
    with torch.inference_mode():
        assert len(check_gradients(Half, torch.randn(4)).wrong) == 4
        assert check_gradients(model, torch.randn(4, 3)).verdict is Verdict.CORRECT
        made = nn.Linear(3, 2)
    with pytest.raises(InputError, match="weight was made under torch"):
        check_gradients(made, torch.randn(4, 3))


def test_what_is_moved_has_all_its_names_and_a_kind():
    """A tied weight both, a frozen one none; a loss and an argument stand under their own."""
    model, x = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)), torch.ones(1, 2)
    model[1].weight = model[0].weight
    model[1].bias.requires_grad_(False)
    moved, notes = chosen([*named(model, {"x": x}, nn.Linear(2, 1))], {"x": x}, None)
    assert [(one.name, one.kind) for one in moved] == [
        ("0.weight = 1.weight", "weight"),
        ("0.bias", "bias"),
        ("loss.weight", "weight"),
        ("loss.bias", "bias"),
        ("x", "input"),
    ]
    assert notes == ["frozen (requires_grad is False), and left out: 1.bias"]


def test_what_is_asked_for_by_its_full_name_is_moved():
    """A pattern asks for nothing that is not moved anyway; integers and empty tensors never are."""
    model = nn.BatchNorm1d(2)
    given = {"x": torch.ones(3, 2), "k": torch.arange(3), "none": torch.ones(0)}

    def names(wrt):
        return {one.name for one in chosen([*named(model, given, None)], given, wrt)[0]}

    assert names("running_mean") == {"weight", "bias", "x", "running_mean"}
    assert names(["running_*"]) == names(None) == {"weight", "bias", "x"}


def test_what_is_left_out_is_said():
    """Frozen parameters, buffers, and outputs without a derivative."""
    model, batch = everything()
    notes = "\n".join(check_gradients(model, batch, scale=2.0).notes)
    assert "frozen" in notes
    assert "b.weight" in notes
    assert "table" in notes
    assert "output best is of int64" in notes


def test_a_buffer_is_checked_if_it_is_asked_for():
    """By its full name."""
    model, batch = everything()
    report = check_gradients(model, batch, scale=2.0, wrt=["table", "a.*"])
    assert verdicts(report) == {"table": Verdict.CORRECT, "a.weight": Verdict.CORRECT, "a.bias": Verdict.CORRECT}
    assert not model.table.requires_grad


def test_marked_inputs_beside_others_are_the_only_ones():
    """requires_grad says what is meant, where some have it and others have not."""
    x, y = torch.randn(3, requires_grad=True), torch.randn(3)
    report = check_gradients(lambda x, y: x * y, x, y)
    assert {*report.tensors} == {"x"}
    assert any("held fixed" in note and note.endswith(": y") for note in report.notes)


def test_the_same_tensor_twice_is_one_variable():
    """Its gradient is that of both uses."""
    x = torch.randn(3)
    assert verdicts(check_gradients(lambda a, b: a * b.sin(), x, x)) == {"a = b": Verdict.CORRECT}


def test_a_mask_that_is_not_finite_is_no_variable():
    """It is held fixed, and that is said."""
    q, mask = torch.randn(1, 3, 4), torch.full((3, 3), -torch.inf).triu(1)
    report = check_gradients(lambda q, mask: nn.functional.scaled_dot_product_attention(q, q, q, mask), q, mask)
    assert verdicts(report) == {"q": Verdict.CORRECT}
    assert any("not finite" in note and "mask" in note for note in report.notes)


class Weighted(torch.autograd.Function):
    """x times the weights that are known."""

    @staticmethod
    def forward(ctx, x, w):
        """Keep both."""
        ctx.save_for_backward(x, w)
        return x * torch.nan_to_num(w)

    @staticmethod
    def backward(ctx, g):
        """Claim three times what is right of the weights."""
        x, w = ctx.saved_tensors
        return g * torch.nan_to_num(w), 3 * g * x * ~w.isnan()


def test_of_a_tensor_that_is_partly_nan_the_rest_is_moved():
    """Beside others as well: what is wrong in it is found."""
    x, w = torch.randn(2, 3), torch.randn(2, 3)
    w[0, 1] = torch.nan
    report = check_gradients(Weighted.apply, x, w)
    assert verdicts(report) == {"x": Verdict.CORRECT, "w": Verdict.WRONG}
    assert report.tensors["w"].wrong == 5
    assert any("w[0,1]" in note for note in report.notes)


def test_an_input_that_pytorch_has_no_derivative_for_is_held_fixed():
    """A target is mostly one, and floating-point by accident; where it is asked for, it is refused."""
    x, target = torch.randn(4), torch.tensor([1.0, -1.0, 1.0, 1.0])
    report = check_gradients(nn.SoftMarginLoss(), x, target)
    assert verdicts(report) == {"input": Verdict.CORRECT}
    assert any("no derivative with respect to them: target" in note for note in report.notes)
    with pytest.raises(GradientError, match="not differentiable"):
        check_gradients(nn.SoftMarginLoss(), x.requires_grad_(), target.requires_grad_())


@pytest.mark.parametrize("marked", [False, True])
def test_a_model_is_called_once_before_it_is_checked(marked):
    """And gone back through only where there is an input that it may refuse."""
    called, back = [], []

    class Noting(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            called.append(1)
            return x + y

        @staticmethod
        def backward(ctx, dy):
            back.append(1)
            return dy, dy

    x, y = (torch.ones(2, requires_grad=marked) for _ in range(2))
    made = models.oracle(Noting.apply, (x, y), Options())
    assert (len(called), len(back), made.spent) == (1, int(not marked), 1)
