"""Does every hard case get the same verdict where it is a `jax.custom_vjp`?"""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from traps import collect

jax = pytest.importorskip("jax")

from benchmarks.questions import NotExpressible, question  # noqa: E402
from gradcheck import check_gradients  # noqa: E402

# It takes functions for pure, so that a way forward and a way back draw apart, and XLA takes denormal numbers for zero;
# and in what things are handed over, or returned, there is no question of where all are arrays of JAX.
NOT_IN_JAX = (
    "scale_denormal",
    "protocol_dropout",
    "protocol_noise",
    "protocol_changes_input",
    "protocol_stale",
    "protocol_accumulates",
    "protocol_cotangent_layout",
    "protocol_types",
    "kink_units_at_zero",
    "kink_pieces_at_zero",
    "random_",
    "dropped_",
    "containers_",
    "magnitudes_decay",
)
LARGE = 1_000  # entries; what is hard about those is hard in the same way in NumPy, and a call back to it is slow here


def meant():
    """Return the traps that are about pure functions of arrays, of a file one of each truth."""
    of_truth = {(trap.case, trap.truth): trap for trap in reversed(collect())}
    return [trap for trap in of_truth.values() if not trap.case.startswith(NOT_IN_JAX)]


def expressible():
    """Return those that can be written so."""
    found = []
    for trap in meant():
        with contextlib.suppress(NotExpressible):
            asked = question(trap.f, trap.args, trap.keywords)
            if asked.size <= LARGE:
                found.append(pytest.param(trap, asked, id=trap.id))
    return found


def function(asked):
    """Return a function with a derivative of its own: the trap's function, and its claim."""
    shape = np.shape(asked.value([np.array(a) for a in asked.arrays]))

    def value(*given):  # one function, since JAX compiles a call of another anew
        return np.asarray(asked.value([np.array(a) for a in given]), given[0].dtype)

    def pulled(cotangent, *given):
        claims = asked.pullback([np.array(a) for a in given], np.array(cotangent))
        return tuple(np.asarray(claim, a.dtype) for claim, a in zip(claims, given, strict=True))

    @jax.custom_vjp
    def claimed(*arrays):
        return jax.pure_callback(value, jax.ShapeDtypeStruct(shape, arrays[0].dtype), *arrays)

    def backward(arrays, cotangent):
        shapes = tuple(jax.ShapeDtypeStruct(a.shape, a.dtype) for a in arrays)
        return jax.pure_callback(pulled, shapes, cotangent, *arrays)

    claimed.defvjp(lambda *arrays: (claimed(*arrays), arrays), backward)
    return claimed


@pytest.mark.parametrize(("trap", "asked"), expressible())
def test_every_trap_gets_its_verdict_in_jax(trap, asked):
    """The same as in NumPy."""
    own = {key: value for key, value in trap.keywords.items() if key not in {"grad", "vjp", "value_and_grad"}}
    with np.errstate(all="ignore"):
        report = check_gradients(function(asked), *map(jax.numpy.asarray, asked.arrays), **own)
    assert report.verdict in trap.verdicts, f"\n{report}"


def test_most_traps_can_be_written_so():
    """Else little would be shown."""
    assert len(expressible()) > 0.8 * len(meant())
