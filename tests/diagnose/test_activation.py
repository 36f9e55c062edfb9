"""Is the derivative of another function, or of none, recognised entry by entry?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import X, suspect

from gradcheck._diagnose.activation import ACTIVATIONS, complement, derivative, mistakes, untouched
from gradcheck._diagnose.catalogue import recognised
from gradcheck._diagnose.cause import Slip

U = np.cos(np.arange(35.0)).reshape(7, 5)  # the cotangent


def layer(taken, meant):
    """Return the evidence of an input to which a slope is applied that is not the one meant."""
    return suspect(U * taken(X), U * meant(X), kind="input", values={"W": X})


def slope_of_tanh(x):
    return 1 - np.tanh(x) ** 2


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        (np.ones_like, "the derivative of tanh is missing"),
        (lambda x: 1 - x * x, "pre- and post-activation mixed up"),
        (lambda x: slope_of_tanh(np.tanh(x)), "the derivative of tanh taken at the output"),
        (np.cos, "the derivative of sine where that of tanh is meant"),
    ],
    ids=["missing", "of the input", "at the output", "another's"],
)
def test_what_is_taken_for_a_derivative_is_named(taken, words):
    """Whatever came from above."""
    found = derivative(layer(taken, slope_of_tanh))
    assert found.kind is Slip.ACTIVATION
    assert words in found.sentence


@pytest.mark.parametrize(
    "taken",
    [lambda x: 2 * slope_of_tanh(x), lambda x: 0 * x, lambda x: slope_of_tanh(x) + 1e-3 * x],
    ids=["a factor", "zero", "noise"],
)
def test_what_is_no_derivative_is_left_to_others(taken):
    """A factor, zero and noise are no activation's."""
    assert derivative(layer(taken, slope_of_tanh)) is None


def test_two_entries_are_any_functions():
    """Of three it is shown."""
    many = {n: suspect(np.ones(n), slope_of_tanh(X.ravel()[:n]), values={"W": X.ravel()[:n]}) for n in (2, 3)}
    assert derivative(many[2]) is None
    assert derivative(many[3]).kind is Slip.ACTIVATION


def test_an_input_in_the_place_of_its_function_is_named():
    """In a term of the gradient, with the factor that it has; anything else that is missing is not."""
    values = {"W": X}
    mixed = suspect(U + 0.5 * X, U + 0.5 * np.tanh(X), values=values)
    assert untouched(mixed).kind is Slip.UNTOUCHED
    assert "0.5 times (tanh of the input, less the input)" in untouched(mixed).sentence
    assert untouched(suspect(U + 0.5 * X, U + 0.5 * np.arctan(X), values=values)) is None


BOTH_SIDES = np.array([-2.3, -1.1, -0.4, -0.05, 0.05, 0.3, 0.9, 2.7])


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=[a.name for a in ACTIVATIONS])
def test_every_derivative_is_that_of_its_function(activation):
    """As a difference of two values shows, and as it is written with the output; far away it does not overflow."""
    x = np.abs(BOTH_SIDES) if activation.name in {"log", "the square root"} else BOTH_SIDES
    difference = (activation.f(x + 1e-5) - activation.f(x - 1e-5)) / 2e-5
    assert activation.slope(x) == pytest.approx(difference, rel=1e-6, abs=1e-9)
    if activation.of_output is not None:
        assert activation.of_output(activation.f(x)) == pytest.approx(activation.slope(x), rel=1e-9)
    if activation.first is not None:
        second = activation.slope(x) - activation.first(x)
        assert second == pytest.approx(x * (activation.first(x + 1e-5) - activation.first(x - 1e-5)) / 2e-5, rel=1e-5)
    if activation.name.startswith("the ") and activation.name[4:] in {"sigmoid", "SiLU", "GELU", "ELU", "softplus"}:
        far = np.array([-1e4, 1e4])
        assert np.isfinite(activation.f(far)).all()
        assert activation.slope(far) == pytest.approx([0, 0 if activation.name == "the sigmoid" else 1], abs=1e-12)


def test_the_relu_has_no_slope_at_zero():
    """As it is mostly written."""
    (relu,) = (a for a in ACTIVATIONS if a.name == "the ReLU")
    assert relu.slope(np.array([-0.5, 0.0, 0.5])).tolist() == [0, 0, 1]
    assert relu.f(np.array([-0.5, 0.0, 0.5])).tolist() == [0, 0, 0.5]


def test_what_is_taken_for_a_derivative_is_another_one_each_time():
    """No two of its sentences are one; what they say is what is computed."""
    (tanh,) = (a for a in ACTIVATIONS if a.name == "tanh")
    with np.errstate(all="ignore"):
        made = [*mistakes(tanh, BOTH_SIDES)]
    said, y = dict(made), np.tanh(BOTH_SIDES)
    assert len(said) == len(made)
    assert said["1 - y where 1 - y^2 is meant: the derivative of tanh is incomplete"] == pytest.approx(1 - y)
    assert said["1 + y^2 where 1 - y^2 is meant: a sign in the derivative of tanh"] == pytest.approx(1 + y * y)
    assert said["y^2 where 1 - y^2 is meant: the derivative of tanh is incomplete"] == pytest.approx(y * y)
    assert said["tanh itself instead of its derivative"] == pytest.approx(y)
    theirs = "y (1 - y) where 1 - y^2 is meant: the derivative of the sigmoid, taken for that of tanh"
    assert said[theirs] == pytest.approx(y * (1 - y))
    assert not any("derivative of tanh where that of tanh" in words for words in said)


