"""Where does a model use its weights, in z = x W + b, and how does a shift of one pre-activation change each term?

A model is run once and its operators are recorded; those after z are run again with z shifted, many shifts at
once. None of the user's code is called for that, and nothing before z is computed again.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from gradcheck._adapters.torch.after import After, Recording
from gradcheck._adapters.torch.call import TorchCall
from gradcheck._adapters.torch.plan import floats
from gradcheck._adapters.torch.tape import Recorder
from gradcheck._adapters.torch.tensors import Tensor, like, to_array
from gradcheck._adapters.torch.uses import Use, alone, inputs, uses
from gradcheck._model import trees
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.site import GAINS, SHIFTS, WeightSite

LARGEST = 2**20  # largest tensor of which every entry is measured, since the result of each is kept
COMPILED = "OptimizedModule"  # by its name, since what it comes from takes seconds to load
ROWS = 2  # dimensions of what has rows and columns
Moving = Mapping[int, tuple[str, Tensor]]  # storage -> the path and the tensor of what is moved


@dataclass(frozen=True, eq=False)
class Sites:
    """The sites of a model."""

    call: TorchCall

    def __call__(self, point: Mapping[str, Array], cotangent: Array) -> Iterator[WeightSite]:
        """Yield where weights are met; nothing of a model that cannot be followed."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = _found(self.call, point, cotangent)
        except Exception as trouble:  # the user's code may raise anything
            if ends(trouble):
                raise
            return
        yield from found


def _found(call: TorchCall, point: Mapping[str, Array], cotangent: Array) -> list[WeightSite]:
    plain = all(m.dense and len(m.paths) == 1 for m in call.moved)
    if not plain or any(type(m).__name__ == COMPILED for m in call.modules):
        return []
    variables = call.variables(point)
    moving = {variables[m.name].untyped_storage().data_ptr(): (m.paths[0], variables[m.name]) for m in call.moved}
    run = _recorded(call, variables, cotangent)
    if run is None or len(moving) < len(call.moved) or any(run.tape.storages[slot] in moving for slot, _ in run.heads):
        return []
    return [*_sites(run, moving)]


def _recorded(call: TorchCall, variables: Mapping[str, Tensor], cotangent: Array) -> Recording | None:
    """Recording a model, and write down what it does; None where its outputs are not all in double precision."""
    call.begin_afresh()
    twin = copy.copy(call)  # without the check for in-place changes, which the model did not make
    setattr(twin, "hand_back", lambda: None)  # noqa: B010
    with sdpa_kernel(SDPBackend.MATH), torch.enable_grad(), Recorder() as recorder:
        outputs = floats(twin.result(variables))
    if any(y.dtype != torch.float64 for y in outputs):
        return None
    cuts = np.cumsum([y.numel() for y in outputs])[:-1]
    us = [like(u, y) for u, y in zip(np.split(np.ravel(cotangent), cuts), outputs, strict=True)]
    heads = [(recorder.tape.slot(y), u) for y, u in zip(outputs, us, strict=True)]
    given = [t for _, t in trees.leaves(call.given) if isinstance(t, torch.Tensor)]
    return Recording(recorder.tape, heads, {n for t in (*given, *outputs) for n in t.shape[:2]})


def _sites(run: Recording, moving: Moving) -> Iterator[WeightSite]:
    """Yield the sites worth using: all uses of weights, then inputs that no weight site covers."""
    whole = {path: tensor for path, tensor in moving.values() if tensor.numel() <= LARGEST}
    given = {path: slot for path, slot in inputs(run.tape, moving) if path in whole}
    copies = {run.tape.storages[slot]: (path, whole[path]) for path, slot in given.items()}
    by_weight: dict[str, list[Use]] = {}
    for use in uses(run.tape, {k: v for k, v in moving.items() if v[0] not in given} | copies):
        by_weight.setdefault(use.weight, []).append(use)
    done: set[str] = set()
    for path in [path for path in by_weight if path in whole]:
        met = by_weight[path]
        units = whole[path].numel() * GAINS // (SHIFTS * len(met))
        found = [_of_use(run, use, units, given if len(met) == 1 else {}) for use in met]
        sites = [site for site in found if site is not None]
        if len(sites) == len(met):
            yield from sites
            done |= {path for site in sites for path in site.paths}
    for path, slot in given.items():
        site = None if path in done else _of_input(run, path, slot)
        if site is not None:
            yield site


def _of_use(run: Recording, use: Use, units: int, given: Mapping[str, int]) -> WeightSite | None:
    after = After.of(run, use.start, use.matrix.shape[1], units, use.axis)
    if after is None:
        return None
    name = next((p for p, n in given.items() if after.in_order and alone(run.tape, n, use)), None)
    rows = to_array(use.rows[after.members])
    return after.site((use.weight, use.bias, name), to_array(use.matrix), rows, turned=use.turned)


def _of_input(run: Recording, path: str, slot: int) -> WeightSite | None:
    """Return an input as a site of itself: each number of a row is a unit."""
    value = run.tape.values[slot]
    if value.ndim < ROWS:
        return None
    after = After.of(run, slot, value.shape[-1], value.numel() * GAINS // SHIFTS)
    return after.site((None, None, path), None, after.before, turned=False) if after and after.in_order else None
