"""Does a backward leave its cotangent unchanged, and return the same gradient when called twice?"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

from gradcheck._adapters.torch import graph
from gradcheck._adapters.torch.blame import blamed
from gradcheck._adapters.torch.tensors import Tensor
from gradcheck._adapters.torch.trial import Cotangents, Gradients, Occasion, Trial, is_plain, outcome
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict


@dataclass(eq=False)
class _Watched:
    """The cotangents that came to one backward, as they were."""

    name: str
    came: list[tuple[Tensor, Tensor, int]] = field(default_factory=list)  # each, a copy, and how often it was changed

    def __call__(self, us: Cotangents) -> None:
        """Note them, and let them pass."""
        self.came += [(u, u.clone(), u._version) for u in us if is_plain(u)]  # noqa: SLF001

    @property
    def changed(self) -> bool:
        """Whether they are others now."""
        return any(
            u._version != version or not torch.allclose(u, before, 0.0, 0.0, equal_nan=True)  # noqa: SLF001
            for u, before, version in self.came
        )


def first(trial: Trial) -> tuple[Gradients, list[Problem]]:
    """Go back for the first time; return the gradients, and whose backward changes its cotangent."""
    watched = [(node, _Watched(graph.title(node))) for node in trial.handwritten]
    hooks = [node.register_prehook(watch) for node, watch in watched]
    try:
        gradients = trial.gradients()
    finally:
        for hook in hooks:
            hook.remove()
    names = [*dict.fromkeys(watch.name for _, watch in watched if watch.changed)]
    text = "changes its cotangent in place, which others may still need; let it work on a copy"
    return gradients, [Problem(Verdict.BROKEN, f"the backward of {name} {text}") for name in names]


def second(occasion: Occasion, expected: Gradients) -> list[Problem]:
    """Run the backward twice, and return the outcome of the second run."""
    trial = occasion.called()
    trial.gradients()
    found = outcome(trial, expected)
    if found is None:
        return []
    who = blamed(trial := occasion.called(), trial)
    if found.error is not None:
        text = f"the backward{who} raises when called a second time with retain_graph=True: {found.raised}"
    else:
        text = (
            f"the backward{who} gives a different gradient of {found.variable} when called a second time with "
            "retain_graph=True: it changes what it keeps"
        )
    return [Problem(Verdict.BROKEN, text, found.variable)]
