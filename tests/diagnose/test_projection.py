"""Is a projection named, where it should not be and where it should?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import NOISE, D, E, suspect

from gradcheck import check_gradients
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.projection import projected

Q = np.linalg.qr(D[:5])[0]
X = D[:5]
WHOLE = E - X * np.sum(X * E) / np.sum(X * X)
ROWS = E - X * np.sum(X * E, axis=1, keepdims=True) / np.sum(X * X, axis=1, keepdims=True)
COLUMNS = E - X * np.sum(X * E, axis=0) / np.sum(X * X, axis=0)
TANGENT = E - Q @ (Q.T @ E + E.T @ Q) / 2


@pytest.mark.parametrize(
    ("claim", "measured", "x", "words"),
    [
        (WHOLE, E, X, "without its part along the point itself: projected, where the function is not confined"),
        (ROWS, E, X, "without the part of each row along that row"),
        (COLUMNS, E, X, "without the part of each column along that column"),
        (TANGENT, E, Q, "without X sym(X.T G)"),
        (E, WHOLE, X, "its part along the point itself is left in"),
        (E, ROWS, X, "along axis 1 is W times a constant: the function does not depend on its length"),
        (E, COLUMNS, X, "along axis 0 is W times a constant"),
        (E, TANGENT, Q, "X sym(X.T G), X being the point, as on orthogonal matrices is left in"),
    ],
)
def test_the_part_that_is_taken_off_is_named(claim, measured, x, words):
    """By the claim, or by the function."""
    found = projected(suspect(claim, measured, values={"W": x}))
    assert found.kind is Slip.PROJECTED
    assert words in found.sentence


@pytest.mark.parametrize(
    "evidence",
    [
        suspect(WHOLE),
        suspect(E - 0.3 * X, values={"W": X}),
        suspect(WHOLE + NOISE, values={"W": X}),
        suspect(2 * E, values={"W": X}),
        suspect(E, WHOLE + NOISE, values={"W": X}),
    ],
    ids=["no point", "weight decay", "noise", "a factor", "noise the other way round"],
)
def test_another_part_is_no_projection(evidence):
    """Whatever it is parallel to."""
    assert projected(evidence) is None


def test_on_a_sphere_it_is_said_before_weight_decay():
    """What is missing is a multiple of the parameter in both."""
    w = np.array([0.6, -0.3, 0.5, 0.2, 0.4])
    unit = w / np.linalg.norm(w)
    a = np.array([1.0, 2.0, -1.0, 0.5, 3.0])

    def projected_gradient(p):
        g = 2 * a * p["w"]
        return {"w": g - p["w"] * (p["w"] @ g)}

    report = check_gradients(lambda p: np.sum(a * p["w"] ** 2), {"w": unit}, grad=projected_gradient)
    assert "without its part along the point itself" in report.diagnosis[0]


@pytest.mark.parametrize(("entries", "told"), [(2, False), (3, True)])
def test_three_entries_show_a_projection(entries, told):
    """All of them measured, of numbers that are known."""
    x, g = D[0, :entries], E[0, :entries]
    claim = g - x * (x @ g) / (x @ x)
    assert (projected(suspect(claim, g, values={"W": x})) is not None) is told
    assert projected(suspect(claim, g)) is None
    long = E[0] - D[0] * (D[0] @ E[0]) / (D[0] @ D[0])
    assert projected(suspect(long, E[0], values={"W": D[0]}, measured=range(4))) is None


@pytest.mark.parametrize(
    ("axis", "words"), [(1, "the part of each row along that row"), (0, "the part of each column along that column")]
)
def test_rows_and_columns_are_directions_of_their_own(axis, words):
    """Those of zeros have none; of one entry each the whole would be taken off."""
    x = D[:5].copy()
    x[2] = x[:, 3] = 0.0
    square = np.sum(x * x, axis=axis, keepdims=True)
    part = x * np.sum(x * E, axis=axis, keepdims=True) / np.where(square > 0, square, 1.0)
    found = projected(suspect(E - part, E, values={"W": x}))
    assert f"the measured gradient without {words}" in found.sentence
    forgotten = projected(suspect(E, E - part, values={"W": x}))
    assert f"along axis {axis} is W times a constant" in forgotten.sentence
    column = D[:5, :1]
    assert "its part along the point itself" in projected(
        suspect(E[:, :1] - column * np.sum(column * E[:, :1]) / np.sum(column**2), E[:, :1], values={"W": column})
    ).sentence  # fmt: skip


@pytest.mark.parametrize(("shape", "told"), [((5, 3), True), ((5, 5), True), ((3, 5), False), ((5, 1), False)])
def test_on_orthogonal_matrices_the_symmetric_part_is_taken_off(shape, told):
    """Of those that are as tall as they are wide, and of more columns than one."""
    x, g = D[: shape[0], : shape[1]], E[: shape[0], : shape[1]]
    inner = x.T @ g
    found = projected(suspect(g - x @ (inner + inner.T) / 2, g, values={"W": x}))
    assert (found is not None and "X sym(X.T G)" in found.sentence) is told


def test_what_is_left_in_of_a_vector_is_told_along_its_axis():
    """Of a matrix as a whole it is told that a projection is left out; an input is called one."""
    x, g = D[0], E[0]
    part = x * (x @ g) / (x @ x)
    assert "along axis 0 is W times a constant" in projected(suspect(g, g - part, values={"W": x})).sentence
    said = projected(suspect(g, g - part, kind="input", values={"W": x})).sentence
    assert "along axis 0 is the input times a constant" in said
    whole = D[:5] * np.sum(D[:5] * E) / np.sum(D[:5] ** 2)
    assert "is left in" in projected(suspect(E, E - whole, values={"W": D[:5]})).sentence
