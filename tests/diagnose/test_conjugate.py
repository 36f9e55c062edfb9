"""Is a missing conjugate named, and no other wrong sign?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import NOISE, RNG, D, E, suspect

from gradcheck import check_gradients
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.conjugate import conjugated, of_spectrum

PARTS = {"estimates": {"z.real": D[:5]}, "claims": {"z.real": D[:5]}}


def imaginary(claim, **context):
    return replace(suspect(claim, **context), name="z.imag")


def test_an_imaginary_part_of_the_wrong_sign_is_named():
    """Where the real part is right."""
    found = conjugated(imaginary(-E, **PARTS))
    assert found.kind is Slip.CONJUGATE
    assert found.sentence.endswith("a conjugate is missing, or one too many")


@pytest.mark.parametrize(
    "evidence",
    [
        suspect(-E, **PARTS),
        imaginary(-E),
        imaginary(-E, estimates=PARTS["estimates"], claims={"z.real": -D[:5]}),
        imaginary(-2 * E, **PARTS),
        imaginary(-E + NOISE, **PARTS),
    ],
    ids=["another name", "alone", "a wrong real part", "a factor", "noise"],
)
def test_other_signs_are_left_to_others(evidence):
    """They are what they are."""
    assert conjugated(evidence) is None


H = np.fft.fft(RNG.normal(size=16))
S = RNG.normal(size=(3, 16))


def blurred(s):
    """Return the signals, each convolved with the same kernel."""
    return np.fft.ifft(np.fft.fft(s) * H).real


@pytest.mark.parametrize("signals", [S[0], S], ids=["one signal", "several"])
def test_a_convolution_for_a_correlation_is_named(signals):
    """Each frequency has the right magnitude, and the conjugate of the kernel is missing."""

    def cost(s):
        return np.sum((blurred(s) - 0.3) ** 2) / 2

    report = check_gradients(cost, signals, grad=lambda s: blurred(blurred(s) - 0.3))
    assert "a conjugate is missing in a product of Fourier transforms" in report.diagnosis[0]


@pytest.mark.parametrize(
    ("claim", "estimate"),
    [
        (S[0], S[1]),
        (S[0] + 1e-7 * S[1], S[0]),
        (S[0, :6], np.roll(S[0, :6], 2)),
        (np.eye(16)[2], np.eye(16)[5]),
        (np.roll(S[0], 5), S[0]),
        (-S[:, ::-1], S),
    ],
    ids=["another signal", "a small error", "few frequencies", "one entry", "shifted", "flipped, of the other sign"],
)
def test_other_phases_say_nothing(claim, estimate):
    """Two at random, a small error, a few entries, a single one, whose magnitudes are all the same, another order."""
    assert of_spectrum(suspect(claim, estimate)) is None


@pytest.mark.parametrize("axis", [0, 1])
def test_the_axis_of_the_transforms_is_told(axis):
    """Where each signal has phases of its own, that of all axes together shows nothing."""
    right = RNG.normal(size=(16, 9) if axis == 0 else (9, 16))
    kernels = np.fft.fft(RNG.normal(size=right.shape), axis=axis)
    claim = np.fft.ifft(np.fft.fft(right, axis=axis) * kernels / np.abs(kernels), axis=axis).real
    said = of_spectrum(suspect(claim, right)).sentence
    assert said.startswith(f"at each frequency along axis {axis} the magnitude is right")
