"""Is single precision recognised by numbers that are, and by nothing else?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import NOISE, D, E, suspect

from gradcheck import check_gradients
from gradcheck._diagnose import single_precision as module
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.single_precision import single_precision


def test_exact_numbers_of_single_precision_are_named():
    """They are recognised before anything else is."""
    found = single_precision(suspect((E * (1 + 0.02 * NOISE)).astype(np.float32)))
    assert found.kind is Slip.EXACT_FLOAT32
    assert found.sentence.endswith("its values are exact float32 numbers")


def test_their_products_with_what_is_at_hand_are_named():
    """The last product was made in double precision."""
    made = (E / D[:5]).astype(np.float32) * D[:5]
    assert single_precision(suspect(made)) is None
    assert single_precision(suspect(made, data={"G": D[:5]})).sentence.endswith("float32 numbers times G")
    assert single_precision(suspect(made, cotangent=D[:5])).sentence.endswith("float32 numbers times the cotangent")


@pytest.mark.parametrize(
    "claim",
    [
        E * (1 + NOISE),
        (E * (1 + NOISE)).astype(np.float32),
        np.round(E * 4) / 4,
        E,
        E * (1 + 2e-6),
        E + 1e-6 * np.max(np.abs(E)) * np.sign(NOISE),
    ],
    ids=["larger errors", "float32 and larger errors", "few digits", "right", "a factor", "errors of that size"],
)
def test_other_errors_are_left_to_others(claim):
    """Numbers of few digits are exact in any precision; errors of that size alone say nothing."""
    assert single_precision(suspect(claim)) is None


def test_a_claim_of_single_precision_is_what_it_should_be():
    """It is no mistake in a tensor of float32."""
    found = suspect((E * (1 + 0.02 * NOISE)).astype(np.float32))
    assert single_precision(replace(found, dtype="float32")) is None


def test_differences_in_the_place_of_a_gradient_are_not_single_precision():
    """They are off by a millionth too."""
    x = np.linspace(0.3, 2.0, 8)
    report = check_gradients(lambda x: np.sum(np.sin(x)), x, grad=lambda x: (np.sin(x + 2e-6) - np.sin(x)) / 2e-6)
    assert not any("float32" in sentence for sentence in report.diagnosis)


RIGHT = np.array([0.1, -0.7, 0.3, 0.9])
SINGLE = RIGHT.astype(np.float32).astype(np.float64)


@pytest.mark.parametrize(("entries", "told"), [(2, False), (3, True)])
def test_three_numbers_of_single_precision_show_it(entries, told):
    """That are not of half precision besides; zeros beside them may be of any."""
    assert (single_precision(suspect(SINGLE[:entries], RIGHT[:entries])) is not None) is told
    claim = np.where(np.arange(4) < entries, SINGLE, 0.25)
    right = np.where(np.arange(4) < entries, RIGHT, 0.25)
    assert (single_precision(suspect(claim, right)) is not None) is told
    zeros = np.append(SINGLE[:entries], [0.0, 0.0])
    assert (single_precision(suspect(zeros, np.append(RIGHT[:entries], [0.0, 0.0]))) is not None) is told
    with_one = np.where(np.arange(4) < entries, SINGLE, RIGHT)
    assert single_precision(suspect(with_one, RIGHT)) is None


@pytest.mark.parametrize(("off", "told"), [(0.9e-5, True), (1.1e-5, False)])
def test_errors_of_single_precision_are_a_hundred_thousandth_at_most(off, told):
    """Of the largest slope, at any scale; claims that are stored so, or are no numbers, are another matter."""
    for scale in (1.0, 2.0**12):
        right = scale * SINGLE + off * 0.9 * scale * np.array([1, 0, 0, 0])
        found = suspect(scale * SINGLE, right)
        assert (single_precision(replace(found, wrong=np.ones(4, dtype=bool))) is not None) is told
    assert single_precision(replace(suspect(SINGLE, RIGHT), dtype="float32")) is None
    assert single_precision(suspect(np.where(np.arange(4) == 1, np.nan, SINGLE), RIGHT)) is None
    assert single_precision(suspect(np.zeros(4), np.zeros(4))) is None


@pytest.mark.parametrize(("places", "are"), [(3, True), (6, False)])
def test_a_product_is_off_by_a_few_last_places(places, are):
    """Of float64, of each number."""
    numbers = 1e5 * SINGLE * (1 + places * 2.0**-52)
    assert module._are_float32(1e5 * numbers, np.full(4, 1e10)) is are


@pytest.mark.parametrize(
    ("array", "is_factor"),
    [(D[:5], True), (D[0], True), (np.array(0.3), True), (D[:5, :1], False), (D[:4, 0], False), (np.arange(5), False)],
)
def test_a_product_with_an_array_at_hand(array, is_factor):
    """Of the shape, a vector along the last axis, or a number; of counts there is none."""
    names = [name for name, _ in module._factors(suspect(E, data={"G": array}))]
    assert names == ["", "G"][: 1 + is_factor]
    assert [name for name, _ in module._factors(suspect(E, cotangent=D[:5]))] == ["", "the cotangent"]
    assert [name for name, _ in module._factors(suspect(E, cotangent=D))] == [""]


def test_a_claim_of_double_precision_alone_has_it_in_the_middle():
    """Whose numbers are many; each by itself is a reason to ask no further."""
    assert single_precision(suspect(SINGLE, RIGHT)) is not None
    assert single_precision(replace(suspect(SINGLE, RIGHT), dtype="float16")) is None
    assert single_precision(replace(suspect(SINGLE[:2], RIGHT[:2]), dtype="float64")) is None


def test_a_vector_along_the_last_axis_may_be_a_factor():
    """Or an array of the shape, a number, the cotangent, or nothing; no other."""
    cube, rng = np.ones((2, 3, 4)), np.random.default_rng(0)
    shapes = {"last": (4,), "first": (2,), "rest": (3, 4), "same": (2, 3, 4), "one": ()}
    data = {name: rng.normal(size=shape) for name, shape in shapes.items()} | {"count": np.arange(4)}
    found = module._factors(suspect(2 * cube, cube, data=data, cotangent=cube))
    assert [name for name, _ in found] == ["", "the cotangent", "last", "same", "one"]
