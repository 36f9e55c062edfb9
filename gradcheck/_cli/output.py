"""Where does a result go? To stdout, or to a file, in the form that was asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck._cli.outcome import FINE, Refusal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from gradcheck import Report, Run

    Face = Callable[[str, int, bool], str]  # (form, width, whether in colours) -> the page


def form_of(options: argparse.Namespace) -> str:
    """Return the form that was asked for; raises Refusal where it cannot be told, or the file not be written."""
    from gradcheck._render.faces import SUFFIXES

    path: Path | None = options.output
    if path is not None and not path.parent.is_dir():
        msg = f"--output {path}: there is no folder {str(path.parent)!r}"
        raise Refusal(msg)
    if options.format is not None or path is None:
        return str(options.format or "table")
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        msg = f"--output {path}: the suffix chooses the form, one of {', '.join(SUFFIXES)}; or say --format"
        raise Refusal(msg)
    return "table" if form == "text" else form


def write(options: argparse.Namespace, face: Face, line: str, code: int) -> None:
    """Write a result to where it was wanted; a line on it where that is a file."""
    from gradcheck._render.terminal import COLUMNS, coloured, columns
    from gradcheck._results.files import write as put

    form, fine = form_of(options), code == FINE
    if options.output is not None:
        try:
            put(options.output, face(form, COLUMNS, False))  # noqa: FBT003  colours
        except OSError as error:
            print(face("table", columns(sys.stdout), coloured(sys.stdout)), end="")  # so that the result is not lost
            msg = f"--output {options.output}: {error.strerror or error}"
            raise Refusal(msg) from error
        if not (options.quiet and fine):
            print(f"{line}: written to {options.output}")
    elif options.format is not None or not (options.quiet and fine):
        print(face(form, columns(sys.stdout), coloured(sys.stdout)), end="")


def write_found(options: argparse.Namespace, found: Report | Run, code: int) -> None:
    """Write a report, or a run."""
    from gradcheck import Report
    from gradcheck._render import text
    from gradcheck._render.escape import visible
    from gradcheck._render.faces import render

    def face(form: str, width: int, colour: bool) -> str:  # noqa: FBT001  as all faces are called
        if form != "table":
            return render(found, form)
        if isinstance(found, Report):
            return text.render(found, width, colour=colour, verbose=options.verbose)
        return text.render_run(found, width, colour=colour, verbose=options.verbose)

    name = found.name if isinstance(found, Report) else found.title
    write(options, face, f"{found.verdict}  {visible(name)}", code)
