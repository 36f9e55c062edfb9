"""Which module within a module is at fault? Each is met where it stands, and can then be taken alone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from gradcheck import _tree
from gradcheck._cotangent import random_cotangent
from gradcheck._oracle import Oracle
from gradcheck._parts import INNER, MOST, OUTER
from gradcheck._torch.call import Call
from gradcheck._torch.tensors import Tensor, is_floating, like, to_array


@dataclass
class Use:
    """One use of a module: what it was given, and what came of it."""

    path: str
    module: Any
    args: tuple[Any, ...]
    inputs: dict[str, Any]
    outputs: list[Tensor]
    inner: bool

    @property
    def name(self) -> str:
        """The module as the report calls it: `layers.2 (Linear)`."""
        return f"{self.path} ({type(self.module).__name__}){INNER if self.inner else OUTER}"


def alone(call: Call, oracle: Callable[..., Oracle], keywords: Mapping[str, Any]) -> dict[str, Oracle]:
    """Return an oracle of each module within the model, at the input and with the cotangent that it meets there."""
    if not isinstance(call.f, torch.nn.Module):
        return {}
    found: dict[str, Oracle] = {}
    for use, met in _uses(call, keywords["seed"]):
        own = {"seed": keywords["seed"], "met": met}
        with contextlib.suppress(Exception):  # what cannot be taken alone says nothing of itself
            found[use.name] = replace(oracle(use.module, use.args, use.inputs, own), parts=None)
    return found


def _uses(call: Call, seed: int) -> list[tuple[Use, Any]]:
    """Call the model with hooks on its modules, and go back; the innermost last met come first."""
    met: list[Use] = []
    hooks = [
        module.register_forward_hook(_noting(met, path), with_kwargs=True)
        for path, module in call.f.named_modules()
        if path
    ]
    try:
        with contextlib.suppress(Exception):
            point = {path: np.array(a, dtype=np.float64) for m in call.moved for path, a in m.arrays().items()}
            outputs = call.at(point)[1]
            return _pulled_to(met, outputs, seed)
    finally:
        for hook in hooks:
            hook.remove()
    return []


def _noting(met: list[Use], path: str) -> Callable[..., None]:
    def hook(module: Any, args: Any, inputs: Any, result: Any) -> None:  # noqa: ANN401
        outputs = [y for _, y in _tree.leaves(result) if is_floating(y)]
        inner = not any(True for _ in module.children())
        met.append(Use(path, module, _own(args), _own(inputs), outputs, inner))

    return hook


def _own(tree: Any) -> Any:  # noqa: ANN401
    """Copy the tensors of some arguments: detached, so that they begin a graph."""
    return _tree.rebuild(tree, lambda _, v: v.detach().clone() if isinstance(v, torch.Tensor) else v)


def _pulled_to(met: list[Use], outputs: Mapping[str, Tensor], seed: int) -> list[tuple[Use, Any]]:
    """Return the uses through which the gradient comes, and the flat cotangent that comes to the outputs of each."""
    ys = [y for y in outputs.values() if y.requires_grad]
    size = sum(to_array(y).size for y in ys)
    u = np.ones(1) if size == 1 else random_cotangent(size, seed)
    ends = np.cumsum([to_array(y).size for y in ys])[:-1]
    us = [like(piece.reshape(to_array(y).shape), y) for piece, y in zip(np.split(u, ends), ys, strict=True)]
    passed = []
    for use in met:
        live = [y for y in use.outputs if y.requires_grad]
        if live:
            cotangents = torch.autograd.grad(ys, live, us, retain_graph=True, allow_unused=True)
            flat = [
                np.zeros(to_array(y).size) if c is None else to_array(c).ravel()
                for y, c in zip(live, cotangents, strict=True)
            ]
            if len(live) == len(use.outputs):
                passed.append((use, np.concatenate(flat).astype(np.float64)))
    inner, outer = [p for p in passed if p[0].inner], [p for p in passed if not p[0].inner]
    return [*reversed(inner), *sorted(outer, key=lambda p: -p[0].path.count("."))][:MOST]
