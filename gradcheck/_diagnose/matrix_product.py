"""Which product was taken? Gradients of weights and of inputs are products of known arrays.

The gradient of a weight is A.T P, P being the pull on what it made and A what it was multiplied with; that of a bias
is the sum of P, that of an input P W.T. P is the cotangent, times a slope that may be written with the output.
A claim that is such a product, though another one is meant, names its own mistake.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from gradcheck._diagnose.activation import BETWEEN_LAYERS
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import MATRIX, PLENTY, Evidence, Floats

Named = tuple[str, Floats]

OF_OUTPUT: tuple[tuple[str, Callable[[Floats], Floats]], ...] = (
    ("", lambda y: np.ones(y.shape)),
    (" (1 - y^2)", lambda y: 1 - y * y),
    (" y (1 - y)", lambda y: y * (1 - y)),
    (" (y > 0)", lambda y: (y > 0).astype(np.float64)),
)
FROM_ABOVE = "the cotangent"
IMAGES = 300  # of inputs that are tried, and as many behind an activation: many weights of one width have thousands


def product(evidence: Evidence) -> Cause | None:
    """A product of two arrays at hand, where another is meant; or one that is missing."""
    if not evidence.whole or evidence.claim.size < PLENTY or np.count_nonzero(evidence.claim) < PLENTY:
        return None
    for made in (_of_two, _of_sums, _of_entries):
        products = [
            (words, p) for words, p in made(evidence) if p.shape == evidence.claim.shape and np.isfinite(p).all()
        ]
        for words, p in products:
            if evidence.explained(p, 0, least=PLENTY) and not evidence.measured(p):
                right = next((w for w, q in products if evidence.measured(q)), None)
                meant = f", where {right} is meant" if right else ", which is not the whole derivative"
                return Cause(Slip.PRODUCT, evidence.name, f"this is {words}{meant}")
        for words, p in products:
            for sign, much in ((1, "missing"), (-1, "too much")):
                if evidence.explained(evidence.estimate - sign * p, least=PLENTY):
                    if words == FROM_ABOVE:
                        return Cause(
                            Slip.PRODUCT,
                            evidence.name,
                            f"what is {much} is the cotangent, unchanged: as from a path around a layer",
                        )
                    return Cause(Slip.PRODUCT, evidence.name, f"what is {much} is {words}: one of several terms")
    return None


def _pulls(evidence: Evidence) -> Iterator[Named]:
    """Yield what may have come from above to a product, with examples and places along axis 0."""
    c, y = evidence.context.cotangent, evidence.context.output
    if c is None or not c.ndim:
        return
    for words, slope in OF_OUTPUT:
        if not words or y is not None:
            yield f"{FROM_ABOVE}{words and ' times' + words}", c * slope(c if y is None else y.astype(np.float64))


def _met(evidence: Evidence) -> Iterator[Named]:
    """Yield what a weight may have been multiplied with: inputs, the output, and images of inputs."""
    values = evidence.context.values
    inputs = {n: values[n].astype(np.float64) for n in evidence.context.inputs if values[n].ndim > 1}
    yield from inputs.items()
    if evidence.context.output is not None:
        yield "the output", evidence.context.output.astype(np.float64)
    images = list(itertools.islice(_images(inputs, values), IMAGES))
    yield from images
    activated = ((f"{a.name} of {image}", a.f(z)) for a in BETWEEN_LAYERS for image, z in images)
    yield from itertools.islice(activated, IMAGES)


def _images(inputs: Mapping[str, Floats], values: Mapping[str, Floats]) -> Iterator[Named]:
    """Yield what layers make of inputs, before their activation."""
    for name, x in inputs.items():
        for weight, W in values.items():
            if weight in inputs or W.ndim != MATRIX or W.shape[0] != x.shape[-1]:
                continue
            biases = [(f" + {n}", b) for n, b in values.items() if b.shape == W.shape[1:] and n not in inputs]
            for bias, b in [*biases, ("", np.zeros(W.shape[1]))]:
                yield f"({name} {weight}{bias})", x @ W + b


def _of_two(evidence: Evidence) -> Iterator[Named]:
    """Yield A.T P and P.T A, summed over all places."""
    if evidence.claim.ndim != MATRIX or evidence.kind == "input":
        return
    met = list(_met(evidence))
    for above, P in _pulls(evidence):
        flat = P.reshape(-1, P.shape[-1])
        for name, A in met:
            if A.shape[:-1] == P.shape[:-1]:
                yield f"{name}.T times {above}", A.reshape(-1, A.shape[-1]).T @ flat
                yield f"({above}).T times {name}", flat.T @ A.reshape(-1, A.shape[-1])


def _of_sums(evidence: Evidence) -> Iterator[Named]:
    """Yield the sums of pulls, alone or times something of their shape, over all axes but one."""
    if evidence.claim.ndim != 1:
        return
    met = list(_met(evidence))
    for above, P in _pulls(evidence):
        others = [("", np.ones_like(P)), *((f"{n} times ", A) for n, A in met if A.shape == P.shape)]
        for name, A in others:
            for axes in (a for n in range(P.ndim) for a in itertools.combinations(range(P.ndim), P.ndim - n)):
                total = (A * P).sum(axis=axes)
                over = f"over axis {axes[0]}" if len(axes) == 1 else f"over axes {' and '.join(map(str, axes))}"
                yield f"the sum of {name}{above}, {over}", total
                if not name and 1 < total.size != evidence.claim.size:
                    yield f"the sum of {above}, {over}, cropped", np.resize(total.ravel(), evidence.claim.shape)


def _of_entries(evidence: Evidence) -> Iterator[Named]:
    """Yield P W.T and P W, pulls on an input; and P itself."""
    if evidence.kind != "input":
        return
    for above, P in _pulls(evidence):
        yield above, P
        if P.size >= PLENTY and P.shape != evidence.claim.shape:
            yield f"{above}, cropped: it is passed on unchanged", np.resize(P, evidence.claim.shape)
        for name, W in evidence.context.values.items():
            if name not in evidence.context.inputs and W.ndim == MATRIX:
                if W.shape[1] == P.shape[-1]:
                    yield f"{above}, times the transpose of {name}", P @ W.T
                if W.shape[0] == P.shape[-1]:
                    yield f"{above}, times {name} itself", P @ W
