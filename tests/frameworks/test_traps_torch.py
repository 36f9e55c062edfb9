"""Does every hard case get the same verdict where it is a `torch.autograd.Function`?"""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from traps import collect

torch = pytest.importorskip("torch")

from benchmarks.questions import NotExpressible, question  # noqa: E402
from gradcheck import check_gradients  # noqa: E402

# A claim that draws again is no backward, which keeps what its forward has drawn; what is computed once is so for the
# tests of NumPy as well; and in what things are handed over, there is no question of where all are tensors.
# Where a cotangent lies in memory, and outputs that are no tensors, are questions to NumPy alone.
ELSEWHERE = (
    "protocol_dropout",
    "random_",
    "protocol_stale",
    "dropped_",
    "containers_",
    "protocol_cotangent_layout",
    "protocol_types",
    "kink_units_at_zero",
    "kink_pieces_at_zero",
    "outputs_constant",
    "magnitudes_decay",
)
LARGE = 2_000  # entries; what is hard about those is hard in the same way in NumPy


def meant():
    """Return the traps that are about functions of tensors."""
    return [trap for trap in collect() if not trap.case.startswith(ELSEWHERE)]


def expressible():
    """Return the traps that can be written so, each with the question that it asks."""
    found = []
    for trap in meant():
        with contextlib.suppress(NotExpressible):
            asked = question(trap.f, trap.args, trap.keywords)
            if asked.size <= LARGE:
                found.append(pytest.param(trap, asked, id=trap.id))
    return found


def function(asked):
    """Return a Function whose forward is the trap's function, and whose backward is its claim."""

    class Claimed(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *tensors):
            ctx.save_for_backward(*tensors)
            return torch.as_tensor(np.array(asked.value([t.numpy() for t in tensors])))

        @staticmethod
        def backward(ctx, cotangent):
            gradients = asked.pullback([t.numpy() for t in ctx.saved_tensors], cotangent.numpy())
            return tuple(torch.as_tensor(np.array(g)) for g in gradients)

    return Claimed


@pytest.mark.parametrize(("trap", "asked"), expressible())
def test_every_trap_gets_its_verdict_in_pytorch(trap, asked):
    """The same as in NumPy."""
    own = {key: value for key, value in trap.keywords.items() if key not in {"grad", "vjp", "value_and_grad"}}
    tensors = [torch.tensor(array, requires_grad=True) for array in asked.arrays]
    with np.errstate(all="ignore"):
        report = check_gradients(function(asked), *tensors, **own)
    assert report.verdict in trap.verdicts, f"\n{report}"


def test_most_traps_can_be_written_so():
    """Else little would be shown."""
    assert len(expressible()) > 0.9 * len(meant())
