"""A map that is linear over the reals only becomes one between real vectors: real parts, then imaginary ones."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict
from gradcheck._jacobian.adjoint import examined
from gradcheck._jacobian.over_reals import over_reals, uses_imaginary
from gradcheck._model.questions import LinearMap

N, M = 16, 9
C = np.random.default_rng(0).normal(size=(4, 6, 2)) @ [1, 1j]


def spectrum(v):
    """What PyLops makes of a real vector: off the ends twice, by the root, so that its adjoint is its inverse."""
    y = np.fft.rfft(v.real, norm="ortho")
    y[1 : M - 1] *= np.sqrt(2)
    return y


def back(u):
    half = u.copy()
    half[1 : M - 1] /= np.sqrt(2)
    return np.fft.irfft(half, N, norm="ortho")


def off(u):
    y = back(u)
    y[3] += 0.01 * u[4].imag
    return y


def asked(adjoint, forward=spectrum, here=None, **said):
    here = np.zeros(N, dtype=complex) if here is None else here
    return LinearMap("F", forward, adjoint, here, ("F", "its adjoint"), **said)


WRONG = {
    "not halved": (lambda u: np.fft.irfft(u, N, norm="ortho"), None),
    "twice": (lambda u: 2 * back(u), "its adjoint is 2 times the adjoint"),
    "a conjugate": (
        lambda u: back(np.conj(u)),
        "a conjugate is missing: its adjoint is the transpose, not the adjoint",
    ),
    "an entry": (off, "wrong in one entry, A.imag[4, 3], which is entry [3, 4] of the adjoint"),
}


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize(("adjoint", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_adjoint_is_located(adjoint, said, marked):
    """Whether the operator says what it is or not."""
    found = examined(asked(adjoint, real=marked), seed=0)
    assert found.verdict is Verdict.WRONG
    assert said in (None, found.diagnosis[0])


@pytest.mark.parametrize("marked", [True, False])
def test_a_right_one_passes_and_that_it_is_so_is_said(marked):
    """At four calls where it is marked, and as many before that is found out."""
    found = examined(asked(back, real=marked), seed=0)
    assert found.verdict is Verdict.CORRECT
    assert "F is linear over the reals only: tested with real scalars" in found.notes[0]
    assert found.evaluations == (4 if marked else 8)
    assert found.tensors["A"].shape == (M, N)


def test_what_a_map_hears():
    """Of the imaginary part: nothing where it drops it, or takes no complex vectors."""
    assert not uses_imaginary(asked(back))
    assert not uses_imaginary(asked(back, np.fft.rfft))
    assert not uses_imaginary(asked(back, here=np.zeros(N)))
    assert uses_imaginary(asked(np.conj, np.conj))


def test_of_real_outputs_real_ones_come_back():
    """The adjoint of the real part of a product is the conjugate transpose: it is given real vectors alone."""
    ask = asked(lambda u: C.conj().T @ u, lambda v: (C @ v).real, np.zeros(6, dtype=complex))
    assert examined(ask, seed=0).verdict is Verdict.CORRECT
    assert over_reals(ask).halved == (False, True)
    assert examined(asked(lambda u: C.T @ u, ask.forward, ask.here), seed=0).verdict is Verdict.WRONG
