"""Which part of the cotangent is used? The claim is compared with the gradients of other cotangents.

The slopes of all outputs with respect to all entries of a tensor form a matrix J, which is measured; the gradient
is u J for the cotangent u. A claim that is c J for another c says which outputs were left out, shifted or averaged; one
that is J u took J where its transpose is meant; one that holds only the last of the terms u_o J_oi overwrote them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.conjugate import IMAGINARY, MISSING, REAL
from gradcheck._diagnose.evidence import SEVERAL, Evidence, Floats
from gradcheck._diagnose.shadow import Shadow

COMPLEX = 2  # parts
ROWS = 64  # outputs that are each taken for the only one

ON_TOP = (
    ("exp were applied to the output", np.exp),
    (
        "the function were a tanh with this output: 1 - y^2 is multiplied in once too often",
        lambda y: 1 - y * y,
    ),
    (
        "the function were a sigmoid with this output, applied twice: y (1 - y) is multiplied in once too often",
        lambda y: y * (1 - y),
    ),
    ("the cotangent were multiplied by the output", lambda y: y),
    ("the cotangent were divided by the output", lambda y: 1 / y),
    ("its logarithm were returned: the cotangent is divided by e^y", lambda y: np.exp(-y)),
)


def other_cotangent(evidence: Evidence) -> Cause | None:
    """The right gradient for another cotangent than the given one."""
    lab = evidence.context.lab
    if lab is None or not evidence.whole or evidence.claim.size < SEVERAL:
        return None
    u = lab.cotangent
    if not u:
        return None
    flat = np.concatenate([np.ravel(c) for c in u])
    shadow = Shadow.of(evidence, lab, flat)
    drawn = ((words, np.nan_to_num(c)) for words, c in (*_conjugate(u, evidence.name), *_others(u, lab.outputs)))
    others = [(words, c) for words, c in drawn if c.any() and not np.array_equal(c, flat)]
    possible = [(words, c) for words, c in others if shadow.may_be(c)]
    of_matrix = shadow.may_be_of_matrix(u)
    J = lab.jacobian(evidence.name) if possible or of_matrix else None
    if J is None or not _close(flat @ J, evidence.estimate.ravel(), evidence):
        return None
    for words, other in possible:
        if _is_claim(other @ J, evidence):
            return Cause(Slip.COTANGENT, evidence.name, words)
    done = _of_matrix(J, flat, u, evidence) if of_matrix else None
    return Cause(Slip.COTANGENT, evidence.name, done) if done else None


def _is_claim(prediction: Floats, evidence: Evidence) -> bool:
    return evidence.explained(prediction.reshape(evidence.claim.shape), least=SEVERAL) and bool(
        np.count_nonzero(evidence.claim) > 1
    )


def _close(a: Floats, b: Floats, evidence: Evidence) -> bool:
    size = float(np.max(np.abs(b), initial=0.0))
    return bool((np.abs(a - b) <= PATTERN * size + evidence.slack.ravel()).all())


def _conjugate(u: list[Floats], name: str) -> Iterator[tuple[str, Floats]]:
    """Yield the conjugate of a pull on one complex output, whose parts stand along its last axis."""
    if len(u) == 1 and u[0].shape[-1:] == (COMPLEX,) and name.endswith((REAL, IMAGINARY)):
        signs = np.array([1.0, -1.0]) if name.endswith(REAL) else np.array([-1.0, 1.0])
        yield f"the gradient of the conjugate function: {MISSING}", np.ravel(u[0] * signs)


def _others(u: list[Floats], y: list[Floats]) -> Iterator[tuple[str, Floats]]:
    """Yield other pulls on the outputs, flat, each with the mistake that makes it."""
    for k, c in enumerate(u):
        name = "the output" if len(u) == 1 else f"output {k}"
        if len(u) > 1:
            yield f"the cotangent of {name} is ignored", _with(u, k, np.zeros_like(c))
            yield (
                f"only the cotangent of {name} is used: those of the other outputs are ignored",
                _with([np.zeros_like(v) for v in u], k, c),
            )
        for words, changed in _changed(c, y[k], name):
            yield words, _with(u, k, changed)


def _with(u: list[Floats], k: int, new: Floats) -> Floats:
    return np.concatenate([np.ravel(new if j == k else c) for j, c in enumerate(u)])


def _changed(c: Floats, y: Floats, name: str) -> Iterator[tuple[str, Floats]]:
    axes = [a for a in range(c.ndim) if c.shape[a] > 1]
    for count in range(1, len(axes) + 1):
        for some in itertools.combinations(axes, count):
            along = f"axis {some[0]}" if count == 1 else f"axes {' and '.join(map(str, some))}"
            for index, word in ((-1, "last"), (0, "first")):
                kept = np.zeros_like(c)
                place = tuple(index if a in some else slice(None) for a in range(c.ndim))
                kept[place] = c[place]
                yield f"the {word} along {along} of {name} alone is used: the sum over all of them is meant", kept
                if count == 1 and c.shape[some[0]] > SEVERAL:
                    yield f"the {word} along {along} of {name} is ignored", c - kept
            yield f"the cotangent is reversed along {along} of {name}", np.flip(c, some)
            mean = np.broadcast_to(c.mean(some, keepdims=True), c.shape)
            yield f"the cotangent is averaged over {along} of {name}", mean
    for axis, shift in itertools.product(axes, (1, -1)):
        yield f"the cotangent is shifted by {shift} along axis {axis} of {name}", np.roll(c, shift, axis)
    for first, second in itertools.combinations(range(c.ndim), 2):
        turned = c.swapaxes(first, second)
        how = "transposed:" if turned.shape == c.shape else "reshaped where"
        yield f"the cotangent is {how} axes {first} and {second} are exchanged", turned
    with np.errstate(all="ignore"):
        for words, slope in ON_TOP:
            yield f"it would be right if {words}", c * slope(y)
    if (c > 0).any() and (c < 0).any():
        yield "it would be right for the absolute value of the cotangent", np.abs(c)
    yield "it would be right for a cotangent of ones: the cotangent is not multiplied in", np.ones_like(c)
    yield "it would be right for the squared cotangent: it is multiplied in twice", c * c
    yield from _rows(c, name)


def _rows(c: Floats, name: str) -> Iterator[tuple[str, Floats]]:
    """Yield one output of several alone, or one example, with the cotangent and without."""
    if not SEVERAL <= c.size <= ROWS:
        return
    for place in np.ndindex(c.shape):
        one = np.zeros_like(c)
        one[place] = 1.0
        at = f"[{','.join(map(str, place))}]"
        yield f"the derivative of {name}{at} alone, where that of all outputs is meant: one row of the Jacobian", one
        yield f"only the cotangent of {name}{at} is used: those of the other outputs are ignored", one * c


def _of_matrix(J: Floats, flat: Floats, u: list[Floats], evidence: Evidence) -> str | None:
    """Say what was done with the derivatives themselves: overwritten, not transposed, left out of a diagonal."""
    terms = flat[:, np.newaxis] * J
    lively = np.abs(J) > PATTERN * float(np.max(np.abs(J), initial=0.0))
    if (np.count_nonzero(lively, axis=0) > 1).any():
        for order, word in ((lively[::-1], "last"), (lively, "first")):
            k = order.argmax(axis=0)
            k = len(J) - 1 - k if word == "last" else k
            if _is_claim(np.take_along_axis(terms, k[np.newaxis], 0)[0], evidence):
                return f"of the outputs that an entry moves the {word} alone is used: overwritten where a sum is meant"
    if J.shape[0] == J.shape[1] and _is_claim(J @ flat, evidence):
        return "the Jacobian is applied to the cotangent where its transpose is meant (J u, not J.T u)"
    at = 0
    for k, c in enumerate(u):
        block = J[at : at + c.size]
        at += c.size
        if c.shape == evidence.claim.shape and not _diagonal(block):
            if _is_claim(np.ravel(c) * np.diag(block), evidence):
                return "the diagonal of the derivative alone: what an entry does to the other outputs is missing"
        elif c.shape == evidence.claim.shape and len(u) > 1:
            slope = np.diag(block)
            with np.errstate(all="ignore"):
                if (slope != 0).all() and _is_claim(evidence.estimate.ravel() / slope, evidence):
                    return f"passed on without the slope of output {k} by it: it should be multiplied in"
    return None


def _diagonal(block: Floats) -> bool:
    off = np.abs(block - np.diag(np.diag(block)))
    return bool(off.max(initial=0.0) <= PATTERN * np.abs(block).max(initial=0.0))
