"""How is a complex Jacobian checked? As the real ones that it is made of, each named by its parts."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import InputError, assert_gradients, check_gradients
from gradcheck._adapters.complex_jacobian import HOLOMORPHIC, real_parts
from gradcheck._options import Options
from gradcheck._results.verdict import Verdict

RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 4)) + 1j * RNG.normal(size=(3, 4))
X = RNG.normal(size=4)
Z = X + 1j * RNG.normal(size=4)


def waves(z):
    """Return exponentials, of a real or of a complex vector."""
    return np.exp(A @ z)


def slopes(z):
    """Return their Jacobian."""
    return waves(z)[:, np.newaxis] * A


def wrong_in(f, x, jac):
    """Return the names of what is wrong."""
    return {name for name, tensor in check_gradients(f, x, jac=jac).tensors.items() if tensor.wrong}


def test_a_conjugate_is_found_and_the_right_jacobian_passes():
    """Of a real vector: its imaginary part is wrong."""
    assert wrong_in(waves, X, lambda x: slopes(x).conj()) == {"J.imag"}
    assert {*assert_gradients(waves, X, jac=slopes).tensors} == {"J.real", "J.imag"}


def test_of_a_complex_vector_moves_of_both_parts_count():
    """So a function that is not holomorphic has no such Jacobian, and the note says what J is taken for."""
    report = assert_gradients(waves, Z, jac=slopes)
    assert {*report.tensors} == {"J.real", "J.imag", "J.real by .imag", "J.imag by .imag"}
    assert HOLOMORPHIC in report.notes
    by_imaginary = {"J.real by .imag", "J.imag by .imag"}
    assert wrong_in(lambda z: np.conj(waves(z)), Z, lambda z: slopes(z).conj()) == by_imaginary
    assert {"J.imag", "J.real by .imag"} <= wrong_in(lambda z: A @ z, Z, A.conj())


def test_whatever_it_is_made_of():
    """A matrix, a pair, blocks, triplets, sparse; and one number."""
    assert_gradients(lambda z: A @ z, Z, jac=A)
    assert_gradients(lambda z: (A @ z, A), Z, jac=True)
    assert_gradients(lambda x, w: np.exp(1j * w * x), X, 2.0, jac=lambda x, w: np.diag(1j * w * np.exp(1j * w * x)))
    assert_gradients(
        lambda x, y: x * np.exp(1j * y),
        X,
        X + 1,
        jac=lambda x, y: {"x": np.diag(np.exp(1j * y)), "y": np.diag(1j * x * np.exp(1j * y))},
    )
    places = np.arange(4)
    assert_gradients(lambda z: z**2, Z, jac=lambda z: (places, places, 2 * z))
    assert len(check_gradients(lambda z: z**2, Z, jac=lambda z: (places, places, z)).wrong) == 16
    assert_gradients(lambda z: np.sum(z**2), Z, jac=lambda z: 2 * z)
    assert wrong_in(lambda x: np.exp(1j * x), 0.3, lambda x: np.exp(1j * x)) == {"J.real", "J.imag"}


def test_a_real_function_has_no_such_parts():
    """And of a complex point a real output has no complex derivative."""
    assert real_parts(np.sin, (X,), Options(jac=np.cos), X) == []
    with pytest.raises(InputError, match="or of complex outputs by one complex argument"):
        check_gradients(lambda z: np.abs(z) ** 2, Z, jac=lambda z: np.diag(2 * z))


def test_the_right_verdict_of_a_sparse_matrix_and_of_an_operator():
    """SciPy's."""
    sparse = pytest.importorskip("scipy.sparse")
    linalg = pytest.importorskip("scipy.sparse.linalg")
    assert_gradients(lambda z: z**2, Z, jac=lambda z: sparse.diags(2 * z))
    assert check_gradients(lambda z: z**2, Z, jac=sparse.diags).verdict is Verdict.WRONG
    assert_gradients(lambda z: A @ z, Z, jac=linalg.aslinearoperator(A))
