"""Does a framework refuse a gradient for its shape alone, which would fit by broadcasting?"""

from __future__ import annotations

import re

from gradcheck._model.claims import is_broadcast
from gradcheck._results.errors import ShapeError

SHAPE = r"(?:\w+)?\[([\d, ]*)\]"
REFUSALS = (
    rf"(?P<who>Function \w+) returned an invalid gradient at index (?P<at>\d+) - got {SHAPE} but expected .* {SHAPE}",
    rf"(?P<who>bwd rule) must produce .* at output(?P<at>\S+) the bwd .* of type {SHAPE} corresponding .* {SHAPE}, so",
)


def shape_error(error: Exception) -> ShapeError | None:
    """Return what is to be said of a gradient that was refused for a shape that fits by broadcasting, or None."""
    for refusal in REFUSALS:
        found = re.search(refusal, str(error), re.DOTALL)
        if found is None:
            continue
        *_, theirs, wanted = found.groups()
        shapes = [tuple(int(n) for n in re.findall(r"\d+", said)) for said in (theirs, wanted)]
        if is_broadcast(*shapes):
            at = found["at"].strip("[]")
            msg = (
                f"{found['who']} gives its input {at} a gradient of shape {shapes[0]} where the input has {shapes[1]}; "
                "a gradient has the shape of the thing it is the gradient of"
            )
            return ShapeError(msg, "")
    return None
