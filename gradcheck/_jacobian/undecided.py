"""What would help to decide the entries of a matrix that were left open? How noisy their outputs are, and a remedy."""

from __future__ import annotations

import numpy as np

from gradcheck._diagnose.undecided import QUIETER
from gradcheck._jacobian.why import at
from gradcheck._model.questions import Floats, Matrix
from gradcheck._results.floating import DOUBLE
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

NAMED = 3  # outputs


def helps(tensor: TensorResult, matrix: Matrix, sigma: Floats) -> tuple[str, ...]:
    """Return what hides the slopes of which outputs, and what would help.

    `sigma` is the noise of each output that is more than its rounding, else 0.
    """
    open_ = tensor.flat[tensor.codes == Verdict.UNDECIDED]
    rows, counts = np.unique(open_ // int(np.prod(matrix.inputs)), return_counts=True)
    first = rows[np.argsort(-counts, kind="stable")][:NAMED]
    where = [np.unravel_index(row, matrix.outputs) for row in first]
    names = ", ".join(at(matrix.labels[0], index) for index in where) + ", ..." * (len(rows) > NAMED)
    noise = float(np.max(sigma[rows]))
    if noise > 0:
        why = f"noise of about {noise:.0e}"
        remedy = QUIETER.format("the function")
    else:
        why = f"a rounding of {matrix.eps:.0e} of themselves"
        wide = "compute them in float64, or " if matrix.eps > DOUBLE else ""
        remedy = f"{wide}choose a point where they are not saturated, or no large constant is added"
    said = f"to decide on {len(open_)} entries of {matrix.name}: {names} have {why}, which hides their slopes; {remedy}"
    return (said,)
