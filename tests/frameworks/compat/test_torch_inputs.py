"""Which outputs and inputs of a function does PyTorch's own checker look at? Those that require a gradient."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from gradcheck.compat._torch_inputs import densified, of_outputs, required, tensors_of, tupled  # noqa: E402


@pytest.fixture
def x():
    return torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)


def test_where_nothing_requires_a_gradient_there_is_nothing_to_check(x):
    """And it is said what to write; others than those that do are not looked at."""
    with pytest.raises(ValueError, match=r"no input requires a gradient.*write x\.requires_grad_\(\)"):
        required((x.detach(), 3, [torch.arange(2)]))
    assert required((x.detach(), 3, {"a": [x]})) == [x]


def test_a_sparse_output_is_refused(x):
    """With what to write behind it."""
    with pytest.raises(ValueError, match=r"a tensor of layout torch\.sparse_coo; write \.to_dense\(\) behind it"):
        of_outputs(lambda x: x.to_sparse(), (x,))


def test_one_tensor_may_come_alone(x):
    """Or in a list; what is nested in the inputs is found."""
    assert tupled(x) == (x,)
    assert tupled([x, 2]) == (x, 2)
    assert tensors_of(({"a": x}, [x, None])) == [x, x]


def test_outputs_that_carry_a_gradient_are_taken(x):
    """One of them bare, several as a tuple; a function of nothing else is the very same."""
    several = of_outputs(lambda x: {"a": x.sin(), "b": x.detach(), "c": [x.cos(), torch.argmax(x)]}, (x,))
    assert [torch.equal(a, b) for a, b in zip(several(x), (x.sin(), x.cos()), strict=True)] == [True, True]
    assert torch.equal(of_outputs(lambda x: (x.sin(), torch.argmax(x)), (x,))(x), x.sin())
    assert of_outputs(torch.sin, (x,)) is torch.sin


def test_where_none_carries_one_all_stay(x):
    """None of them may move; nothing at all is nothing to look at."""
    assert torch.equal(of_outputs(lambda x: (x.detach(), torch.argmax(x)), (x,))(x), x)
    assert of_outputs(torch.argmax, (x,)) is None
    assert of_outputs(lambda x: x[:0], (x,)) is None
    empty = torch.zeros(0, requires_grad=True)
    assert of_outputs(lambda x: torch.ones(2), (empty,)) is None


def test_finding_out_draws_no_random_numbers(x):
    """The state of the generator is what it was."""
    before = torch.get_rng_state()
    of_outputs(torch.nn.functional.dropout, (x,))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.filterwarnings("ignore:Sparse")
@pytest.mark.parametrize("layout", [torch.sparse_coo, torch.sparse_csr, torch.sparse_csc])
def test_the_zeros_of_a_sparse_input_can_be_moved(layout):
    """The function is given a sparse tensor of every entry, and the gradient is dense; a dense input stays."""
    s = torch.tensor([[0.0, 2.0], [3.0, 0.0]], dtype=torch.float64).to_sparse(layout=layout).requires_grad_()
    layouts = []

    def f(s):
        layouts.append(s.layout)
        return (s.to_dense() ** 2).sum()

    of_dense, (dense,) = densified(f, (s,))
    moved = (dense.detach() + 1).requires_grad_()
    assert of_dense(dense) == 13
    assert of_dense(moved) == 1 + 9 + 16 + 1
    (gradient,) = torch.autograd.grad(of_dense(moved), moved)
    assert gradient.tolist() == [[2, 6], [8, 2]]
    assert {*layouts} == {layout}


def test_dense_inputs_stay_as_they_are(x):
    """And so does a sparse one that requires no gradient."""
    given = (x, torch.eye(2).to_sparse())
    assert densified(torch.sin, given) == (torch.sin, given)
