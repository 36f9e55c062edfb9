"""Complex inputs and outputs: two tensors each, the convention said, other conventions recognised."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients
from gradcheck._adapters.complex_numbers import Halves, any_complex, joined, like, parted

RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 4)) + 1j * RNG.normal(size=(3, 4))
Z = RNG.normal(size=4) + 1j * RNG.normal(size=4)


def power(z):
    return float(np.sum(np.abs(A @ z) ** 2))


def gradient(z):
    return 2 * A.conj().T @ (A @ z)


def test_a_right_gradient_passes_and_its_convention_is_said():
    """Of an array, of single precision, beside data, in a dict, and with its value."""
    report = assert_gradients(power, Z, grad=gradient)
    assert [*report.tensors] == ["z.real", "z.imag"]
    assert "the gradient of a complex number is dL/dRe + i dL/dIm, as in PyTorch" in report.notes[0]
    assert_gradients(power, Z.astype(np.complex64), grad=gradient)
    assert_gradients(lambda z, M: np.sum(np.abs(M @ z) ** 2), Z, A, grad=lambda z, M: 2 * M.conj().T @ (M @ z))
    assert_gradients(
        lambda p: abs(p["a"]) ** 2 + power(p["z"]),
        {"a": 1 + 2j, "z": Z},
        grad=lambda p: {"a": 2 * p["a"], "z": gradient(p["z"])},
    )
    assert_gradients(lambda z: (power(z), gradient(z)), Z, value_and_grad=True)
    assert_gradients(lambda z, k: power(z) * k, Z, 3.0, grad=lambda z, k: (k * gradient(z), power(z)))


def test_a_wrong_entry_is_named():
    """In both of its parts."""
    found = check_gradients(power, Z, grad=lambda z: gradient(z) * [1, 1, 1.01, 1])
    assert {e.name for e in found.wrong} == {"z.real[2]", "z.imag[2]"}


CONVENTIONS = {
    "conjugated": (lambda z: gradient(z).conj(), "z: a conjugate is missing, or one too many"),
    "Wirtinger": (
        lambda z: gradient(z) / 2,
        "z: it is half of the gradient: the Wirtinger derivative with respect to the conjugate",
    ),
    "by z": (lambda z: gradient(z).conj() / 2, "z: it is the Wirtinger derivative with respect to z itself"),
}


@pytest.mark.parametrize(("grad", "said"), CONVENTIONS.values(), ids=CONVENTIONS)
def test_other_conventions_are_recognised(grad, said):
    """By name."""
    found = check_gradients(power, Z, grad=grad)
    assert found.verdict is Verdict.WRONG
    assert found.diagnosis[0].startswith(said)


def test_complex_outputs_have_complex_cotangents():
    """Of holomorphic functions, of a transform of real numbers, and a pullback that takes the cotangent alone."""
    assert_gradients(lambda z: A @ z, Z, vjp=lambda z, u: A.conj().T @ u)
    assert_gradients(lambda z: A @ z, Z, vjp=lambda u: A.conj().T @ u)
    assert_gradients(np.fft.rfft, Z.real, vjp=lambda x, u: np.real(4 * np.fft.ifft(np.append(u, 0))))
    found = check_gradients(lambda z: A @ z, Z, vjp=lambda z, u: A.T @ u)
    assert found.diagnosis[0].startswith("z: a conjugate is missing: the pullback is by the transpose")


def test_one_direction():
    """In the shape of the point, complex as well."""
    assert_gradients(power, Z, grad=gradient, along=1j * Z)  # it does not change
    assert (
        check_gradients(power, Z, grad=lambda z: gradient(z).conj(), along=Z * [1, 1j, 1, 1]).verdict is Verdict.WRONG
    )


@pytest.mark.parametrize("along", ["random", {"z": 1j * Z}], ids=["random", "by name"])
def test_a_direction_is_random_or_has_a_name(along):
    """As of real numbers."""
    assert_gradients(power, Z, grad=gradient, along=along)
    assert check_gradients(power, Z, grad=lambda z: 2 * gradient(z), along="random").verdict is Verdict.WRONG


def test_what_is_asked_for_by_name_has_both_parts():
    """Of the argument that the user wrote."""
    f = lambda a, z: a * power(z)  # noqa: E731
    right = assert_gradients(f, 2.0, Z, grad=lambda a, z: a * gradient(z), wrt="z")
    assert {*right.tensors} == {"z.real", "z.imag"}
    assert check_gradients(f, 2.0, Z, grad=lambda a, z: gradient(z), wrt=["z"]).verdict is Verdict.WRONG


def test_a_ufunc_of_complex_numbers_has_its_derivative():
    """By whose conjugate the pullback is; the gradient of a real one is that of its convention."""
    assert_gradients(np.exp, Z, grad=np.exp)
    assert check_gradients(np.exp, Z, grad=lambda z: np.exp(z).conj()).verdict is Verdict.WRONG
    assert_gradients(np.abs, Z, grad=lambda z: z / np.abs(z))


REFUSED = {
    "names of complex numbers": (
        lambda: check_gradients(power, Z, grad=gradient, names=list("abcd")),
        "names= are those of real numbers, and the vector is complex; leave names= out",
    ),
    "a complex value": (
        lambda: check_gradients(lambda z: np.sum(z**2), Z, grad=lambda z: 2 * z),
        "the function returned a complex number where a scalar is promised, and a gradient is that of a real one",
    ),
    "a complex gradient of a real number": (
        lambda: check_gradients(lambda x: np.sum(x**2), Z.real, grad=lambda x: 2 * x + 0j),
        "return real floats: x is real, and so is its gradient, mostly g.real",
    ),
}


@pytest.mark.parametrize(("check", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_so_is_refused(check, message):
    """In words that say complex, with what to write."""
    with pytest.raises(InputError, match=re.escape(message)):
        check()


def test_trees_are_parted_and_joined_again():
    """What has no complex number in it stays itself."""
    tree = {"a": [Z, 1.0], "b": (2 + 1j, np.ones(2))}
    assert any_complex(tree)
    again = joined(parted(tree))
    np.testing.assert_array_equal(again["a"][0], Z)
    assert again["b"][0] == 2 + 1j
    plain = {"a": [1.0]}
    assert parted(plain) is plain
    assert joined(plain) is plain
    assert joined(Halves.of(Z.astype(np.complex64))).dtype == np.complex64


def test_a_real_gradient_may_stand_for_a_complex_one():
    """Its imaginary part is zero."""
    halves = like([Halves.of(Z)], [np.ones(4)])[0]
    np.testing.assert_array_equal(halves["imag"], np.zeros(4))
    assert like(Halves.of(Z), None) is None


def test_a_pushforward_of_complex_tangents():
    """It is J t, for a function of complex numbers as well."""
    assert_gradients(lambda z: z**2, Z, jvp=lambda z, t: 2 * z * t)
    found = check_gradients(lambda z: z**2, Z, jvp=lambda z, t: 2 * z.conj() * t)
    assert found.verdict is Verdict.WRONG


def test_what_is_told_by_the_convention_is_not_called_unknown_besides():
    """Where another tensor is wrong as well, that is looked into."""
    z, w = RNG.normal(size=3) + 1j * RNG.normal(size=3), RNG.normal(size=3)
    report = check_gradients(lambda z: z**2, z, vjp=lambda z, u: u * 2 * z)
    assert len(report.diagnosis) == 1
    assert report.diagnosis[0].startswith("z: a conjugate is missing: the pullback is by the transpose")

    def back(z, w, u):
        return u * 2 * z * w, 3 * (np.conj(u) * z**2).real

    both = check_gradients(lambda z, w: z**2 * w, z, w, vjp=back)
    assert len(both.diagnosis) > 1
