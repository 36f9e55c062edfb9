"""The door for suites that call `torch.autograd.gradcheck`: the same arguments and exceptions, judged by ours."""

from __future__ import annotations

import importlib
import inspect
import re
import warnings

import pytest

from gradcheck import UndecidedWarning, Verdict

torch = pytest.importorskip("torch")

from models.torches.cube import Cube  # noqa: E402

from gradcheck.compat.torch import GradcheckError, gradcheck, gradgradcheck  # noqa: E402

PYTORCHS_OWN = importlib.import_module("torch.autograd.gradcheck").GradcheckError


class Slightly(Cube):
    @staticmethod
    def backward(ctx, g):
        return 3.003 * g * ctx.saved_tensors[0] ** 2


class Forwards(Cube):
    @staticmethod
    def jvp(ctx, t):
        return 2 * t * ctx.saved_tensors[0] ** 2


class Half(Cube):
    @staticmethod
    def jvp(ctx, t):
        return (3 * t * ctx.saved_tensors[0] ** 2).float()


class Once(Cube):
    """Its backward forgets that it depends on x."""

    @staticmethod
    def backward(ctx, g):
        return 3 * g * ctx.saved_tensors[0].detach() ** 2


class Only(Cube):
    """No backward at all."""

    @staticmethod
    def backward(ctx, g):
        msg = "there is none"
        raise NotImplementedError(msg)


class Unprepared(Cube):
    """Its backward cannot do without a gradient."""

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*inputs)


class Stubborn(Cube):
    """Returns something where it is given nothing."""

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        x = ctx.saved_tensors[0]
        return torch.ones_like(x) if g is None else 3 * g * x**2


class Numbers(Cube):
    """Takes numbers out of tensors, which several at once do not allow."""

    @staticmethod
    def backward(ctx, g):
        return torch.tensor([3 * float(a) * float(b) ** 2 for a, b in zip(g, ctx.saved_tensors[0], strict=True)])

    @staticmethod
    def jvp(ctx, t):
        return torch.tensor(
            [3 * float(a) * float(b) ** 2 for a, b in zip(t, ctx.saved_tensors[0], strict=True)], dtype=torch.float64
        )


class Otherwise(Cube):
    """Right for one gradient at a time, and wrong for several."""

    @staticmethod
    def backward(ctx, g):
        try:
            g.sum().item()
        except RuntimeError:  # a number cannot be taken out of several
            g = 1.5 * g
        return Cube.backward(ctx, g)


class Trembling(Cube):
    """Its gradient changes from call to call, by one part in a hundred thousand."""

    calls = 0

    @staticmethod
    def backward(ctx, g):
        Trembling.calls += 1
        return Cube.backward(ctx, g) * (1 + 1e-5 * (-1) ** Trembling.calls)


class Contiguous(Cube):
    @staticmethod
    def backward(ctx, g):
        if not g.is_contiguous():
            msg = "that has gaps"
            raise MemoryError(msg)
        return Cube.backward(ctx, g)


class WrongIfLarge(torch.autograd.Function):
    """The gradient of a cube, whose own gradient is wrong where that of the output is large."""

    @staticmethod
    def forward(ctx, g, x):
        ctx.save_for_backward(g, x)
        return 3 * g * x**2

    @staticmethod
    def backward(ctx, v):
        g, x = ctx.saved_tensors
        return 3 * x**2 * v, torch.where(g.abs() > 10, 1, 6) * g * x * v


class LargeCube(Cube):
    @staticmethod
    def backward(ctx, g):
        return WrongIfLarge.apply(g, *ctx.saved_tensors)


@pytest.fixture
def x():
    return torch.tensor([0.5, -1.25, 2.0, 0.75], dtype=torch.float64, requires_grad=True)


def test_a_wrong_backward_is_found(x):
    """The error is PyTorch's own, names the entry, and carries the report."""
    with pytest.raises(PYTORCHS_OWN, match=r"x\[\d\]  claimed") as caught:
        gradcheck(Slightly.apply, x)
    assert caught.value.report.verdict is Verdict.WRONG
    assert caught.value.report.name == "Slightly"


