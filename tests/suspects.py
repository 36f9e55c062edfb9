"""Wrong tensors for the patterns to look at: made up, or met by a check of a function or a network."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose import conclusion
from gradcheck._diagnose.evidence import Context, Evidence
from gradcheck._diagnose.size import read
from gradcheck._results.report import TensorResult

RNG = np.random.default_rng(11)
E = RNG.normal(size=(5, 5))
X = RNG.normal(size=(7, 5))
D = RNG.normal(size=(7, 5))
NOISE = 1e-4 * RNG.normal(size=(5, 5))


def suspect(claim, estimate=E, *, kind="weight", measured=None, sizes=None, **context):
    """Return the evidence of a tensor W that claims one thing and was measured to be another."""
    estimate = np.asarray(estimate, dtype=float)
    claim = np.broadcast_to(np.asarray(claim, dtype=float), estimate.shape)
    flat = np.arange(estimate.size) if measured is None else np.asarray(measured)
    c, e = claim.ravel()[flat], estimate.ravel()[flat]
    wrong = ~(np.abs(c - e) <= 1e-6 * np.abs(e) + 1e-9) | (np.isinf(e) & (c != e))
    codes = np.where(wrong, Verdict.WRONG, Verdict.CORRECT).astype(np.int8)
    tensor = TensorResult("W", kind, estimate.shape, "float64", flat, c, e, np.full(len(flat), 1e-12), e, e, codes)
    return Evidence.of(tensor, Context(sizes=read(sizes or {}), **context))


def changed(index, value):
    """Return the estimate with another value somewhere."""
    copy = E.copy()
    copy[index] = value
    return copy


def met(*args, **keywords):
    """Return the evidence of each wrong tensor that a call of check_gradients meets, each with its laboratory.

    Those of layers taken alone come first.
    """
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conclusion, "recognised", seen.append)
        check_gradients(*args, neighbours=0, **keywords)
    return seen


def recognised_first(pattern, evidence):
    """Return what a pattern recognises first, with the evidence on which it does; None where it recognises nothing."""
    return next(((cause, e) for e in evidence if (cause := pattern(e))), None)


def spoilt(evidence):
    """Return the same evidence with a claim that is off by some per mille more, of no known kind."""
    shape = evidence.claim.shape
    off = 1e-3 * np.random.default_rng(1).uniform(1, 2, shape) * np.max(np.abs(evidence.claim))
    return replace(evidence, claim=evidence.claim + off, wrong=np.ones(shape, dtype=bool))


def scaled(evidence, by):
    """Return the same evidence in another unit of the function: all gradients are as many times as large."""
    context = evidence.context
    gradients = {
        of: {name: by * array for name, array in getattr(context, of).items()}
        for of in ("estimates", "claims", "earlier")
    }
    cotangent = None if context.cotangent is None else by * context.cotangent
    arrays = {of: by * getattr(evidence, of) for of in ("claim", "estimate", "slack")}
    return replace(evidence, **arrays, context=replace(context, cotangent=cotangent, **gradients))


def same_in_any_unit(pattern, evidence):
    """Return whether a pattern says the same of evidence as large or as small a trillion times, but for amounts."""

    def said(cause):
        return cause and (cause.kind, cause.tensor, re.sub(r"-?\d[\d.]*(e[-+]\d+)?", "#", cause.sentence))

    as_it_is = said(pattern(evidence))
    return all(said(pattern(scaled(evidence, by))) == as_it_is for by in (2.0**-40, 2.0**40))
