"""How does a network learn? One mini-batch at a time.

`learn` is the heart of it, five lines: predict and compare, go backward, change every weight and
bias by how much the cost feels it. `train` shuffles the examples, deals them out in mini-batches,
calls `learn` with each, and does so again, for as many epochs as asked: an epoch has seen every
example once.

A mini-batch is a compromise. The gradient over all examples is the true one, but costs a look at
all of them for a single step; that of one example is cheap, and full of its own peculiarities.
The mean over some thirty points nearly the right way at a small part of the price, and what noise
is left does no harm: it shakes the network out of small hollows.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .combine import Cost, L
from .layer import Array, parameters, rebuild
from .loss import CrossEntropy
from .optimiser import SGD, Optimiser
from .score import History, Labels, LossOf, append, in_dtype_of, latest_accuracy, score

_PLAIN = SGD(rate=0.1)


def learn(
    cost: Cost[L],
    x: Array,
    optimiser: Optimiser,
    state: Any = None,  # noqa: ANN401 (whatever the optimiser remembers)
) -> tuple[L, Any, float]:
    """Take one step, with one mini-batch; return the network, the optimiser's state, the cost."""
    value, backward = cost.forward(x)  # predict, and compare with the truth
    _, grad = backward()  # from the output to the input: how does the cost feel each parameter?
    before = parameters(cost.network)
    after, state = optimiser.step(before, parameters(grad.network), state)  # move each accordingly
    return rebuild(cost.network, after), state, float(value)


def train(
    network: L,
    x: Array,
    labels: Labels,
    *,
    epochs: int,
    loss: LossOf = CrossEntropy,
    optimiser: Optimiser = _PLAIN,
    batch_size: int = 32,
    seed: int = 0,
    decay: float = 0.0,
    validation: tuple[Array, Labels] | None = None,
    target_accuracy: float | None = None,
    progress: bool | None = None,
) -> tuple[L, History]:
    """Return the network as it is after training, and the history; the one given is left alone.

    The same arguments give the same network, bit for bit. Training ends early once
    `target_accuracy` is reached: on `validation` where it is given, else on the examples trained
    on. A bar is drawn on stderr if `progress` is true, or None and stderr is a terminal.

    Raises:
        ValueError: the arguments do not fit one another.
        FloatingPointError: a cost is not finite.
    """
    x, labels = in_dtype_of(network, x), np.asarray(labels)
    classes = loss is CrossEntropy or (labels.ndim == 1 and np.issubdtype(labels.dtype, np.integer))
    _refuse_misfits(x, labels, batch_size, scored=classes or target_accuracy is None)
    measure = partial(score, loss=loss, classes=classes)
    rng, state, history = np.random.default_rng(seed), None, History()
    with _bar(epochs, shown=progress) as advance:
        for _ in range(epochs):
            costs: list[float] = []
            for batch in _batches(len(x), batch_size, rng):
                whole = Cost(network, loss(labels[batch]), decay)
                network, state, cost = learn(whole, x[batch], optimiser, state)
                costs.append(_finite(cost, len(history.costs) + len(costs)))
            scores = measure(network, (x, labels)), measure(network, validation)
            history = append(history, costs, *scores)
            advance(history)
            if target_accuracy is not None and latest_accuracy(history) >= target_accuracy:
                break
    return network, history


def _batches(n: int, size: int, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Deal out the numbers 0 to n - 1, shuffled, `size` at a time; the last may be fewer."""
    return np.split(rng.permutation(n), range(size, n, size))


def _finite(cost: float, step: int) -> float:
    if np.isfinite(cost):
        return cost
    message = (
        f"the cost of mini-batch {step} is {cost}: try a smaller rate, bring the inputs to a size "
        "of about 1, and check the gradients"
    )
    raise FloatingPointError(message)


def _refuse_misfits(x: Array, labels: Labels, batch_size: int, *, scored: bool) -> None:
    if len(x) != len(labels):
        message = f"train: {len(x)} examples but {len(labels)} labels; give one label per example"
        raise ValueError(message)
    if batch_size < 1 or len(x) < 1:
        message = f"train: {len(x)} examples by {batch_size}: give at least one of each"
        raise ValueError(message)
    if not scored:
        message = "train: target_accuracy is for labels that are classes; leave it out here"
        raise ValueError(message)


@contextmanager
def _bar(epochs: int, *, shown: bool | None) -> Iterator[Callable[[History], object]]:
    """Give a function to call after each epoch: it moves a bar on stderr, or does nothing."""
    if not (sys.stderr.isatty() if shown is None else shown):
        yield lambda _: None
        return
    tqdm = importlib.import_module("tqdm").tqdm  # only here: the networks need nothing but NumPy
    with tqdm(total=epochs, unit="epoch", file=sys.stderr) as bar:
        yield lambda history: (bar.set_postfix(cost=history.train_costs[-1]), bar.update())
