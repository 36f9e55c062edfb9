"""Is a missing term recognised that is made of the tensor itself?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import E, X, same_in_any_unit, spoilt, suspect

from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.own_term import of_itself

POSITIVE = np.abs(X[:5]) + 0.3


@pytest.mark.parametrize(
    ("x", "term", "words"),
    [
        (POSITIVE, 1 / POSITIVE, "0.7 times 1/W: the gradient of a logarithm of W, as of the normaliser of a density"),
        (POSITIVE, np.log(POSITIVE), "0.7 times log W: the gradient of W log W"),
        (X[:5], np.exp(X[:5]), "0.7 times e^W: the gradient of e^W, or of the normaliser of a softmax"),
        (X[:5], np.exp(-X[:5]), "0.7 times e^-W: the gradient of e^-W"),
        (X[:5], X[:5] ** 2, "0.7 times W^2: the gradient of a cube of W"),
        (X[:5], X[:5] ** 3, "0.7 times W^3: the gradient of a fourth power of W"),
        (POSITIVE, 1 / POSITIVE**2, "0.7 times 1/W^2: the gradient of 1/W"),
        (X[:5], np.linalg.inv(X[:5]).T, "0.7 times the inverse of W, transposed: the gradient of the logarithm of the"),
    ],
)
def test_a_term_of_the_tensor_is_named(x, term, words):
    """With its rate, and what it is the gradient of."""
    evidence = suspect(E - 0.7 * term, values={"W": x})
    found = of_itself(evidence)
    assert found.kind is Slip.OF_ITSELF
    assert found.sentence.startswith(f"what is missing is {words}")
    assert of_itself(spoilt(evidence)) is None
    assert same_in_any_unit(of_itself, evidence)


@pytest.mark.parametrize(("kind", "told"), [("input", True), ("weight", False)])
def test_of_a_weight_a_multiple_of_itself_is_its_decay(kind, told):
    """Of an input it is a term like others; likewise of its sign."""
    for term in (X[:5], np.sign(X[:5])):
        assert (of_itself(suspect(E + 0.1 * term, kind=kind, values={"W": X[:5]})) is not None) is told


def test_what_has_no_spread_is_no_term():
    """It is a constant, or a factor."""
    assert of_itself(suspect(E + 0.5, values={"W": np.full((5, 5), 2.0)})) is None
    assert of_itself(suspect(1.1 * E, values={"W": 1 / E})) is None
    assert of_itself(suspect(E + 1, values={})) is None


def test_three_entries_show_a_term():
    """Fewer follow any."""
    x = POSITIVE[0]
    for entries, told in ((2, False), (3, True)):
        claim = E[0, :entries] - 0.7 / x[:entries]
        assert (of_itself(suspect(claim, E[0, :entries], values={"W": x[:entries]})) is not None) is told
