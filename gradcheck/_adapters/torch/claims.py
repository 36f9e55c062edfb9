"""What is claimed of a function of tensors by one beside it? Both are called with tensors, and taken as of arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from gradcheck._adapters.claims import MATRICES, ways
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.torch.tensors import is_floating, to_array
from gradcheck._model import trees
from gradcheck._model.ending import ends, forgiven
from gradcheck._model.oracle import Tree
from gradcheck._options import Options
from gradcheck._results.errors import InputError

NARROW = (torch.float32, torch.float16, torch.bfloat16)


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
    narrow = next((t.dtype for t in samples if t.dtype in NARROW), None)
    of_arrays = functools.partial(_of_arrays, narrow=narrow)
    claims: dict[str, Any] = {
        way: of_arrays(claim) if callable(claim) else _arrays(claim) for way, claim in given.items()
    }
    return of_arrays(model), _arrays(args), replace(options, args=_arrays(options.args), **claims)


def _of_arrays(f: Callable[..., Any], narrow: torch.dtype | None) -> Callable[..., Any]:
    """Return a function of arrays that calls one of tensors, which were given in a narrower type than double.

    Raises InputError where it takes those, and none in double.
    """

    @functools.wraps(f)
    def called(*arrays: Any) -> Any:  # noqa: ANN401
        tensors = _tensors(arrays)
        try:
            return _arrays(f(*tensors))
        except Exception as error:
            if ends(error) or narrow is None or not _takes(f, _to(narrow, tensors)):
                raise
            name, given = quoted(f), str(narrow).removeprefix("torch.")
            msg = (
                f"{name} takes {given} alone, and is measured in float64; give its weights in that as well, as by "
                "W.double() or model.double(), or write the claim as a backward"
            )
            raise InputError(msg) from error

    return called


def _takes(f: Callable[..., Any], tensors: Tree) -> bool:
    """Whether a function can be called with some tensors."""
    with forgiven():
        f(*tensors)
        return True
    return False


def _to(dtype: torch.dtype, tree: Tree) -> Tree:
    return trees.rebuild(tree, lambda _, v: v.to(dtype) if isinstance(v, torch.Tensor) and is_floating(v) else v)


def _tensors(tree: Tree) -> Tree:
    return trees.rebuild(tree, lambda _, v: torch.from_numpy(np.array(v)) if isinstance(v, np.ndarray) else v)


def _arrays(tree: Tree) -> Tree:
    return trees.rebuild(tree, lambda _, v: np.array(to_array(v)) if isinstance(v, torch.Tensor) else v)
