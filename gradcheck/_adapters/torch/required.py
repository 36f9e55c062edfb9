"""Does the gradient of a tensor depend on which others require one? It must not, since weights may be frozen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from types import FunctionType

from gradcheck._adapters.torch import graph
from gradcheck._adapters.torch.backward import accumulated
from gradcheck._adapters.torch.trial import Gradients, Occasion, Trial, outcome
from gradcheck._model.contents import is_a, of_library, reachable
from gradcheck._model.ending import ends
from gradcheck._model.rng import MANY
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

FLAGS = frozenset({"requires_grad", "set_grad_enabled"})
MOST = 24  # choices of tensors that are asked for
SHOWN = 4  # names in a sentence

Names = frozenset[str]


def examine(occasion: Occasion, trial: Trial, expected: Gradients, *, looks: bool) -> list[Problem]:
    """Ask for every input of a Function alone, and for all but each, as far as the model's variables allow it.

    And for every variable so, where the user's own code `looks` at what requires a gradient.
    """
    if occasion.back is accumulated:
        return []  # a checkpoint that is entered again has no gradient without that of its input, as PyTorch says
    every = frozenset(trial.variables)
    inputs = [*inputs_of_functions(trial), *([[frozenset([name]) for name in trial.variables]] if looks else [])]
    found = dict.fromkeys(choice for each in inputs if len(each) > 1 for choice in _parted(each, every))
    for wanted in islice((choice for choice in found if choice and choice != every), MOST):
        problem = _alone(occasion, wanted, expected)
        if problem is not None:
            return [problem]
    return []


def inputs_of_functions(trial: Trial) -> list[list[Names]]:
    """Return the variables that lead to each input of a Function: of one use of each, that with the most of them."""
    leading = graph.leading(trial.outputs.values(), trial.variables)
    uses: dict[str, list[Names]] = {}
    for node in trial.handwritten:
        inputs = [leading[before] for before, _ in node.next_functions if before is not None and leading[before]]
        if len(inputs) > len(uses.get(graph.title(node), ())):
            uses[graph.title(node)] = inputs
    return [*uses.values()]


def looks_at_flags(f: object, modules: Iterable[object]) -> bool:
    """Whether the user's code, that of a function and of the classes of modules, looks at what requires a gradient."""
    classes = {cls for module in modules for cls in type(module).__mro__ if not of_library(cls)}
    found = [member for cls in classes for member in vars(cls).values()]
    found += islice(reachable([f]), MANY) if is_a(f, FunctionType) else []
    functions = (thing for thing in found if is_a(thing, FunctionType) and not of_library(thing))
    return any(not FLAGS.isdisjoint(function.__code__.co_names) for function in functions)


def _parted(inputs: list[Names], every: Names) -> Iterator[Names]:
    for k, names in enumerate(inputs):
        yield names.difference(*inputs[:k], *inputs[k + 1 :])
    for names in inputs:
        yield every - names


def _alone(occasion: Occasion, wanted: Names, expected: Gradients) -> Problem | None:
    try:
        with occasion.with_only(wanted) as trial:
            found = outcome(trial, expected)
    except Exception as error:  # the user's forward may raise anything
        if ends(error):
            raise
        return Problem(
            Verdict.BROKEN, f"with {_said(wanted, expected)} the function raises {type(error).__name__}: {error}"
        )
    if found is None:
        return None
    if found.error is not None:
        return Problem(Verdict.BROKEN, f"with {_said(wanted, expected)} the backward raises {found.raised}")
    what = "its gradient" if len(wanted) == 1 else f"the gradient of {found.variable}"
    look = "ctx.needs_input_grad" if trial.handwritten else "how the code uses requires_grad"
    text = f"with {_said(wanted, expected)}, {what} differs; look at {look}"
    return Problem(Verdict.WRONG, text, found.variable)


def _said(wanted: Names, every: Gradients) -> str:
    mine, others = [n for n in every if n in wanted], [n for n in every if n not in wanted]
    if len(others) < len(mine):
        return f"all but {_few(others)} requiring a gradient"
    return f"only {_few(mine)} requiring a gradient"


def _few(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
