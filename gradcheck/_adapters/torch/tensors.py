"""How does a tensor become an array, and an array a tensor? Without a copy where that can be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gradcheck._model.oracle import Array

Tensor = Any  # torch.Tensor

COARSE = {
    getattr(torch, name): name
    for name in ("bfloat16", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz")
    if hasattr(torch, name)
}
DOUBLE = {True: torch.complex128, False: torch.float64}


def is_floating(value: Any) -> bool:  # noqa: ANN401
    """Whether a thing is a tensor that has derivatives: real or complex."""
    return isinstance(value, torch.Tensor) and (value.is_floating_point() or value.is_complex())


def to_array(tensor: Tensor) -> Array:
    """Return a tensor as an array, which may share its memory: complex numbers as pairs, coarse ones as float32."""
    tensor = tensor.detach()
    if tensor._is_zerotensor():  # noqa: SLF001
        tensor = torch.zeros_like(tensor)
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor.resolve_conj())
    elif tensor.dtype in COARSE:
        tensor = tensor.float()
    array: Array = tensor.resolve_neg().cpu().numpy()
    return array


def like(array: Array, tensor: Tensor) -> Tensor:
    """Return an array, such as a cotangent, as a tensor of the dtype, the shape and on the device of another."""
    made = torch.from_numpy(np.array(array))
    if tensor.is_complex():
        made = torch.view_as_complex(made.contiguous())
    return made.to(device=tensor.device, dtype=tensor.dtype).reshape(tensor.shape)


def cotangents(outputs: Mapping[str, Tensor], flat: Array) -> dict[str, Tensor]:
    """Cut a flat cotangent into those of the outputs."""
    us, at = {}, 0
    for name, y in outputs.items():
        shape = (*y.shape, 2) if y.is_complex() else tuple(y.shape)
        count = math.prod(shape)
        us[name] = like(np.reshape(flat[at : at + count], shape), y)
        at += count
    return us


def stored(tensor: Tensor) -> Tensor:
    """Return the stored entries of a sparse tensor."""
    tensor = tensor.detach()
    return tensor.coalesce().values() if tensor.layout == torch.sparse_coo else tensor.values()


def with_entries(like: Tensor, values: Tensor) -> Tensor:
    """Return a sparse tensor like another with other stored entries."""
    if like.layout == torch.sparse_coo:
        places = like.detach().coalesce().indices()
        return torch.sparse_coo_tensor(places, values, like.shape, is_coalesced=True, check_invariants=True)
    rows = like.layout in (torch.sparse_csr, torch.sparse_bsr)
    at = (like.crow_indices(), like.col_indices()) if rows else (like.ccol_indices(), like.row_indices())
    return torch.sparse_compressed_tensor(*at, values, like.shape, layout=like.layout, check_invariants=True)


@dataclass(frozen=True, eq=False)
class Moved:
    """A tensor of the user's that is moved: under which name, and of which arrays it is made."""

    name: str
    tensor: Tensor
    dtype: Any  # the user's
    kind: str

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The names of its arrays: one, or the real and the imaginary part."""
        name = self.name if self.dense else f"{self.name}.values"
        return (f"{name}.real", f"{name}.imag") if self.dtype.is_complex else (name,)

    @property
    def dense(self) -> bool:
        """Whether it has all its entries; of a sparse one the stored entries are moved."""
        return bool(self.tensor.layout == torch.strided)

    @property
    def coarse(self) -> bool:
        """Whether NumPy has no such dtype."""
        return self.dtype in COARSE

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return its numbers, by path."""
        array = to_array(self.tensor if self.dense else stored(self.tensor))
        if not self.dtype.is_complex:
            return {self.paths[0]: array}
        return {path: array[..., k] for k, path in enumerate(self.paths)}

    @cached_property
    def own(self) -> Any:  # noqa: ANN401
        """The NumPy dtype that stands for the user's."""
        if self.dtype.is_complex:
            return np.dtype({torch.complex128: np.float64, torch.complex64: np.float32}.get(self.dtype, np.float16))
        return np.dtype(np.float32) if self.coarse else torch.empty(0, dtype=self.dtype).numpy().dtype

    def tensor_of(self, point: Mapping[str, Array]) -> Tensor:
        """Make a tensor of arrays of the point, in their own memory if it is on the CPU and they have its dtype."""
        parts = [torch.from_numpy(point[path]) for path in self.paths]
        made = torch.complex(*parts) if len(parts) == 2 else parts[0]
        wide = point[self.paths[0]].dtype != self.own
        return made.to(device=self.tensor.device, dtype=None if wide else self.dtype)

    def whole(self, variable: Tensor) -> Tensor:
        """Return what the model is given: the variable itself, or a sparse tensor with it as its stored entries."""
        if self.dense:
            return variable
        return with_entries(self.tensor, variable)

    def split(self, gradient: Tensor | None, point: Mapping[str, Array]) -> dict[str, Array]:
        """Return a gradient by path, zeros where there is none."""
        if gradient is None:
            return {path: np.zeros_like(point[path]) for path in self.paths}
        array = to_array(gradient)
        return {self.paths[0]: array} if len(self.paths) == 1 else {p: array[..., k] for k, p in enumerate(self.paths)}
