"""What is a realistic model? One with a derivative written by hand inside, and faults as people make them in it.

Every file of `torches/` and `jaxes/` is one model: `build(seed, fault)` makes it with its arguments, `FAULTS` says
where each fault sits and whose gradients it spoils, `plain(seed)` is the same model with nothing written by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Fault:
    """A wrong backward instead of a right one."""

    layer: str  # where it sits
    op: Any  # what stands there
    wrong: str  # patterns of the names of all tensors whose gradients it spoils; it leaves the others right


def named(names, patterns):
    """Return the names that match one of the patterns; each of them must match something."""
    found = [{name for name in names if fnmatchcase(name, pattern)} for pattern in patterns.split()]
    assert all(found), f"{patterns!r} matches nothing of {names}"
    return set().union(*found)
