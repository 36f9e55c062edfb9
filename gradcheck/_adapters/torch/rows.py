"""Which rows of a product do not hear of one another? Found out by shifting some of them and seeing which terms move.

Rows that belong to one sample, such as the tokens of a sentence, move the same terms; those of other samples others. A
grouping is tried out with as many shifts as its groups have binary digits: in each those rows are shifted whose group
has that digit, and then the others. A term that moves both times hears of more than one group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch

from gradcheck._adapters.torch.tensors import Tensor
from gradcheck._results.floating import DOUBLE

ROUNDINGS = 64.0  # of the terms, by which they may differ, computed in another order


@dataclass(frozen=True, eq=False)
class Groups:
    """Rows that do not hear of one another, and what each has to do with."""

    members: Tensor  # (R, P): the rows of each group
    terms: Tensor  # (T,): to which group each term belongs


def groups(
    changes: Callable[[Tensor], Tensor], z: Tensor, size: Tensor, batches: Iterable[int], most: int
) -> Groups | None:
    """Return the finest grouping of some rows that holds, with at most so many rows in a group.

    `changes` maps shifts (K, Q, O) to changes of the terms (K, T); `z` are the rows (Q, O), `size` of the terms (T,).
    """
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(z.shape, generator=generator, dtype=z.dtype) * (z.abs().max() or 1.0)
    for group in _candidates(len(z), batches):
        count = int(group.max()) + 1
        if len(z) // count > most:
            break
        found = _terms(changes, noise, size, group, count)
        if found is not None:
            return Groups(torch.argsort(group, stable=True).reshape(count, -1), found)
    return None


def _candidates(rows: int, batches: Iterable[int]) -> Iterator[Tensor]:
    """Yield to which group each row may belong, many groups first."""
    every = torch.arange(rows)
    yield every
    for count in sorted({n for n in batches if 1 < n < rows and rows % n == 0}, reverse=True):
        yield every // (rows // count)
        yield every % count
    if rows > 1:
        yield torch.zeros_like(every)


def _terms(
    changes: Callable[[Tensor], Tensor], noise: Tensor, size: Tensor, group: Tensor, count: int
) -> Tensor | None:
    """Return to which group each term belongs, None where one belongs to several."""
    found = torch.zeros(len(size), dtype=torch.int64)
    digits = max(count - 1, 0).bit_length()
    if not digits:
        return found
    of_rows = (group >> torch.arange(digits).unsqueeze(1)) & 1  # (digits, Q)
    shifts = torch.stack([of_rows, 1 - of_rows], dim=1).unsqueeze(-1) * noise  # with each digit, and without
    both = changes(torch.cat([shifts, -shifts]).reshape(-1, *noise.shape)).abs()
    moved = (both > ROUNDINGS * DOUBLE * (size + size.mean())).reshape(2, digits, 2, -1).any(dim=0)
    if bool(moved.all(dim=1).any()):
        return None
    heard = moved.any(dim=1)
    found += (moved[:, 0].to(torch.int64) << torch.arange(digits).unsqueeze(1)).sum(dim=0)
    if bool((heard != heard[0]).any()) or bool((found >= count).any()):
        return None
    return found
