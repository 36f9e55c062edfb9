"""Which columns may be moved at once? Those that no two entries of one row lie in (Curtis, Powell and Reid 1974)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gradcheck._model.questions import Entries, Ints


def groups(entries: Entries) -> list[Ints]:
    """Return groups of columns that share no row of the pattern, each in order; of a full matrix every column alone.

    Greedy, in the order of the columns and in that of the fullest first: the better of both.
    """
    count = entries.shape[1]
    if not entries.listed:
        return [np.array([j]) for j in range(count)]
    rows = _rows(entries)
    orders = [range(count), sorted(range(count), key=lambda j: -len(rows[j]))]
    return min((_greedy(rows, order, entries.shape[0]) for order in orders), key=len)


def _rows(entries: Entries) -> list[list[int]]:
    rows: list[list[int]] = [[] for _ in range(entries.shape[1])]
    for row, column in zip(entries.rows.tolist(), entries.columns.tolist(), strict=True):
        rows[column].append(row)
    return rows


def _greedy(rows: list[list[int]], order: Iterable[int], height: int) -> list[Ints]:
    taken = [0] * height  # of each row: bits of the groups that have an entry in it
    found: list[list[int]] = []
    for column in order:
        forbidden = 0
        for row in rows[column]:
            forbidden |= taken[row]
        group = (~forbidden & (forbidden + 1)).bit_length() - 1  # the lowest bit that is not set
        if group == len(found):
            found.append([])
        found[group].append(column)
        for row in rows[column]:
            taken[row] |= 1 << group
    return [np.array(sorted(group)) for group in found]
