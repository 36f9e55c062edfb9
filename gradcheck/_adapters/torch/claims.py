"""What is claimed of a function of tensors by one beside it? Both are called with tensors, and taken as of arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from gradcheck._adapters.claims import MATRICES, ways
from gradcheck._adapters.torch.tensors import to_array
from gradcheck._model import trees
from gradcheck._model.oracle import Tree
from gradcheck._options import Options
from gradcheck._results.errors import InputError


def as_arrays(model: Any, args: tuple[Any, ...], options: Options) -> tuple[Any, tuple[Any, ...], Options]:  # noqa: ANN401
    """Return a call with tensors as one with arrays: its function, its arguments, and its claims; any other as it is.

    Raises InputError where a tensor is complex, or lies on a device.
    """
    samples = [v for _, v in trees.leaves((args, options.args)) if isinstance(v, torch.Tensor)]
    if not samples:
        return model, args, options
    if any(t.device.type != "cpu" or t.is_complex() for t in samples):
        msg = "with a claim of your own, tensors are taken on the CPU and real; write the claim as a backward instead"
        raise InputError(msg)
    given = {way: getattr(options, way) for way in (*ways(options), *MATRICES)}
    claims: dict[str, Any] = {
        way: _of_arrays(claim) if callable(claim) else _arrays(claim) for way, claim in given.items()
    }
    return _of_arrays(model), _arrays(args), replace(options, args=_arrays(options.args), **claims)


def _of_arrays(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of arrays that calls one of tensors."""

    @functools.wraps(f)
    def called(*arrays: Any) -> Any:  # noqa: ANN401
        return _arrays(f(*_tensors(arrays)))

    return called


def _tensors(tree: Tree) -> Tree:
    return trees.rebuild(tree, lambda _, v: torch.from_numpy(np.array(v)) if isinstance(v, np.ndarray) else v)


def _arrays(tree: Tree) -> Tree:
    return trees.rebuild(tree, lambda _, v: np.array(to_array(v)) if isinstance(v, torch.Tensor) else v)
