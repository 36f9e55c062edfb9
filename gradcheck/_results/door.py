"""How is a result shown? By renderers, through this interface alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

if TYPE_CHECKING:
    from os import PathLike


class Renderers(Protocol):
    """What turns results into text, and reads them back."""

    def shown(self, report: Any) -> str:  # noqa: ANN401  a Report, or a Run
        """Return a result as text that fits the terminal."""

    def fragment(self, report: Any) -> str:  # noqa: ANN401
        """Return a result as a piece of a page, for a notebook."""

    def save(self, report: Any, path: str | PathLike[str]) -> None:  # noqa: ANN401
        """Write a result to a file; the suffix chooses the form."""

    def load(self, path: str | PathLike[str]) -> Any:  # noqa: ANN401
        """Read a result back from JSON."""


class Door:
    """Opens the renderers when somebody looks; the package puts them there."""

    open: Callable[[], Renderers]


DOOR = Door()


class Showable:
    """A result that can be printed, saved, and looked at in a notebook; it has no truth value."""

    def __bool__(self) -> NoReturn:
        """Refuse: six verdicts do not fit into two truth values."""
        kind = type(self).__name__
        msg = (
            f"a {kind} has no truth value, since undecided is not False; "
            f"write `{kind.lower()}.verdict is Verdict.CORRECT`, or call assert_gradients"
        )
        raise TypeError(msg)

    def __str__(self) -> str:
        """The tables, worst first: as wide as the terminal."""
        return DOOR.open().shown(self)

    def _repr_html_(self) -> str:
        return DOOR.open().fragment(self)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the result; the suffix chooses the form: .html .md .json .csv .txt.

        Raises ValueError for any other suffix.
        """
        DOOR.open().save(self, path)
