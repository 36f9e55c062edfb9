"""Does the gradient of one tensor depend on which others require theirs? It must not: weights are frozen."""

from __future__ import annotations

from collections.abc import Iterator

from gradcheck._adapters.torch import graph
from gradcheck._adapters.torch.backward import accumulated
from gradcheck._adapters.torch.trial import Gradients, Place, Trial, outcome
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

MOST = 24  # choices of tensors that are asked for
SHOWN = 4  # names in a sentence

Names = frozenset[str]


def examine(place: Place, trial: Trial, expected: Gradients) -> list[Problem]:
    """Ask for every input of a Function alone, and for all but each, as far as the model's variables allow it."""
    if place.back is accumulated:
        return []  # a checkpoint that is entered again has no gradient without that of its input, as PyTorch says
    for _, wanted in zip(range(MOST), choices(trial), strict=False):
        found = _alone(place, wanted, expected)
        if found is not None:
            return [found]
    return []


def choices(trial: Trial) -> list[Names]:
    """Return the choices of variables that a Function can tell from one another: one use of each Function is asked."""
    leading = graph.leading(trial.outputs.values(), trial.variables)
    every = frozenset(trial.variables)
    uses: dict[str, list[Names]] = {}
    for node in trial.handwritten():
        inputs = [leading[before] for before, _ in node.next_functions if before is not None and leading[before]]
        if len(inputs) > len(uses.get(graph.title(node), ())):
            uses[graph.title(node)] = inputs
    found = {choice: None for inputs in uses.values() if len(inputs) > 1 for choice in _parted(inputs, every)}
    return [choice for choice in found if choice and choice != every]


def _parted(inputs: list[Names], every: Names) -> Iterator[Names]:
    for k, names in enumerate(inputs):
        yield names.difference(*inputs[:k], *inputs[k + 1 :])
    for names in inputs:
        yield every - names


def _alone(place: Place, wanted: Names, expected: Gradients) -> Problem | None:
    try:
        with place.with_only(wanted) as trial:
            found = outcome(trial, expected)
    except Exception as error:  # noqa: BLE001  the user's forward may raise anything
        return Problem(
            Verdict.BROKEN, f"with {_said(wanted, expected)} the function raises {type(error).__name__}: {error}"
        )
    if found is None:
        return None
    if found.error is not None:
        return Problem(Verdict.BROKEN, f"with {_said(wanted, expected)} the backward raises {found.raised}")
    what = "its gradient" if len(wanted) == 1 else f"the gradient of {found.variable}"
    text = f"with {_said(wanted, expected)}, {what} is another; look at ctx.needs_input_grad"
    return Problem(Verdict.WRONG, text, found.variable)


def _said(wanted: Names, every: Gradients) -> str:
    mine, others = [n for n in every if n in wanted], [n for n in every if n not in wanted]
    if len(others) < len(mine):
        return f"all but {_few(others)} requiring a gradient"
    return f"only {_few(mine)} requiring a gradient"


def _few(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
