"""Which of the keywords of a call say what is claimed?"""

from __future__ import annotations

import numpy as np

from gradcheck._options import Options

BOOLS = (bool, np.bool_)
WAYS = ("grad", "vjp", "jvp", "value_and_grad")  # keywords that say what is claimed


def ways(options: Options) -> list[str]:
    """Return which of the keywords that say what is claimed were given."""
    said = {way: getattr(options, way) for way in WAYS}
    said["jvp"] = None if isinstance(said["jvp"], BOOLS) else said["jvp"]  # True asks a framework for its own
    return [way for way, claim in said.items() if claim is not None and not (isinstance(claim, BOOLS) and not claim)]
