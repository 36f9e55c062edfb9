"""Which derivative is asked for? The second, and forward mode: a wrong one is found, and none is made up."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from models.torches.cube import Cube  # noqa: E402
from torch import nn  # noqa: E402

from gradcheck import InputError, Verdict, check_gradients  # noqa: E402


def cube(**methods):
    """Return the same with another method."""
    return type("Other", (Cube,), {name: staticmethod(method) for name, method in methods.items()})


def wrong(report):
    return {name for name, tensor in report.tensors.items() if tensor.verdict is Verdict.WRONG}


# ------------------------------------------------------------------------------------------- second order


def cut_off(ctx, dy):
    (x,) = ctx.saved_tensors
    return 3 * x.detach() ** 2 * dy


def cotangent_cut_off(ctx, dy):
    (x,) = ctx.saved_tensors
    return 3 * x**2 * dy.detach()


@pytest.mark.parametrize(("backward", "named"), [(cut_off, "order 2: x"), (cotangent_cut_off, "order 2: cotangent")])
def test_a_backward_that_cannot_be_differentiated_again_is_found(backward, named):
    """The gradient itself is right, and that of the gradient is not."""
    function = cube(backward=backward)
    assert check_gradients(function, torch.randn(4)).verdict is Verdict.CORRECT
    assert wrong(check_gradients(function, torch.randn(4), order=2)) == {named}


def test_a_right_second_derivative_passes():
    """Of a Function, of a module, and of one that has none."""
    report = check_gradients(Cube, torch.randn(4), order=2)
    assert {n: t.verdict for n, t in report.tensors.items()} == dict.fromkeys(
        ("x", "order 2: x", "order 2: cotangent"), Verdict.CORRECT
    )
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    assert check_gradients(model, torch.randn(2, 3), order=2).verdict is Verdict.CORRECT
    linear = check_gradients(nn.Linear(3, 2), torch.randn(4, 3), order=2)
    assert linear.verdict is Verdict.CORRECT
    assert any("does not depend on bias" in note for note in linear.notes)


def test_a_wrong_first_derivative_is_not_hidden_by_the_second():
    """Both are reported."""
    report = check_gradients(cube(backward=lambda ctx, dy: 2 * ctx.saved_tensors[0] ** 2 * dy), torch.randn(4), order=2)
    assert "x" in wrong(report)


def test_second_order_with_dropout_and_complex_numbers():
    """Random numbers are those of the first order."""
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Dropout(0.5))
    assert check_gradients(model, torch.randn(2, 3), order=2, entries=4).verdict is Verdict.CORRECT
    z = torch.randn(3, dtype=torch.complex128)
    assert check_gradients(lambda z: z**3, z, order=2).verdict is Verdict.CORRECT


# ------------------------------------------------------------------------------------------- forward mode


def test_a_wrong_forward_mode_is_found_and_an_entry_named():
    """The backward is right; <u, J v> is not <J^T u, v>."""

    def jvp(ctx, dx):
        (x,) = ctx.saved_tensors
        slope = 3 * x**2
        return torch.where(torch.arange(4) == 2, 0.5, 1.0) * slope * dx

    report = check_gradients(cube(jvp=jvp), torch.randn(4), jvp=True)
    assert [p.verdict for p in report.problems] == [Verdict.WRONG]
    assert "x[2]" in report.problems[0].sentence
    assert check_gradients(cube(jvp=jvp), torch.randn(4)).verdict is Verdict.CORRECT


def test_a_forward_mode_that_bends_its_tangent_is_found():
    """It must be linear."""
    report = check_gradients(
        cube(jvp=lambda ctx, dx: 3 * ctx.saved_tensors[0] ** 2 * dx.abs()), torch.randn(4), jvp=True
    )
    assert "not linear" in report.problems[0].sentence


def test_a_right_forward_mode_passes():
    """Of a Function, of modules with all their parameters, of complex numbers."""
    assert check_gradients(Cube, torch.randn(4), jvp=True).verdict is Verdict.CORRECT
    model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Tanh(), nn.Linear(4, 2))
    assert check_gradients(model, torch.randn(2, 3), jvp=True).verdict is Verdict.CORRECT
    assert check_gradients(torch.fft.fft, torch.randn(4), jvp=True).verdict is Verdict.CORRECT
    assert check_gradients(Cube, torch.randn(4), jvp=True, order=2).verdict is Verdict.CORRECT


def test_forward_mode_that_there_is_not_is_said():
    """It is the user's to leave out."""
    report = check_gradients(cube(jvp=lambda ctx, dx: 1 / 0), torch.randn(4), jvp=True)
    assert report.verdict is Verdict.BROKEN
    assert "forward mode raised ZeroDivisionError" in report.problems[0].sentence


def test_at_a_kink_forward_mode_may_take_the_other_slope():
    """Neither of the two is the derivative."""
    x = torch.tensor([-1.0, 0.0, 2.0])
    assert check_gradients(torch.relu, x, jvp=True).verdict is Verdict.KINK


# --------------------------------------------------------------------------------------- neither of PyTorch


@pytest.mark.parametrize("keyword", [{"order": 2}, {"jvp": True}, {"batched": True}])
def test_what_only_a_framework_can_do_is_refused_elsewhere(keyword):
    """NumPy differentiates nothing."""
    with pytest.raises(InputError, match="needs a PyTorch or JAX model"):
        check_gradients(lambda x: float((x**2).sum()), torch.randn(3).numpy(), grad=lambda x: 2 * x, **keyword)


def test_one_module_in_two_threads_is_refused():
    """Its parameters are moved while it is checked."""
    from concurrent.futures import ThreadPoolExecutor

    from gradcheck import InputError
    from gradcheck._model.in_use import alone

    net = torch.nn.Linear(2, 2)
    with ThreadPoolExecutor(1) as pool, alone(net):
        for model in (net, net.forward, lambda x: 2 * net(x)):
            there = pool.submit(check_gradients, model, torch.ones(1, 2))
            assert isinstance(there.exception(), InputError)
