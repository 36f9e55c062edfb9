"""What do the marks of a pytest.param mean here? `skip` and `skipif` mean what they mean in pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcheck._cli.outcome import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable


def skipped(marks: Iterable[Any]) -> str | None:
    """Return why a case is to be skipped, None if it is not; marks that only select tests say nothing here.

    Raises:
        Refusal: a mark wants what only pytest can do.
    """
    for mark in marks:
        name, reason = mark.name, str(mark.kwargs.get("reason", ""))
        if name == "skip":
            return str(mark.args[0]) if mark.args else reason
        if name == "skipif" and _holds(mark):
            return reason
        if name == "xfail":
            msg = "it is marked xfail, and a command expects no failure; mark it skip, or leave it out"
            raise Refusal(msg)
    return None


def _holds(mark: Any) -> bool:  # noqa: ANN401  a mark of pytest
    conditions = [*mark.args, *([mark.kwargs["condition"]] if "condition" in mark.kwargs else [])]
    if any(isinstance(condition, str) for condition in conditions):
        msg = f"its skipif has a condition in words, {conditions[0]!r}, which pytest alone evaluates; write it as code"
        raise Refusal(msg)
    return any(map(bool, conditions))