RELU = np.where(X > 0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("taken", "found"),
    [
        (np.ones_like(X), "the derivative of the ReLU is missing"),
        (np.maximum(X, 0), "the ReLU itself instead"),
        (np.where(np.arange(35).reshape(7, 5) % 2, 1.0, 0.0), None),
    ],
    ids=["missing", "of the input", "of another mask"],
)
def test_where_a_slope_is_zero_the_claim_may_be_anything_or_nothing(taken, found):
    """But what the supposed mistake makes of it."""
    evidence = suspect(U * taken, U * RELU, kind="input", values={"W": X})
    cause = derivative(evidence)
    assert (cause is not None and cause.sentence.startswith(found)) if found else cause is None


def test_a_function_of_two_pieces_shows_on_both_sides_of_zero_alone():
    """On one side any other may be meant."""
    for x in (np.abs(X) + 0.1, -np.abs(X) - 0.1):
        slope = np.where(x > 0, 1, np.exp(np.minimum(x, 0)))
        found = derivative(suspect(U * slope * 1.5, U * slope, kind="input", values={"W": x}))
        assert found is None or "ELU" not in found.sentence
    at_most = np.where(np.arange(35).reshape(7, 5) % 3 == 0, 0.0, np.abs(X))  # zero is no other side
    for x in (at_most, np.abs(X)):
        found = derivative(suspect(U * x, U * (x > 0), kind="input", values={"W": x}))
        assert found is None or "ReLU" not in found.sentence
    slope = np.where(X > 0, 1, np.exp(np.minimum(X, 0)))
    assert "the ELU" in derivative(suspect(U, U * slope, kind="input", values={"W": X})).sentence


def test_of_nothing_that_is_claimed_no_derivative_is_named():
    """Nor of one wrong entry, of which it may be any, nor of claims that are no numbers."""
    right = U * slope_of_tanh(X)
    one = np.where(np.arange(35).reshape(7, 5) == 3, U, right)
    two = np.where(np.arange(35).reshape(7, 5) // 2 == 3, U, right)
    for claim in (np.where(one == right, right, 0), one, two, np.full_like(U, np.nan), 0 * U):
        assert derivative(suspect(claim, right, kind="input", values={"W": X})) is None
    assert derivative(suspect(U, right, kind="input")) is None


@pytest.mark.parametrize(("entries", "told"), [(2, False), (3, True)])
def test_three_entries_show_that_a_function_is_forgotten(entries, told):
    """In which something moves, and is wrong: one number is fitted to them."""
    x, u = X.ravel()[:entries], U.ravel()[:entries]
    found = untouched(suspect(u + 0.5 * x, u + 0.5 * np.tanh(x), values={"W": x}))
    assert (found is not None) is told
    among = np.where(np.arange(7) < entries, 1.0, 0.0)
    x, u = X[:, 0], U[:, 0]
    still = untouched(suspect(among * (u + 0.5 * x), among * (u + 0.5 * np.tanh(x)), values={"W": among * x}))
    assert (still is not None) is told


def test_of_one_number_all_functions_are_multiples_of_one_another():
    """Whatever is missing in each entry."""
    x = np.full(5, 0.7)
    u = np.arange(5.0)
    assert untouched(suspect(u + 0.5 * x, u + 0.5 * np.tanh(x), values={"W": x})) is None


@pytest.mark.parametrize(
    ("above", "words"),
    [(U, "the cotangent less the measured value"), (np.ones_like(X), "1 less the measured value")],
    ids=["cotangent", "one"],
)
def test_one_less_what_is_meant_is_named(above, words):
    """The other side of a sigmoid, which is no derivative of exp."""
    s = 1 / (1 + np.exp(-X))
    evidence = suspect(above * (1 - s), above * s, kind="input", values={"W": X}, cotangent=U)
    assert complement(evidence).sentence.startswith(f"{words}, in every entry: 1 - s where s is meant")
    assert recognised(evidence).sentence == complement(evidence).sentence


@pytest.mark.parametrize("off", [1.5, -1.0], ids=["a factor", "a sign"])
def test_what_does_not_add_up_is_no_other_side(off):
    """Nor are constants, of which any two do, nor masks."""
    s = 1 / (1 + np.exp(-X))
    assert complement(suspect(U * off * s, U * s, values={"W": X}, cotangent=U)) is None
    assert complement(suspect(np.full(9, 0.3), np.full(9, 0.7))) is None
    assert complement(suspect(U * (X < 0), U * (X > 0), values={"W": X}, cotangent=U)) is None


def test_the_function_is_the_one_whose_values_are_returned():
    """Where any is; what the sigmoid itself does to its slope, exp does to that of the softplus."""
    s = 1 / (1 + np.exp(-X))
    known = {"kind": "input", "values": {"W": X}, "cotangent": U}
    of = "the sigmoid itself instead of its derivative"
    assert derivative(suspect(U * s, U * s * (1 - s), output=s, **known)).sentence == of
    other = derivative(suspect(U * s, U * s * (1 - s), output=3 * s, **known)).sentence
    assert other == f"{of} (or: the derivative of exp where that of the softplus is meant)"
