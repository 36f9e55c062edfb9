"""What else does PyTorch's own checker ask of a function? Undefined gradients, batches, dtypes."""

from __future__ import annotations

import re

import pytest

torch = pytest.importorskip("torch")

from models.torches.cube import Cube  # noqa: E402

from gradcheck import Verdict  # noqa: E402
from gradcheck.compat._torch_promises import (  # noqa: E402
    batched_gradients,
    batched_tangents,
    tangent_dtypes,
    try_forward_mode,
    undefined_gradients,
)


def prepared_for_none(ctx, inputs, output):
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(*inputs)


def cube(**methods):
    """Return the cube with other methods, as a function."""
    return type("Other", (Cube,), {name: staticmethod(method) for name, method in methods.items()}).apply


def from_numbers(ctx, t):
    """Return 3 x² t, by way of numbers of Python."""
    (x,) = ctx.saved_tensors
    return torch.tensor([3 * float(a) * float(b) ** 2 for a, b in zip(t, x, strict=True)], dtype=torch.float64)


def ones_for_none(ctx, dy):
    (x,) = ctx.saved_tensors
    return torch.ones_like(x) if dy is None else 3 * dy * x**2


def larger_in_a_batch(ctx, t):
    """Return 3 x² t, and half as much again where no number can be taken out of t: there are several at once."""
    try:
        t.sum().item()
    except RuntimeError:
        t = 1.5 * t
    return 3 * ctx.saved_tensors[0] ** 2 * t


BROKEN = {
    "no gradient": (undefined_gradients, cube(setup_context=prepared_for_none), "BROKEN", "raised TypeError where an"),
    "something for nothing": (
        undefined_gradients,
        cube(setup_context=prepared_for_none, backward=ones_for_none),
        "WRONG",
        "the gradient is not zero where those of the outputs are undefined",
    ),
    "numbers on the way back": (
        batched_gradients,
        cube(backward=from_numbers),
        "BROKEN",
        r"several gradients at once \(vmap\) raised",
    ),
    "others on the way back": (
        batched_gradients,
        cube(backward=larger_in_a_batch),
        "WRONG",
        r"several gradients at once \(vmap\) give others than one after the other",
    ),
    "numbers on the way there": (batched_tangents, cube(jvp=from_numbers), "BROKEN", "several tangents at once"),
    "others on the way there": (batched_tangents, cube(jvp=larger_in_a_batch), "WRONG", "several tangents at once"),
    "another dtype": (
        tangent_dtypes,
        cube(jvp=lambda ctx, t: (3 * t * ctx.saved_tensors[0] ** 2).float()),
        "BROKEN",
        r"the tangent of an output of torch\.float64 is of torch\.float32",
    ),
}


@pytest.fixture
def given():
    return (torch.tensor([0.5, -1.25, 2.0], dtype=torch.float64, requires_grad=True),)


@pytest.mark.parametrize(("promise", "function", "verdict", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_promise_that_is_broken_is_named(given, promise, function, verdict, sentence):
    """Once, with what came of it."""
    (problem,) = promise(function, given)
    assert problem.verdict is Verdict[verdict]
    assert re.search(sentence, problem.sentence)


PROMISES = [undefined_gradients, batched_gradients, batched_tangents, tangent_dtypes]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda f: f.__name__)
def test_a_promise_that_is_kept_says_nothing(given, promise):
    """Of one output, of several, of such as do not depend on the input; and draws no random numbers."""
    before = torch.get_rng_state()
    drawn = torch.sin if promise is batched_tangents else torch.nn.functional.dropout  # vmap refuses to draw
    for function in (Cube.apply, lambda x: (x.sin(), x.sum(), torch.ones(2)), drawn):
        assert list(promise(function, given)) == []
    assert torch.equal(torch.get_rng_state(), before)


def test_what_forward_mode_raises_comes_through(given):
    """As it is; of a sparse input it is not tried."""
    with pytest.raises(ZeroDivisionError):
        try_forward_mode(cube(jvp=lambda ctx, t: 1 / 0), given)
    try_forward_mode(Cube.apply, given)
    sparse = torch.eye(2).to_sparse().requires_grad_()
    try_forward_mode(lambda s: 1 / 0, (sparse,))
