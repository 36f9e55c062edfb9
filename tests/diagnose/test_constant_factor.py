"""Is a constant factor named, and where it comes from?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import NOISE, E, changed, suspect

from gradcheck import check_gradients
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.constant_factor import factor, factor_in_part, unknown


@pytest.mark.parametrize(
    ("claim", "context", "words"),
    [
        (-E, {}, "every entry is minus the measured value: the sign is wrong"),
        (2 * E, {}, "exactly twice"),
        (E / 2, {}, "exactly half"),
        (6 * E, {"sizes": {"the batch size": 6}}, "6 times the measured value: 6 is the batch size: a sum"),
        (E * 0.7, {"numbers": {"rate": 0.3}}, "1 - rate with rate = 0.3"),
        (E / np.linalg.norm(E), {}, "its norm is 1"),
        (-7 * E, {"sizes": {"the batch size": 7}}, "wrong sign, and 7 is the batch size"),
    ],
)
def test_a_factor_that_comes_from_somewhere_is_named(claim, context, words):
    """With what it comes from."""
    found = factor(suspect(claim, **context))
    assert found.kind is Slip.FACTOR
    assert words in found.sentence


def test_the_batch_is_named_before_other_sizes_and_no_width_is_an_alternative():
    """Both an axis and the batch may be 5; that a weight has 5 columns as well says nothing."""
    sizes = {"axis 1 of T": 5, "the batch size": 5}
    assert (
        "5 is the batch size: a sum where the mean over the batch is meant"
        in factor(suspect(5 * E, sizes=sizes)).sentence
    )
    assert "(or" not in factor(suspect(5 * E, sizes=sizes)).sentence
    two = {"axis 1 of T": 5, "axis 2 of T": 5}
    assert factor(suspect(5 * E, sizes=two)).sentence.endswith("(or 5 is axis 2 of T)")


def test_a_factor_of_unknown_origin_is_left_to_the_end():
    """The likelier patterns come first; then it is said as it is."""
    odd = suspect(1.37 * E)
    assert factor(odd) is None
    assert unknown(odd).kind is Slip.UNKNOWN_FACTOR
    assert unknown(odd).sentence == "every entry is 1.37 times the measured value: a constant factor wrong or forgotten"
    assert unknown(suspect(-1.37 * E)).sentence.endswith("wrong sign, and a constant factor wrong or forgotten")


def test_a_factor_of_the_wrong_entries_alone_is_named():
    """With the place where they are."""
    found = factor_in_part(suspect(changed(2, 3 * E[2])))
    assert found.kind is Slip.FACTOR_IN_PART
    assert found.sentence.startswith("the wrong entries (in row 2 alone) are 3 times the measured value")


@pytest.mark.parametrize("pattern", [factor, unknown])
@pytest.mark.parametrize("claim", [2 * E * (1 + NOISE), E, E.T], ids=["nearly", "right", "transposed"])
def test_what_has_no_factor_is_left_to_others(pattern, claim):
    """Nothing is guessed."""
    assert pattern(suspect(claim)) is None


def test_of_one_number_there_is_always_a_factor():
    """So that only a simple one is believed; of two numbers the same factor is one."""
    assert factor(suspect(1.37, 1.0)) is unknown(suspect(1.37, 1.0)) is None
    assert factor(suspect(2.0, 1.0)).kind is Slip.FACTOR
    assert unknown(suspect([1.37, 2.74], [1.0, 2.0])).kind is Slip.UNKNOWN_FACTOR


@pytest.mark.parametrize("ratio", [1e-10, 1e10])
def test_what_is_nothing_beside_the_other_is_no_multiple_of_it(ratio):
    """One of them is rounding."""
    assert unknown(suspect(ratio * E)) is None


@pytest.mark.parametrize(("x", "said"), [(3.0, "x: it is exactly twice"), (np.arange(1.0, 4), "x: every entry is")])
def test_of_one_number_it_is_not_said_that_every_entry_is(x, said):
    """There is but one."""
    found = check_gradients(lambda x: np.sum(x * x), x, grad=lambda x: 4 * x)
    assert found.diagnosis[0].startswith(said)


@pytest.mark.parametrize("dtype", [">f8", np.longdouble, np.float32])
def test_a_factor_is_named_whatever_the_claims_are_stored_as(dtype):
    """The order of the bytes is no matter, and more digits are no fewer."""
    x = np.array([0.3, -0.7, 1.1, 0.4]).astype(dtype)
    report = check_gradients(lambda x: np.sum(np.sin(x)), x, grad=lambda x: 1.25 * np.cos(x))
    assert "x: every entry is 1.25 times the measured value" in report.diagnosis[0]


def test_a_buffer_that_the_gradient_is_written_to_is_no_term():
    """It holds the claim itself: what is missing is a multiple of it."""
    buffer = np.zeros(4)

    def grad(x):
        buffer[:] = 1.25 * np.cos(x)
        return buffer

    report = check_gradients(lambda x: np.sum(np.sin(x)), np.array([0.3, -0.7, 1.1, 0.4]), grad=grad)
    assert "x: every entry is 1.25 times the measured value" in report.diagnosis[0]
