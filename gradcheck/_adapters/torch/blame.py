"""Whose backward is at fault? The first that returns different gradients for the same cotangents."""

from __future__ import annotations

from collections.abc import Callable

from gradcheck._adapters.torch import graph
from gradcheck._adapters.torch.promises import differ
from gradcheck._adapters.torch.trial import Change, Cotangents, Trial
from gradcheck._model.ending import forgiven

Passed = dict[int, tuple[str, Cotangents, Cotangents]]  # by number: its name, what came to it, what it made of that


def blamed(once: Trial, again: Trial, change: Change | None = None, plain: Change | None = None) -> str:
    """Return ` of F` for the backward that differs between a normal trial and a changed one; or nothing."""
    right, other = _recorded(once, plain), _recorded(again, change)
    for number, (name, came, went) in right.items():
        if number not in other:
            return f" of {name}"  # it raised
        _, came_too, went_too = other[number]
        if _alike(came, came_too) and not _alike(went, went_too):
            return f" of {name}"
    return ""


def _recorded(trial: Trial, change: Change | None) -> Passed:
    """Go back, and return what each backward was given and made of it, in the order in which they were done."""
    done: Passed = {}

    def noting(number: int, name: str) -> Callable[[Cotangents, Cotangents], None]:
        return lambda went, came: done.update({number: (name, _copies(came), _copies(went))})

    hooks = [node.register_hook(noting(n, graph.title(node))) for n, node in enumerate(trial.handwritten)]
    try:
        with forgiven():  # which one is the question
            trial.gradients(change)
    finally:
        for hook in hooks:
            hook.remove()
    return done


def _copies(us: Cotangents) -> Cotangents:
    return tuple(None if u is None else u.clone() for u in us)


def _alike(some: Cotangents, others: Cotangents) -> bool:
    return not any(differ(a, b) for a, b in zip(some, others, strict=True))
