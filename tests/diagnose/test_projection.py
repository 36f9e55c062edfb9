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
        (E, ROWS, X, "along axis 1, W times a constant: a sum over axis 1 times W is left out, as of a norm"),
        (E, COLUMNS, X, "along axis 0, W times a constant"),
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
