"""Connectionist temporal classification: how is a sequence learned, if nobody says what stands where?

A voice is recorded in a thousand steps and the label is a word of five letters. Which step says
which letter is unknown. So the network says something at every step, a letter or nothing (the
blank), and what it says is read like this: repetitions are merged, then blanks are removed.
"hh-e-ll-ll-o" reads "hello"; so do very many other ways to say it, and the probability of the word
is the sum over them all.

They are too many to be counted one by one, and need not be. Write the word with blanks around
every letter, -h-e-l-l-o-: each way to say it is a walk along these places, which at every step
stays, goes on by one, or skips a blank between two different letters. Let α[t, s] be the
probability of all beginnings of walks that end at place s at step t, and β[t, s] that of all ends
of walks which go on from there. Each follows from the step beside it by three additions, and
α β is the probability of all walks through that place.

The way back is then read off. p is a sum of products, one factor for each step, so the share γ of
the walks that pass place s at step t says how strongly log p feels what was said there:

    γ[t, s] = α[t, s] β[t, s] / p,        d(-log p) / dy[t, k] = -Σ γ[t, s] over the s that hold letter k.

The network hears, at every step, how often each letter would have been meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from .layer import Array, constant
from .loss import LossBackward, Scalar
from .target import refuse_empty

Integers = NDArray[np.integer[Any]]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class CTC:
    """cost = mean over the N examples of -log p, p = Σ Π e^y[t, wₜ] over all walks w that read as the labels.

    The y are logarithms of probabilities, such as `LogSoftmax` puts out. Steps and labels beyond
    the lengths of an example do not count. Labels that cannot be said in so few steps, one for
    each letter and one more between two that are alike, are refused; if they are merely impossible,
    some y being -∞, the cost is ∞ and the example pulls at nothing.

    A. Graves, S. Fernández, F. Gomez and J. Schmidhuber, Connectionist temporal classification,
    ICML 2006, equations 6 to 15.
    """

    labels: Integers = constant()  # (N, S)
    lengths: Integers | None = field(default=None, metadata={"constant": True})  # (N,), of y; None: T for all
    label_lengths: Integers | None = field(default=None, metadata={"constant": True})  # (N,); None: S for all
    blank: int = 0

    def forward(self, y: Array) -> tuple[Scalar, LossBackward[Self]]:  # (N, T, C) -> ()
        places = _places(self, y)
        said = np.take_along_axis(y, places.letters[:, np.newaxis], axis=2)  # (N, T, 2S + 1)
        said = np.where(places.there[..., np.newaxis], said, 0)
        alpha = np.stack(list(_walked(said, places)), axis=1)
        last = np.where(places.last, alpha[:, -1], -np.inf)
        log_p = np.logaddexp.reduce(last, axis=1)

        def backward(dcost: float = 1.0) -> tuple[Array, Self]:
            beta = np.stack(list(_walked_back(said, places)), axis=1)[:, ::-1]
            gamma = _shares(alpha + beta) * places.there[..., np.newaxis]
            letters = places.letters[..., np.newaxis] == np.arange(y.shape[2])  # (N, 2S + 1, C)
            return float(-dcost) / len(y) * (gamma @ letters.astype(y.dtype)), self

        return -np.mean(log_p), backward


class _Places(NamedTuple):
    """What stands at the 2S + 1 places of -l₁-l₂-...-, and how one may walk along them."""

    letters: Integers  # (N, 2S + 1)
    skip: Booleans  # (N, 2S + 1), true where one may come from two places before
    last: Booleans  # (N, 2S + 1), true where a walk may end
    there: Booleans  # (N, T), true for the steps that count


def _walked(said: Array, places: _Places) -> Iterator[Array]:
    """Yield log α of each step: it stays, goes on by one, or skips, and says what stands there."""
    a = np.full_like(said[:, 0], -np.inf)
    a[:, 0] = 0  # before the first step: as if at the first blank
    for said_t, there_t in zip(said.swapaxes(0, 1), places.there.T, strict=True):
        skipped = np.where(places.skip, _moved(a, 2), -np.inf)
        onward = np.logaddexp(np.logaddexp(a, _moved(a, 1)), skipped) + said_t
        a = np.where(there_t[:, np.newaxis], onward, a)
        yield a


def _walked_back(said: Array, places: _Places) -> Iterator[Array]:
    """Yield log β of each step, from the last: what is said later on, by all walks that go on from there."""
    b = np.where(places.last, said.dtype.type(0), -np.inf).astype(said.dtype)
    for said_t, there_t in zip(said.swapaxes(0, 1)[::-1], places.there.T[::-1], strict=True):
        yield b
        b_said = b + said_t
        skipped = _moved(np.where(places.skip, b_said, -np.inf), -2)
        onward = np.logaddexp(np.logaddexp(b_said, _moved(b_said, -1)), skipped)
        b = np.where(there_t[:, np.newaxis], onward, b)


def _shares(walks: Array) -> Array:
    """Return the share of all walks that pass a place, at each step, from logarithms; 0 where there is no walk."""
    top = walks.max(axis=2, keepdims=True)
    e = np.exp(walks - np.where(np.isfinite(top), top, 0))
    total = e.sum(axis=2, keepdims=True)  # p, but for the factor taken out: the same at each step
    shares: Array = e / np.where(total > 0, total, 1)
    return shares


def _moved(a: Array, by: int) -> Array:
    """Return a with its entries moved along the places; -∞ comes in."""
    nothing = np.full_like(a[:, : abs(by)], -np.inf)
    kept = max(a.shape[1] - abs(by), 0)
    return np.concatenate([nothing, a[:, :kept]] if by > 0 else [a[:, a.shape[1] - kept :], nothing], axis=1)


def _places(loss: CTC, y: Array) -> _Places:
    """Write the labels with blanks around every letter, if all fits."""
    N, T, labels = _sizes(loss, y)
    lengths, label_lengths = (
        _lengths(name, given, N, most)
        for name, given, most in (("lengths", loss.lengths, T), ("label_lengths", loss.label_lengths, labels.shape[1]))
    )
    counts = np.arange(labels.shape[1]) < label_lengths[:, np.newaxis]
    labels = np.where(counts, labels, loss.blank)
    _refuse_letters(labels, counts, loss.blank, y.shape[2])
    alike = (labels[:, 1:] == labels[:, :-1]) & counts[:, 1:]
    _refuse_short(lengths, label_lengths + alike.sum(axis=1))
    letters = np.full((N, 2 * labels.shape[1] + 1), loss.blank)
    letters[:, 1::2] = labels
    skip = np.zeros(letters.shape, np.bool_)
    skip[:, 3::2] = ~(labels[:, 1:] == labels[:, :-1])
    place, end = np.arange(letters.shape[1]), 2 * label_lengths[:, np.newaxis]
    last = (place == end) | (place == end - 1)
    return _Places(letters, skip, last, np.arange(T) < lengths[:, np.newaxis])


def _sizes(loss: CTC, y: Array) -> tuple[int, int, Integers]:
    refuse_empty(y, "CTC")
    labels = np.asarray(loss.labels)
    if y.ndim != 3 or labels.ndim != 2 or len(labels) != len(y) or labels.dtype.kind not in "iu":
        message = (
            "CTC takes y of shape (N, T, C), examples first, and whole numbers of shape (N, S) as labels, not "
            f"{y.shape} and {labels.dtype} of shape {labels.shape}; labels of different lengths are filled up, and "
            "label_lengths says how many count"
        )
        raise ValueError(message)
    return y.shape[0], y.shape[1], labels


def _lengths(name: str, given: Integers | None, N: int, most: int) -> Integers:
    found: Integers = np.full(N, most) if given is None else np.asarray(given)
    if found.shape != (N,) or found.dtype.kind not in "iu" or not ((found >= 0) & (found <= most)).all():
        message = f"CTC takes {name} of shape ({N},), whole numbers from 0 to {most}, not {found.tolist()}"
        raise ValueError(message)
    return found


def _refuse_letters(labels: Integers, counts: Booleans, blank: int, C: int) -> None:
    wrong = counts & ((labels < 0) | (labels >= C) | (labels == blank))
    if wrong.any() or not 0 <= blank < C:
        message = (
            f"CTC: y with {C} columns takes labels from 0 to {C - 1} other than the blank, {blank}, not "
            f"{np.unique(labels[wrong]).tolist()}; give the network one output for each letter, and one for the blank"
        )
        raise ValueError(message)


def _refuse_short(lengths: Integers, needed: Integers) -> None:
    short = np.flatnonzero(lengths < needed)
    if len(short):
        n = int(short[0])
        message = (
            f"CTC: example {n} has {lengths[n]} steps, but its labels need {needed[n]}: one for each, and a blank "
            "between two that are alike; give it more steps, or leave it out"
        )
        raise ValueError(message)
