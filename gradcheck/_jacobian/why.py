"""What is said about a wrong matrix? Its worst entry in the user's words, and known mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from gradcheck._diagnose import conclusion
from gradcheck._diagnose.cause import Slip, told
from gradcheck._diagnose.evidence import Context, spread
from gradcheck._model.questions import Floats, Matrix
from gradcheck._results.names import few_of
from gradcheck._results.report import Report, TensorResult
from gradcheck._results.verdict import Verdict

LARGE = 1_000_000  # entries of a matrix, above which no pattern is looked for in it
ALIKE = 1e-6  # relative: entries on either side of a diagonal that are the same
VAGUE = (Slip.NOT_RECOGNISED, Slip.PLACE)


def why(report: Report, matrix: Matrix, outside: Iterable[tuple[int, int]], x: Floats) -> tuple[str, ...]:
    """Return what is wrong with the matrix of a report, as it is at x: causes first, then where that is."""
    tensor = report.tensors[matrix.name]
    if not tensor.wrong:
        return ()
    said = [*_transposed(tensor, matrix), *_outside(tensor, matrix, set(outside)), *_mirrored(tensor, matrix)]
    context = Context(numbers=matrix.numbers, values={matrix.labels[1]: x} if x.ndim == 1 else {})
    there = replace(report, tensors={tensor.name: replace(tensor, places={})})
    causes = conclusion.diagnose(there, context) if tensor.size <= LARGE else ()
    clear = told(tuple(cause for cause in causes if cause.kind not in VAGUE))
    vague = told(tuple(cause for cause in causes if cause.kind is Slip.PLACE))
    return tuple(dict.fromkeys([*said, *clear, _worst(tensor, matrix), *vague]))


def _worst(tensor: TensorResult, matrix: Matrix) -> str:
    assert tensor.worst is not None  # noqa: S101  something is wrong
    index = tensor.worst.index
    cut = len(matrix.outputs)
    output, entry = at(matrix.labels[0], index[:cut]), at(matrix.labels[1], index[cut:])
    if matrix.columns:
        entry = f"{matrix.labels[1]}.{matrix.columns[index[-1]]}"
        output = f"{matrix.labels[0]} for {matrix.columns[index[0]]}" if matrix.symmetric else output
    return f"{at(matrix.name, index)} is the derivative of {output} by {entry}"


def at(name: str, index: tuple[int, ...]) -> str:
    """Return an entry of an array, as the user would write it."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def _outside(tensor: TensorResult, matrix: Matrix, outside: set[tuple[int, int]]) -> Iterator[str]:
    """Name the entries that are not zero, and not in the pattern."""
    width = int(np.prod(matrix.inputs))
    wrong = [int(k) for k in tensor.flat[tensor.codes == Verdict.WRONG] if divmod(int(k), width) in outside]
    if wrong:
        names = [at(matrix.name, tuple(map(int, np.unravel_index(k, matrix.shape)))) for k in wrong]
        yield f"not zero, and outside of the sparsity pattern: {few_of(names)}"


def _transposed(tensor: TensorResult, matrix: Matrix) -> Iterator[str]:
    """Say that every claim is what was measured on the other side of the diagonal."""
    width = int(np.prod(matrix.inputs))
    if int(np.prod(matrix.outputs)) != width or tensor.wrong <= 1:
        return
    known = dict(zip(tensor.flat.tolist(), tensor.estimates.tolist(), strict=True))
    other = np.array([known.get(k % width * width + k // width, 0.0) for k in tensor.flat.tolist()])
    room = ALIKE * np.abs(tensor.claims).max() + np.nan_to_num(tensor.uncertainties)
    if (np.abs(tensor.claims - other) <= room).all():
        yield f"{matrix.name} is transposed: the entry of row i and column j is the derivative of output j by input i"


def _mirrored(tensor: TensorResult, matrix: Matrix) -> Iterator[str]:
    """Say of a matrix that ought to be symmetric how it is not."""
    if not matrix.symmetric or tensor.size > LARGE:
        return
    width = int(np.prod(matrix.inputs))
    claim = np.nan_to_num(spread(tensor, tensor.claims)).reshape(width, width)
    off = np.abs(claim - claim.T)
    if not off.max(initial=0.0) > ALIKE * np.abs(claim).max(initial=0.0):
        return
    if not np.triu(claim, 1).any() or not np.tril(claim, -1).any():
        yield f"only the {'lower' if np.tril(claim, -1).any() else 'upper'} triangle of {matrix.name} is filled"
        return
    row, column = np.unravel_index(int(np.argmax(off)), off.shape)
    pair = f"{matrix.name}[{row}, {column}] = {claim[row, column]:.6g}, {matrix.name}[{column}, {row}] = "
    yield f"it is not symmetric, as it must be: {pair}{claim[column, row]:.6g}"