def test_a_right_backward_passes(x):
    """True, and nothing else."""
    assert gradcheck(Cube.apply, x) is True
    assert gradgradcheck(Cube.apply, x) is True


def test_a_kink_and_what_nothing_depends_on_pass(x):
    """Both have a legal gradient."""
    x = torch.tensor([0.0, 1.0], dtype=torch.float64, requires_grad=True)
    assert gradcheck(torch.relu, x)
    assert gradcheck(lambda x: 0 * x, x)


def test_what_cannot_be_decided_passes_with_a_warning():
    """A jump has no slope that a claim could be held against; the warning points at the caller."""
    x = torch.tensor([1.0, 2.5], dtype=torch.float64, requires_grad=True)
    with pytest.warns(UndecidedWarning, match="at 1 the function is not continuous") as caught:
        assert gradcheck(torch.floor, x)
    assert caught[0].filename == __file__
    with pytest.warns(UndecidedWarning) as caught:
        assert gradgradcheck(lambda x: x * torch.floor(x), x)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(gradcheck, torch.autograd.gradcheck), (gradgradcheck, torch.autograd.gradgradcheck)],
    ids=["first", "second"],
)
def test_arguments_are_those_of_pytorch(ours, theirs):
    """Names, order and kinds; all defaults but those that the measurement replaces."""

    def parameters(f):
        replaced = ("eps", "atol", "rtol")
        return [(n, p.kind, n in replaced or p.default) for n, p in inspect.signature(f).parameters.items()]

    assert parameters(ours) == parameters(theirs)


def test_false_instead_of_an_exception(x):
    """With raise_exception=False."""
    assert gradcheck(Slightly.apply, x, raise_exception=False) is False
    assert gradgradcheck(Once.apply, x, raise_exception=False) is False


def test_the_step_and_the_mode_do_not_matter(x):
    """A step for which PyTorch accuses a right gradient, and a mode in which it looks at two numbers."""
    assert not torch.autograd.gradcheck(Cube.apply, x, eps=0.5, raise_exception=False)
    assert gradcheck(Cube.apply, x, eps=0.5, fast_mode=True)
    assert not gradcheck(Slightly.apply, x, eps=0.5, fast_mode=True, raise_exception=False)
    assert gradgradcheck(Cube.apply, x, eps=0.5, fast_mode=True)


