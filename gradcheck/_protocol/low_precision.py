"""Is the claim in the user's own precision the same as in double, except for its rounding?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._protocol.deterministic import broken
from gradcheck._protocol.rounding import COARSEST, Claims, eps_of, measured_rounding, residue
from gradcheck._results.errors import CallError
from gradcheck._results.floating import REORDERED, SINGLE
from gradcheck._results.report import Problem, TensorResult
from gradcheck._results.verdict import Verdict

INNER = 65536.0  # roundings of its dtype, relative to the largest entry, that sums inside of the backward may leave
SATURATED = 16.0  # roundings of f in single precision, that an entry which differs may move it by


def narrow(subject: Subject, claims: Claims, results: Mapping[str, TensorResult]) -> list[Problem]:
    """Test the claim in the user's own precision against the same claim in double: its own rounding only.

    At a kink it may be another slope there, as where rounding tells apart what ties in double.
    """
    if subject.plain is None:
        return []
    plain = replace(subject.plain, chosen={path: subject.plain.leaves[path] for path in claims})
    subject.tally.gradients += 1
    try:
        own = plain.claims()
    except CallError as error:
        if ends(error):
            raise
        return [broken(f"in {_dtypes(subject)} {error}")]
    for path, claim in claims.items():
        eps = max(eps_of(own[path]), subject.leaves[path].given)
        size = float(np.max(np.abs(claim)))
        if not np.isfinite(size):
            continue  # its entries are judged one by one
        excused = _lost(subject, path, claim, own[path], eps) | _at_kinks(results[path])
        off = float(np.max(np.where(excused, 0, np.abs(own[path] - claim))))
        slack = max(REORDERED * eps, min(INNER * eps, COARSEST)) * size + residue(subject, claims, path, eps)
        if not off <= slack and not off <= slack + measured_rounding(plain, path, lambda _: (plain.claims(),)):
            name, dtype = subject.leaves[path].name, subject.leaves[path].dtype
            text = (
                f"in {dtype} the gradient of {name} is off by {off:.2g}, {off / size:.1g} of its largest entry, "
                "from the same gradient in float64"
            )
            return [Problem(Verdict.WRONG, text, name)]
    return []


def _lost(subject: Subject, path: str, claim: Array, own: Array, eps: float) -> NDArray[np.bool_]:
    """Return which entries differ by less than shows beside the value in that precision, as far as they are large.

    As behind a softmax of which one is 1 there: zero is left of what is 1e-8 in double, whatever comes from above.
    """
    leaf = subject.leaves[path]
    moves = np.abs(own - claim) * leaf.scale.reshape(claim.shape)
    roundings = SATURATED if eps <= SINGLE else own == 0
    return np.asarray(moves <= roundings * eps * float(np.max(np.abs(subject.base))))


def _at_kinks(result: TensorResult) -> NDArray[np.bool_]:
    """Return which entries of a tensor are at kinks, as far as they were measured."""
    found = np.zeros(result.size, dtype=np.bool_)
    found[result.flat[result.codes == Verdict.KINK]] = True
    return found.reshape(result.shape)


def _dtypes(subject: Subject) -> str:
    return "/".join(sorted({str(leaf.dtype) for leaf in subject.leaves.values()}))
