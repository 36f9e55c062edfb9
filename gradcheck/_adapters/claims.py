"""Which of the keywords of a call say what is claimed?"""

from __future__ import annotations

import numpy as np

from gradcheck._options import Options
from gradcheck._results.errors import InputError

BOOLS = (bool, np.bool_)
WAYS = ("grad", "vjp", "jvp", "value_and_grad")  # keywords that say what is claimed
MATRICES = ("jac", "hess", "hessp")  # likewise, of a matrix

# Keywords that claim something, or say how a claim is to be understood.
SAID = (*WAYS, *MATRICES, "adjoint", "forces", "inner", "retract", "along", "names", "loss")


def ways(options: Options) -> list[str]:
    """Return which of the keywords that say what is claimed were given."""
    said = {way: getattr(options, way) for way in WAYS}
    said["jvp"] = None if isinstance(said["jvp"], BOOLS) else said["jvp"]  # True asks a framework for its own
    return [way for way, claim in said.items() if _is_said(claim)]


def refuse_unread(options: Options, why: str, read: tuple[str, ...] = ()) -> None:
    """Raise InputError, with `why`, for a claim that nobody would look at: `read` are those that are."""
    unread = [name for name in SAID if name not in read and _is_said(getattr(options, name))]
    if unread:
        msg = f"{why}; leave out {' and '.join(f'{name}=' for name in unread)}"
        raise InputError(msg)


def _is_said(claim: object) -> bool:
    return claim is not None and not (isinstance(claim, BOOLS) and not claim)
