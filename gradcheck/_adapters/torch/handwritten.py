"""Does a hand-written backward fulfil what every backward must? Tested once, where there is one."""

from __future__ import annotations

from gradcheck._adapters.torch import again, layouts, required
from gradcheck._adapters.torch.trial import Gradients, Occasion, Trial, outcome
from gradcheck._results.report import Problem


def examine(occasion: Occasion, *, looks: bool) -> list[Problem]:
    """Run the backward with its cotangent watched, with other memory layouts, and for some variables only.

    The last also where the user's code `looks` at what requires a gradient.
    """
    trial = occasion.called()
    expected, problems = _twice(occasion, trial) if trial.handwritten else (trial.gradients(), [])
    return problems + required.examine(occasion, trial, expected, looks=looks)


def examine_twice(occasion: Occasion) -> list[Problem]:
    """Do the same with all variables requiring a gradient, as a gradient of a gradient needs."""
    return _twice(occasion, occasion.called())[1]


def _twice(occasion: Occasion, trial: Trial) -> tuple[Gradients, list[Problem]]:
    expected, problems = again.first(trial)
    if problems:
        problems += again.second(occasion, expected)
    elif outcome(trial, expected, layouts.everything) is None:
        problems += layouts.in_particular(trial, occasion, expected)
    else:  # twice, or in another layout
        problems += again.second(occasion, expected) or [layouts.named(occasion, expected)]
    return expected, problems