class Slips(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return (x * y).sin()

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        dx, dy = g * y * (x * y).cos(), g * x * (x * y).cos()
        dy[3, 1] *= 1.01
        return dx, dy


def test_the_fast_mode_looks_along_directions():
    """With far fewer calls than the other; what is wrong is named, to the entry."""
    calls = []

    def right(x, y):
        calls.append(1)
        return (x * y).sin()

    x, y = (torch.randn(5, 4, dtype=torch.float64, requires_grad=True) for _ in range(2))
    assert gradcheck(right, (x, y), fast_mode=True)
    assert len(calls) < x.numel() + y.numel()
    with pytest.raises(GradcheckError, match=r"y\[3,1\]") as caught:
        gradcheck(Slips.apply, (x, y), fast_mode=True)
    report = caught.value.report
    assert {name: str(t.verdict) for name, t in report.tensors.items()} == {"y": "WRONG", "x": "CORRECT"}


def test_the_fast_mode_allows_what_is_allowed():
    """As the other does: where a direction disagrees, its entries are judged."""
    x, y = (torch.randn(5, 4, dtype=torch.float64, requires_grad=True) for _ in range(2))
    assert gradcheck(Slips.apply, (x, y), fast_mode=True, rtol=2e-2)
    assert not gradcheck(Slips.apply, (x, y), fast_mode=True, rtol=5e-3, raise_exception=False)


def test_the_fast_mode_asks_for_each_output_alone():
    """As PyTorch's own does: a backward may drop what comes to the second output where the first has nothing."""

    class Drops(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return 2 * x, 3 * x

        @staticmethod
        def backward(ctx, a, b):
            return None if a is None else 2 * a + (0 if b is None else 3 * b)

    x = torch.randn(4, dtype=torch.float64, requires_grad=True)
    assert not gradcheck(Drops.apply, x, fast_mode=True, raise_exception=False)


def test_the_fast_mode_hears_whether_the_cotangent_is_used(x):
    """Also where there is but one output, and forward mode by itself."""

    class Deaf(Cube):
        @staticmethod
        def backward(ctx, g):
            return 3 * ctx.saved_tensors[0] ** 2

    x = x[0] if isinstance(x, tuple) else x
    one = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    assert not gradcheck(Deaf.apply, one, fast_mode=True, raise_exception=False)
    assert not gradcheck(
        Forwards.apply, x, fast_mode=True, check_forward_ad=True, check_backward_ad=False, raise_exception=False
    )


def test_tolerances_widen(x):
    """An error of a thousandth passes one of two thousandths, relative or absolute, and not one of half of it."""
    assert gradcheck(Slightly.apply, x, rtol=2e-3)
    assert not gradcheck(Slightly.apply, x, rtol=5e-4, raise_exception=False)
    assert gradcheck(Slightly.apply, x, atol=0.02)
    assert not gradcheck(Slightly.apply, x, atol=1e-3, raise_exception=False)


def test_tolerances_are_for_each_mode(x):
    """A backward that is a little off, and a forward mode that is not; the other way round, by far."""
    assert gradcheck(Slightly.apply, x, rtol=2e-3, check_forward_ad=True)
    assert not gradcheck(Forwards.apply, x, rtol=2e-3, check_forward_ad=True, raise_exception=False)


def test_tolerances_of_second_derivatives(x):
    """They go through to the second order as well."""

    def backward(ctx, g):
        return 3 * g * (ctx.saved_tensors[0].detach() ** 2 + ctx.saved_tensors[0] ** 2) / 2

    half = type("HalfOnce", (Cube,), {"backward": staticmethod(backward)})
    assert not gradgradcheck(half.apply, x, raise_exception=False)
    assert gradgradcheck(half.apply, x, rtol=0.6, atol=0.1)
    assert gradgradcheck(half.apply, x, atol=10)


def test_a_gradient_may_change_by_as_much_as_is_said(x):
    """Beyond rounding only with nondet_tol."""
    with pytest.raises(GradcheckError, match="changes from call to call"):
        gradcheck(Trembling.apply, x)
    assert gradcheck(Trembling.apply, x, nondet_tol=1e-3)
    assert not gradcheck(Trembling.apply, x, nondet_tol=1e-5, raise_exception=False)


def test_undefined_gradients(x):
    """A backward must do without the gradient of an output, unless that is not asked."""
    with pytest.raises(GradcheckError, match="raised TypeError where an output has no gradient"):
        gradcheck(Unprepared.apply, x)
    with pytest.raises(GradcheckError, match="not zero where those of the outputs are undefined"):
        gradcheck(Stubborn.apply, x)
    assert gradcheck(Unprepared.apply, x, check_undefined_grad=False)
    assert gradcheck(Stubborn.apply, x, check_undefined_grad=False)


def test_dtypes_of_tangents(x):
    """A tangent of another dtype than its output's is found if that is asked."""
    assert gradcheck(Half.apply, x, rtol=1e-6, check_forward_ad=True)
    with pytest.raises(GradcheckError, match=r"output of torch\.float64 is of torch\.float32"):
        gradcheck(Half.apply, x, rtol=1e-6, check_forward_ad=True, check_grad_dtypes=True)


def test_several_at_once(x):
    """What takes numbers out of tensors does not work under vmap, in either mode."""
    assert gradcheck(Numbers.apply, x, check_forward_ad=True, rtol=1e-5)
    with pytest.raises(GradcheckError, match=r"several gradients at once .* give others"):
        gradcheck(Otherwise.apply, x, check_batched_grad=True)
    with pytest.raises(GradcheckError, match=r"several gradients at once .* raised"):
        gradcheck(Numbers.apply, x, rtol=1e-5, check_batched_grad=True)
    with pytest.raises(GradcheckError, match="several tangents at once"):
        gradcheck(Numbers.apply, x, rtol=1e-5, check_forward_ad=True, check_batched_forward_grad=True)
    assert gradcheck(torch.tanh, x, check_forward_ad=True, check_batched_grad=True, check_batched_forward_grad=True)


def test_forward_mode(x):
    """A wrong one is found if it is asked for."""
    assert gradcheck(Forwards.apply, x)
    with pytest.raises(GradcheckError, match="forward mode says"):
        gradcheck(Forwards.apply, x, check_forward_ad=True)


def test_no_forward_mode(x):
    """PyTorch's own exception, as from its own checker."""
    without = type("Without", (Cube,), {"jvp": torch.autograd.Function.jvp})
    raised = []
    for check in (torch.autograd.gradcheck, gradcheck):
        with pytest.raises(NotImplementedError) as caught:
            check(without.apply, x, check_forward_ad=True)
        raised.append(str(caught.value))
    assert raised[0] == raised[1]


def test_forward_mode_alone(x):
    """A function without a backward passes; one with a wrong forward mode does not."""
    assert gradcheck(Only.apply, x, check_backward_ad=False, check_forward_ad=True)
    with pytest.raises(GradcheckError) as caught:
        gradcheck(Forwards.apply, x, check_backward_ad=False, check_forward_ad=True)
    claimed, measured = re.search(r"x\[\d\]  claimed (\S+), measured (\S+)", str(caught.value)).groups()
    assert float(claimed) == pytest.approx(2 / 3 * float(measured), rel=1e-4)
    assert "detach" not in str(caught.value)  # its backward is right, and not what was asked for


def test_forward_mode_of_complex_numbers():
    """Alone, and beside the backward."""
    z = torch.tensor([0.5 + 1j, -1.0 + 0.25j], dtype=torch.complex128, requires_grad=True)
    assert gradcheck(torch.sin, z, check_forward_ad=True)
    assert gradcheck(torch.sin, z, check_backward_ad=False, check_forward_ad=True)
    assert gradgradcheck(torch.sin, z)


@pytest.mark.parametrize("layout", [torch.sparse_coo, torch.sparse_csr, torch.sparse_csc])
@pytest.mark.filterwarnings("ignore:Sparse")  # CSR is in beta, says PyTorch
def test_sparse_inputs(layout):
    """Only the specified entries count if that is said; else those that are not there are moved as well."""
    eye = torch.eye(3, dtype=torch.float64).to_sparse(layout=layout).requires_grad_()
    assert gradcheck(lambda s: 3 * s.to_dense(masked_grad=True), eye, masked=True)
    assert gradcheck(lambda s: 3 * s.to_dense(masked_grad=False), eye, masked=False)
    with pytest.raises(GradcheckError, match=r"claimed 0, measured"):
        gradcheck(lambda s: 3 * s.to_dense(masked_grad=True), eye)


def test_inputs_that_require_no_gradient_are_left_alone(x):
    """Tensors among them, and things that are none."""
    y = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64)
    assert gradcheck(lambda x, y, n: x**n * y.detach(), (x, y, 3))
    with pytest.raises(GradcheckError):
        gradcheck(lambda x, y, n: x**n * y.detach(), (x, y.requires_grad_(), 3))


def test_nothing_requires_a_gradient(x):
    """A ValueError, as PyTorch's."""
    with pytest.raises(ValueError, match=r"write x\.requires_grad_\(\)"):
        gradcheck(torch.tanh, x.detach())
    with pytest.raises(ValueError, match="nothing to check"):
        gradgradcheck(lambda n: torch.ones(n, requires_grad=True), 3)


def test_sparse_outputs(x):
    """A ValueError, as PyTorch's."""
    with pytest.raises(ValueError, match=r"write \.to_dense\(\)"):
        gradcheck(lambda x: x.to_sparse(), x)


@pytest.mark.parametrize(
    ("door", "contradiction"),
    [
        (gradcheck, {"check_backward_ad": False}),
        (gradcheck, {"check_backward_ad": False, "check_forward_ad": True, "check_batched_grad": True}),
        (gradcheck, {"check_batched_forward_grad": True}),
        (gradgradcheck, {"check_rev_over_rev": False}),
        (gradgradcheck, {"check_rev_over_rev": False, "check_fwd_over_rev": True}),
        (
            gradgradcheck,
            {
                "check_rev_over_rev": False,
                "check_fwd_over_rev": True,
                "check_undefined_grad": False,
                "check_batched_grad": True,
            },
        ),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_contradictions(x, door, contradiction):
    """An AssertionError, as PyTorch's."""
    with pytest.raises(AssertionError, match="contradict one another"):
        door(torch.tanh, x, **contradiction)


def test_exceptions_come_through(x):
    """Those of the function and of its backward, as they are."""
    with pytest.raises(KeyError, match="here"):
        gradcheck(lambda x: {}["here"], x)
    with pytest.raises(NotImplementedError, match="there is none"):
        gradcheck(Only.apply, x, raise_exception=False)


def test_outputs_without_a_gradient(x):
    """Beside others they are left out, as PyTorch does; by themselves they must not move."""
    assert gradcheck(lambda x: (x**2, x.detach() ** 3, torch.argmax(x)), x)
    assert gradcheck(lambda x: torch.ones(3), x)
    with pytest.raises(GradcheckError, match="claims no gradient"):
        gradcheck(lambda x: x.detach() ** 3, x)


def test_nothing_in_it():
    """What is empty cannot be wrong."""
    empty = torch.zeros(0, 3, dtype=torch.float64, requires_grad=True)
    assert gradcheck(torch.tanh, empty)
    assert gradcheck(lambda x: x[:0], torch.ones(3, dtype=torch.float64, requires_grad=True))


def test_parameters_of_a_module_are_not_asked_for(x):
    """Only its inputs are, as with PyTorch's."""

    class Scale(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.tensor(2.0, dtype=torch.float64))

        def forward(self, x):
            return self.scale.detach() * x

    assert gradcheck(Scale(), x)


def test_single_precision_is_measured_in_double():
    """Where PyTorch's warns that it will likely fail, and does."""
    x = torch.tensor([0.5, 1.5], requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert not torch.autograd.gradcheck(torch.exp, x, raise_exception=False)
    assert gradcheck(torch.exp, x)
    with pytest.raises(GradcheckError):
        gradcheck(Slightly.apply, x)


def test_overlapping_memory(x):
    """An input with a stride of 0 is taken for what it looks like, where PyTorch's refuses."""
    wide = x.detach()[:1].expand(3).requires_grad_()
    with pytest.raises(RuntimeError):
        torch.autograd.gradcheck(Cube.apply, wide)
    assert gradcheck(Cube.apply, wide)


def test_only_the_given_point_is_judged():
    """A formula that holds for positive numbers only is right at one of them."""
    size = torch.tensor([0.5, 1.5, 2.5], dtype=torch.float64, requires_grad=True)
    angle = torch.tensor([0.1, 1.0, 2.0], dtype=torch.float64, requires_grad=True)
    assert gradcheck(torch.polar, (size, angle))


def test_everything_is_as_it_was(x):
    """Numbers, gradients and random numbers."""
    before, state = x.detach().clone(), torch.get_rng_state()
    x.grad = torch.ones_like(x)
    gradcheck(torch.nn.functional.dropout, x, check_batched_grad=True, check_forward_ad=True, check_grad_dtypes=True)
    gradgradcheck(lambda x: torch.nn.functional.dropout(x) ** 2, x)
    assert torch.equal(x, before)
    assert torch.equal(x.grad, torch.ones_like(x))
    assert torch.equal(torch.get_rng_state(), state)


def test_a_wrong_second_derivative_is_found(x):
    """A backward that is right, and not differentiable in x."""
    assert gradcheck(Once.apply, x)
    with pytest.raises(GradcheckError, match=r"x\[\d\]  claimed 0") as caught:
        gradgradcheck(Once.apply, x)
    assert caught.value.report.name == "the gradient of Once"
    assert [*caught.value.report.tensors] == ["x", "grad_output0"]


def test_second_derivatives_at_given_gradients(x):
    """At the gradients of the outputs that are given."""
    large = torch.full((4,), 100.0, dtype=torch.float64, requires_grad=True)
    assert gradgradcheck(LargeCube.apply, x)
    assert gradgradcheck(LargeCube.apply, x, large / 100)
    with pytest.raises(GradcheckError, match=r"x\[\d\]  claimed"):
        gradgradcheck(LargeCube.apply, x, large)
    with pytest.raises(GradcheckError):
        gradgradcheck(LargeCube.apply, (x,), (large.detach(),))


def test_gradients_with_gaps(x):
    """The backward gets views that are not contiguous if that is asked."""
    assert gradgradcheck(Contiguous.apply, x)
    with pytest.raises(MemoryError, match="that has gaps"):
        gradgradcheck(Contiguous.apply, x, gen_non_contig_grad_outputs=True)


def test_forward_over_backward(x):
    """Alone, and beside backward over backward."""

    class Square(torch.autograd.Function):
        """g x², without a backward of its own."""

        @staticmethod
        def forward(g, x):
            return g * x**2

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_forward(*inputs)

        @staticmethod
        def jvp(ctx, dg, dx):
            g, x = ctx.saved_tensors
            return dg * x**2 + 2 * g * x * dx

    third = type("Third", (Cube,), {"backward": staticmethod(lambda ctx, g: 3 * Square.apply(g, *ctx.saved_tensors))})
    only = {"check_rev_over_rev": False, "check_fwd_over_rev": True, "check_undefined_grad": False}
    assert gradgradcheck(third.apply, x, **only)
    with pytest.raises(NotImplementedError):
        gradgradcheck(third.apply, x)
    assert gradgradcheck(torch.tanh, x, check_fwd_over_rev=True, check_grad_dtypes=True, check_batched_grad=True)


RIGHT = {
    "tanh": torch.tanh,
    "a tuple": lambda x: (x.sin(), x.sum()),
    "a list": lambda x: [x[:2] * 2, x[2:] ** 2],
    "norm": torch.linalg.norm,
    "expanded": lambda x: x.expand(3, 4),
    "complex": lambda x: torch.complex(x, x**2),
    "branches": lambda x: torch.where(x > 0, x, x**2),
    "a function of one's own": Cube.apply,
}
WRONG = {
    "detached": lambda x: x * x.detach(),
    "from numbers": lambda x: torch.tensor(x.tolist(), dtype=torch.float64) * x,
    "without a graph": lambda x: x.data.clone().mul_(2) + 0 * x,
    "sign": type("Negative", (Cube,), {"backward": staticmethod(lambda ctx, g: -Cube.backward(ctx, g))}).apply,
    "not multiplied by the gradient": type(
        "Ones", (Cube,), {"backward": staticmethod(lambda ctx, g: Cube.backward(ctx, torch.ones_like(g)))}
    ).apply,
    "order": type("Flip", (Cube,), {"backward": staticmethod(lambda ctx, g: Cube.backward(ctx, g).flip(0))}).apply,
}


@pytest.mark.parametrize("name", [*RIGHT, *WRONG])
def test_the_two_agree(x, name):
    """What PyTorch's own says of the same function."""
    f = (RIGHT | WRONG)[name]
    assert torch.autograd.gradcheck(f, x, raise_exception=False) is (name in RIGHT)
    assert gradcheck(f, x, raise_exception=False) is (name in RIGHT)
