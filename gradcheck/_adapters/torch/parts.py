"""Which part of a model is at fault? Each module and Function is recorded in place, and can then be checked alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch

from gradcheck._adapters.cotangent import random_cotangent
from gradcheck._adapters.recorder import INNER, MOST, OUTER, innermost_first
from gradcheck._adapters.torch import functions
from gradcheck._adapters.torch.call import TorchCall
from gradcheck._adapters.torch.tensors import Tensor, is_floating, like, to_array
from gradcheck._model import trees
from gradcheck._model.ending import forgiven
from gradcheck._model.oracle import Array, Oracle
from gradcheck._options import Options

Run = tuple[dict[str, Tensor], dict[str, Tensor]]  # the outputs, and a cotangent of each


@dataclass
class ModuleUse:
    """One use of a module: what it was given, and what came of it."""

    path: str
    module: Any
    args: tuple[Any, ...]
    inputs: dict[str, Any]
    outputs: list[Tensor]
    inner: bool
    turn: int  # after how many others it was done
    cotangent: Any = None  # what came back to the outputs, flat

    @property
    def title(self) -> str:
        """The module as the report calls it: `layers.2 (Linear)`."""
        return f"{self.path} ({type(self.module).__name__})"

    @property
    def name(self) -> str:
        """The same, and whether it holds others."""
        return f"{self.title}{INNER if self.inner else OUTER}"


def alone(call: TorchCall, oracle: Callable[..., Oracle], seed: int, point: Mapping[str, Array]) -> dict[str, Oracle]:
    """Return an oracle of each Function and module within the model, at the input and with the cotangent it meets."""
    run = partial(_run, call, seed, point)
    found: dict[str, Oracle] = {}
    met: list[tuple[str, Any, tuple[Any, ...], Mapping[str, Any], Any]] = []
    applied: list[functions.Applied] = []
    uses: list[ModuleUse] = []
    with forgiven():  # a model that cannot be taken apart is left whole
        applied = functions.met(run, call.f)
        met += [(a.name, a.function.apply, a.args, {}, a.cotangent) for a in applied]
    if len(met) == 1 and met[0][1] == call.f:
        return {}
    with forgiven():
        uses = _uses(call, run, {a.within for a in applied})
        met += [(u.name, u.module, u.args, u.inputs, u.cotangent) for u in uses]
    done = {use.title: use.turn for use in uses}
    turns: dict[str, tuple[int, ...]] = {a.name: (done.get(a.within, 0), n) for n, a in enumerate(applied)}
    turns |= {use.name: (use.turn,) for use in uses}
    for name, model, args, inputs, cotangent in met[:MOST]:
        with forgiven():  # a part that cannot be run alone is left out
            own = Options(seed=seed, inputs=inputs)
            found[name] = replace(oracle(model, args, own, cotangent), parts=None, turn=turns[name])
    return found


def _run(call: TorchCall, seed: int, point: Mapping[str, Array]) -> Run:
    """Call the model at a point; return its outputs and a cotangent of each."""
    outputs = {name: y for name, y in call.at(point)[1].items() if y.requires_grad}
    sizes = [to_array(y).size for y in outputs.values()]
    u = random_cotangent(sum(sizes), seed)
    pieces = np.split(u, np.cumsum(sizes)[:-1])
    us = [like(piece.reshape(to_array(y).shape), y) for piece, y in zip(pieces, outputs.values(), strict=True)]
    return outputs, dict(zip(outputs, us, strict=True))


def _uses(call: TorchCall, run: Callable[[], Run], within: set[str]) -> list[ModuleUse]:
    """Call the model with hooks on its modules, and go back; the innermost last met come first."""
    if not isinstance(call.f, torch.nn.Module):
        return []
    met: list[ModuleUse] = []
    hooks = [
        module.register_forward_hook(_noting(met, path, within), with_kwargs=True)
        for path, module in call.f.named_modules()
        if path
    ]
    try:
        outputs, us = run()
        return _pulled_to(met, outputs, us)
    finally:
        for hook in hooks:
            hook.remove()


def _noting(met: list[ModuleUse], path: str, within: set[str]) -> Callable[..., None]:
    def hook(module: Any, args: Any, inputs: Any, result: Any) -> None:  # noqa: ANN401
        outputs = [y for _, y in trees.leaves(result) if is_floating(y)]
        holds = f"{path} ({type(module).__name__})" in within
        inner = not holds and not any(True for _ in module.children())
        met.append(ModuleUse(path, module, functions.own(args), functions.own(inputs), outputs, inner, len(met)))

    return hook


def _pulled_to(met: list[ModuleUse], outputs: Mapping[str, Tensor], us: Mapping[str, Tensor]) -> list[ModuleUse]:
    """Return the uses through which the gradient comes, with the cotangent that comes to the outputs of each."""
    passed = [use for use in met if use.outputs and all(y.requires_grad for y in use.outputs)]
    ys = [*outputs.values()]
    for use in passed:
        cotangents = torch.autograd.grad(ys, use.outputs, [*us.values()], retain_graph=True, allow_unused=True)
        flat = [to_array(torch.zeros_like(y) if c is None else c) for y, c in zip(use.outputs, cotangents, strict=True)]
        use.cotangent = np.concatenate([piece.ravel() for piece in flat]).astype(np.float64)
    return innermost_first(passed)
