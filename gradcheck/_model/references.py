"""Does anybody else hold on to a thing that is in our hands?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


def references(things: Any, key: Any) -> int:  # noqa: ANN401  a dict or a list
    """Return how many references there are to what stands in a container."""
    return sys.getrefcount(things[key])


def _under(view: NDArray[Any]) -> int:
    return sys.getrefcount(view.base)


# of what nothing else holds, which depends on the interpreter
OWN = references({"": np.zeros(1)}, "")
OWN_LISTED = references([np.zeros(1)], 0)
OWN_UNDER = _under(np.zeros((1, 2)).T)


def unheld(given: list[Any]) -> frozenset[int]:
    """Return the identities of arrays that nobody else holds: the only thing of a list, or those that are in that."""
    if references(given, 0) > OWN_LISTED:
        return frozenset()
    return frozenset(id(array) for array in _arrays(given) if _for_itself(array))


def _arrays(given: list[Any]) -> Iterator[NDArray[Any]]:
    inside = given[0]
    if type(inside) is np.ndarray:
        yield inside
    elif type(inside) in (dict, list, tuple):
        own = OWN if type(inside) is dict else OWN_LISTED
        for key in inside if type(inside) is dict else range(len(inside)):
            if type(inside[key]) is np.ndarray and references(inside, key) <= own:
                yield inside[key]


def _for_itself(array: NDArray[Any]) -> bool:
    """Return whether the numbers of an array are in no other array that anybody holds."""
    return array.flags.owndata or (_owns(array.base) and _under(array) <= OWN_UNDER)


def _owns(under: Any) -> bool:  # noqa: ANN401  what an array is a view of
    return type(under) is np.ndarray and under.flags.owndata
