"""Does a backward that was written by hand keep what every backward must? Asked once, where there is one."""

from __future__ import annotations

from gradcheck._adapters.torch import again, layouts, required
from gradcheck._adapters.torch.trial import Gradients, Place, Trial, outcome
from gradcheck._results.report import Problem


def examine(place: Place, *, looks: bool) -> list[Problem]:
    """Go back with the cotangent watched, again with it in another layout, and with some variables only.

    The last also where the user's code `looks` at what requires a gradient.
    """
    trial = place.called()
    expected, problems = _twice(place, trial) if trial.handwritten() else (trial.gradients(), [])
    return problems + required.examine(place, trial, expected, looks=looks)


def examine_twice(place: Place) -> list[Problem]:
    """Do the same, save that all variables require a gradient: of a gradient, which cannot do without."""
    return _twice(place, place.called())[1]


def _twice(place: Place, trial: Trial) -> tuple[Gradients, list[Problem]]:
    expected, problems = again.first(trial)
    if problems:
        problems += again.second(place, expected)
    elif outcome(trial, expected, layouts.everything) is None:
        problems += layouts.in_particular(trial, place, expected)
    else:  # twice, or in another layout
        problems += again.second(place, expected) or [layouts.named(place, expected)]
    return expected, problems
