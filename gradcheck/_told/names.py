"""What does a module have under a name?"""

from __future__ import annotations

from typing import Any


def found(module: Any, path: str) -> Any:  # noqa: ANN401  anything
    """Return what a path of attributes leads to, None if to nothing."""
    for name in path.split("."):
        module = getattr(module, name, None)
    return module
