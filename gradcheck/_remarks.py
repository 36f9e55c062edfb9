"""What is there to say about a report? What is known of its subject is put together, and the layers taken alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from gradcheck import _diagnose, _neighbours, _parts, _power
from gradcheck._case import Context
from gradcheck._oracle import Array, Oracle
from gradcheck._report import Report, TensorResult, Verdict
from gradcheck._subject import Subject


def explained(
    report: Report,
    subject: Subject,
    earlier: Mapping[str, Array],
    alone: Callable[[Oracle], Report],
) -> Report:
    """Add to a report its diagnosis and its power; `earlier` are the claims at the neighbour that was called first.

    `alone` checks a layer by itself.
    """
    before = subject.evaluations
    context = _context(report, subject, earlier)
    spent = subject.evaluations - before
    diagnosis = _diagnose.diagnose(report, context)
    parts = subject.oracle.parts
    if diagnosis and parts is not None and any(t.wrong for t in report.tensors.values()):
        subject.pins.restore()
        guilty, more = _parts.examine(report, parts(), alone)
        diagnosis = _diagnose.joined(diagnosis, guilty)
        spent += more
    return replace(
        report,
        diagnosis=diagnosis,
        power=_power.power(report, context),
        evaluations=report.evaluations + spent,
    )


def _context(report: Report, subject: Subject, earlier: Mapping[str, Array]) -> Context:
    oracle, leaves = subject.oracle, subject.leaves
    output, u = oracle.output, oracle.cotangent
    return Context(
        values={leaf.name: leaf.original for leaf in leaves.values()},
        inputs=tuple(leaf.name for leaf in leaves.values() if leaf.kind == "input"),
        sizes=oracle.sizes,
        data=oracle.data,
        cotangent=None if output is None or u is None else np.asarray(u, dtype=np.float64).reshape(output.shape),
        output=output,
        earlier=_kept(report, subject, earlier),
    )


def _kept(report: Report, subject: Subject, earlier: Mapping[str, Array]) -> dict[str, Array]:
    """Return the earlier claims that were made again, although they are wrong here and were right there."""
    again = {}
    for path, claim in earlier.items():
        tensor = report.tensors.get(subject.leaves[path].name)
        if tensor is not None and tensor.verdict is Verdict.WRONG and _same(tensor, claim):
            again[path] = claim
    if not again:
        return {}
    right = _neighbours.right_elsewhere(subject, report.seed, again)
    return {subject.leaves[path].name: claim for path, claim in right.items()}


def _same(tensor: TensorResult, claim: Array) -> bool:
    return tensor.size > 1 and np.array_equal(claim.ravel()[tensor.flat].astype(np.float64), tensor.claims)
