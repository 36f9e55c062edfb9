"""Is a term missing that is made of the tensor itself: 1/x of a logarithm, a power, the inverse of a determinant's?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, MATRIX, Evidence, Floats

EXPONENT = 300.0  # e to the power of more is too large to be squared


def of_itself(evidence: Evidence) -> Cause | None:
    """What is missing, or too much, is a multiple of a simple function of the tensor."""
    if evidence.value is None or not evidence.whole or np.count_nonzero(evidence.wrong) < ENOUGH:
        return None
    x = evidence.value
    plain = _of_an_input(x, evidence.name) if evidence.kind == "input" else ()  # of a weight it is its decay
    for words, term, of in (*plain, *_terms(x, evidence.name)):
        size = float(np.max(np.abs(term), initial=0.0))
        if not np.isfinite(size) or np.ptp(term) <= PATTERN * size or evidence.multiple(term):
            continue
        rate = float(np.sum(evidence.missing * term)) / float(np.sum(term**2))
        if rate and evidence.explained(evidence.estimate - rate * term, least=ENOUGH, fitted=1):
            said = f"what is missing is {rate:.6g} times {words}: the gradient of {of}, left out or with a wrong factor"
            return Cause(Slip.OF_ITSELF, evidence.name, said)
    return None


def _of_an_input(x: Floats, name: str) -> Iterator[tuple[str, Floats, str]]:
    yield name, x, f"a square of {name}, or of its norm"
    yield f"the sign of {name}", np.sign(x), f"an absolute value of {name}"


def _terms(x: Floats, name: str) -> Iterator[tuple[str, Floats, str]]:
    """Yield functions of a tensor, each with what it is the gradient of."""
    if x.all():
        yield f"1/{name}", 1 / x, f"a logarithm of {name}, as of the normaliser of a density"
    if x.ndim == MATRIX and x.shape[0] == x.shape[1] and np.linalg.matrix_rank(x) == len(x):
        inverse: Floats = np.asarray(np.linalg.inv(x), dtype=np.float64)
        yield f"the inverse of {name}, transposed", inverse.T, f"the logarithm of the determinant of {name}"
    if (x > 0).all():
        yield f"log {name}", np.log(x), f"{name} log {name}"
    if np.max(np.abs(x), initial=0.0) < EXPONENT:
        yield f"e^{name}", np.exp(x), f"e^{name}, or of the normaliser of a softmax"
        yield f"e^-{name}", np.exp(-x), f"e^-{name}"
    yield f"{name}^2", x * x, f"a cube of {name}"
    yield f"{name}^3", x**3, f"a fourth power of {name}"
    if x.all():
        yield f"1/{name}^2", 1 / (x * x), f"1/{name}"
