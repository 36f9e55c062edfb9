"""Is it recognised which product was taken?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import D, E, X, same_in_any_unit, spoilt, suspect

from gradcheck._diagnose import matrix_product
from gradcheck._diagnose.activation import BETWEEN_LAYERS
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.matrix_product import product

ABOVE = {"inputs": ("x",), "values": {"x": X, "V": E}, "cotangent": D, "output": X}

CASES = {
    "another product": (
        suspect(X.T @ D, X.T @ (D * (1 - X * X)), **ABOVE),
        "this is x.T times the cotangent, where x.T times the cotangent times (1 - y^2) is meant",
    ),
    "a sum": (
        suspect((X * D).sum(0), D.cumsum(0).sum(0), **ABOVE),
        "the sum of x times the cotangent, over axis 0, which is not the whole derivative",
    ),
    "transposed weights": (
        suspect(D @ E, D @ (E.T + E), kind="input", **ABOVE),
        "this is the cotangent, times V itself, which is not the whole derivative",
    ),
    "a term": (
        suspect(np.sin(E), np.sin(E) + X.T @ D, **ABOVE),
        "what is missing is x.T times the cotangent: one of several terms",
    ),
    "a path": (
        suspect(np.sin(D), np.sin(D) + D, kind="input", **ABOVE),
        "what is missing is the cotangent, unchanged: as from a path around a layer",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_product_is_named(name):
    """The one that was taken, and the one that is meant, if that is known."""
    evidence, words = CASES[name]
    found = product(evidence)
    assert found.kind is Slip.PRODUCT
    assert words in found.sentence


@pytest.mark.parametrize("name", CASES)
def test_nearly_a_product_is_none(name):
    """Nothing is guessed."""
    assert product(spoilt(CASES[name][0])) is None
    assert same_in_any_unit(product, CASES[name][0])


def test_the_right_product_is_not_blamed():
    """Though another entry is wrong."""
    right = X.T @ D
    wrong = right.copy()
    wrong[0, 0] += 1
    assert product(suspect(wrong, right, **ABOVE)) is None


RIGHT = np.cumsum(X, axis=0).T @ np.cumsum(D, axis=1)


@pytest.mark.parametrize(
    ("slope", "words"),
    [
        (lambda y: 1 - y * y, " times (1 - y^2)"),
        (lambda y: y * (1 - y), " times y (1 - y)"),
        (lambda y: (y > 0) * 1.0, " times (y > 0)"),
        (np.ones_like, ""),
    ],
    ids=["tanh", "sigmoid", "positive", "one"],
)
@pytest.mark.parametrize("turned", [False, True])
def test_what_came_from_above_may_be_multiplied_by_a_slope(slope, words, turned):
    """Written with the output, which may be zero in some places; whichever way the weight is written."""
    y = np.where(X > -0.3, X, 0.0)
    P = D * slope(y)
    claim = P.T @ X if turned else X.T @ P
    above = {"inputs": ("x",), "values": {"x": X}, "cotangent": D, "output": y}
    said = f"(the cotangent{words}).T times x" if turned else f"x.T times the cotangent{words}"
    assert product(suspect(claim, RIGHT.T if turned else RIGHT, **above)).sentence.startswith(f"this is {said},")
    with_sign = [product(suspect(RIGHT + by * claim, RIGHT, **above)).sentence for by in (-1, 1)]
    assert with_sign[0].startswith(f"what is missing is {said}:")
    assert with_sign[1].startswith(f"what is too much is {said}:")
    if not words:
        alone = {key: value for key, value in above.items() if key != "output"}
        assert product(suspect(claim, RIGHT.T if turned else RIGHT, **alone)) is not None


V, B = np.random.default_rng(9).normal(size=(5, 3)), np.array([0.3, -0.5, 0.8])


@pytest.mark.parametrize("activation", BETWEEN_LAYERS, ids=[a.name for a in BETWEEN_LAYERS])
@pytest.mark.parametrize("bias", [True, False])
def test_what_a_weight_was_multiplied_with_may_be_an_image_of_an_input(activation, bias):
    """By another weight, with its bias or without, and through a function between layers."""
    values = {"x": X, "V": V, **({"b": B} if bias else {})}
    h = activation.f(X @ V + (B if bias else 0))
    right = np.cumsum(h, axis=0).T @ D
    found = product(suspect(h.T @ D, right, inputs=("x",), values=values, cotangent=D))
    said = f"{activation.name} of (x V{' + b' if bias else ''})"
    assert found.sentence.startswith(f"this is {said}.T times the cotangent,")
    plain = product(suspect((X @ V).T @ D, right, inputs=("x",), values=values, cotangent=D))
    assert "this is (x V).T times the cotangent," in plain.sentence


def test_places_along_several_axes_are_summed():
    """As over time: of cubes the examples and the places are one."""
    x, c = (np.random.default_rng(n).normal(size=(3, 4, 5)) for n in (1, 2))
    right = np.random.default_rng(3).normal(size=(5, 5))
    made = np.einsum("nti,nto->io", x, c)
    found = product(suspect(made, right, inputs=("x",), values={"x": x}, cotangent=c))
    assert found.sentence.startswith("this is x.T times the cotangent")
    turned = product(suspect(made.T, right, inputs=("x",), values={"x": x}, cotangent=c))
    assert turned.sentence.startswith("this is (the cotangent).T times x")


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (D.sum(0), "the sum of the cotangent, over axis 0,"),
        (np.resize(D.sum(1), 5), "the sum of the cotangent, over axis 1, cropped,"),
        ((X * D).sum(0), "the sum of x times the cotangent, over axis 0,"),
        (np.resize((X * D).sum(1), 5), None),
        (np.full(5, D.sum()), None),
    ],
)
def test_a_sum_is_told_with_its_axes(claim, words):
    """Of another length it is cropped; a number alone is not repeated."""
    above = {"inputs": ("x",), "values": {"x": X}, "cotangent": D}
    found = product(suspect(claim, np.cumsum(E, axis=0)[-1], **above))
    assert found is None if words is None else found.sentence.startswith(f"this is {words}")
    cube = np.random.default_rng(1).normal(size=(5, 5, 5))
    deep = product(suspect(cube.sum((0, 1)), E[0], cotangent=cube))
    assert deep.sentence.startswith("this is the sum of the cotangent, over axes 0 and 1,")


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (D @ V, "the cotangent, times V itself"),
        (D[:, :3] @ V.T, "the cotangent, times the transpose of V"),
        (np.resize(D, (7, 3)), "the cotangent, cropped: it is passed on unchanged"),
    ],
)
def test_what_was_passed_on_to_an_input_is_told(claim, words):
    """Through a weight, either way, or unchanged."""
    c = D[:, :3] if "transpose" in words else D
    right = np.cumsum(claim, axis=1) + 1.0
    found = product(suspect(claim, right, kind="input", values={"V": V, "W": right}, inputs=("W",), cotangent=c))
    assert found.sentence.startswith(f"this is {words},")
    assert product(suspect(claim, right, kind="weight", values={"V": V}, cotangent=c)) is None


@pytest.mark.parametrize(("entries", "told"), [(3, False), (4, True)])
def test_four_entries_show_a_product(entries, told):
    """That are not zero, of four or more."""
    c, x = D[:, :1], X[:, :entries]
    right = np.cumsum(x, axis=0).T @ c
    above = {"inputs": ("x",), "values": {"x": x}, "cotangent": c}
    assert (product(suspect(x.T @ c, right, **above)) is not None) is told
    some = np.where(np.arange(5) < entries, X, 0.0)
    right = np.cumsum(X, axis=0).T @ c
    found = product(suspect(some.T @ c, right, inputs=("x",), values={"x": some}, cotangent=c))
    assert (found is not None) is told
    assert product(suspect(X.T @ D, RIGHT, measured=range(24), **ABOVE)) is None
    assert product(suspect(X.T @ D, RIGHT, inputs=("x",), values={"x": X})) is None


@pytest.mark.parametrize(("numbers", "told"), [(3, False), (4, True)])
def test_four_numbers_from_above_may_be_cropped(numbers, told):
    """Or repeated, as where a loop ends too early; fewer may be any."""
    c = D.ravel()[:numbers]
    claim = np.resize(c, 7)
    found = product(suspect(claim, np.cumsum(claim) + 1.0, kind="input", cotangent=c))
    assert (found is not None) is told


@pytest.mark.parametrize("name", ["another product", "a sum", "transposed weights"])
def test_a_product_is_as_sure_as_the_claim(name):
    """However little is known of the slopes: it rests on none of them."""
    evidence, words = CASES[name]
    vague = replace(evidence, slack=np.full(evidence.claim.shape, 1e-3))
    assert words in product(vague).sentence
    off = 1e-4 * np.resize([1.0, -1.0, 0.5], evidence.claim.shape)
    other = product(replace(vague, claim=evidence.claim + off))
    assert other is None or not other.sentence.startswith("this is")


def test_three_hundred_images_are_tried():
    """And as many behind an activation; inputs come first, and the output."""
    values = {"x": X} | {f"V{k}": V for k in range(301)}
    evidence = suspect(2 * E, values=values, inputs=("x",), cotangent=D, output=D)
    met = [name for name, _ in matrix_product._met(evidence)]
    assert met[:3] == ["x", "the output", "(x V0)"]
    assert len(met) == 2 + 300 + 300
    assert met[302] == "tanh of (x V0)"


@pytest.mark.parametrize(("kind", "told"), [("weight", True), ("input", False)])
def test_an_input_is_no_sum_over_places(kind, told):
    """Of a weight the places are summed; of a square input a product of that kind would be a chance."""
    found = product(suspect(X.T @ D, RIGHT, kind=kind, **ABOVE))
    assert (found is not None and "x.T times the cotangent" in found.sentence) is told
