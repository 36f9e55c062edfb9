"""Does a container hold itself, or is it nested too deeply to be traversed?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gradcheck._results.errors import InputError

DEEPEST = 100  # containers within one another: Python itself walks through no more than a thousand calls


def refuse_endless(things: Mapping[str, Any]) -> None:
    """Raise InputError where a dict, list or tuple contains itself, or more than a hundred others in one another.

    Nothing here is recursive, since such a container is too deep for that.
    """
    for name, thing in things.items():
        above: list[int] = []  # the containers that lead to the present place
        walks = [iter([thing])]
        while walks:
            part = next(walks[-1], None)
            if part is None:
                walks.pop()
                del above[-1:]
                continue
            _refuse(name, id(part) in above, len(above))
            above.append(id(part))
            walks.append(_containers(part))


def _containers(thing: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield the containers in a container, whatever its class has made of walking through it."""
    kind = next((kind for kind in (dict, list, tuple) if isinstance(thing, kind)), None)
    inside = dict.values(thing) if kind is dict else () if kind is None else kind.__iter__(thing)
    return iter([part for part in inside if isinstance(part, (dict, list, tuple))])


def _refuse(name: str, within_itself: bool, depth: int) -> None:  # noqa: FBT001  one question each
    if within_itself:
        msg = f"{name} contains itself, so there is no end to its arrays; leave out what leads back to it"
        raise InputError(msg)
    if depth > DEEPEST:
        msg = f"{name} holds more than {DEEPEST} containers within one another; give its arrays in a flat dict or list"
        raise InputError(msg)
