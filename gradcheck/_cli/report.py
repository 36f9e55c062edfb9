"""What does `gradcheck report` do? It shows saved reports again, in any form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck._cli.options import add_output, add_strict, add_verbose
from gradcheck._cli.outcome import Refusal, exit_code
from gradcheck._cli.output import form_of, write_found

if TYPE_CHECKING:
    import argparse

    from gradcheck import Report, Run

HELP = "show saved reports, or convert them to another format"
ABOUT = """\
Show reports saved as JSON, by this version or an older one, in any format. Several files are
merged into one run. The exit code is that of the check."""
EXAMPLES = """\
examples:
  gradcheck report run.json
  gradcheck report run.json --output run.html
  gradcheck report linux.json windows.json --format markdown"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.json", help="a report or a run saved as JSON")
    add_output(parser)
    add_verbose(parser)
    add_strict(parser)


def run(options: argparse.Namespace) -> int:
    """Show them."""
    form_of(options)
    found = joined(options.files)
    code = exit_code(found, strict=options.strict)
    write_found(options, found, code)
    return code


def joined(files: list[Path]) -> Report | Run:
    """Return what the files hold; the checks of several as one run."""
    from gradcheck import Run

    found = [loaded(path) for path in files]
    if len(found) == 1:
        return found[0]
    return Run(tuple(check for one in found for check in Run.of(one).checks), ", ".join(path.name for path in files))


def loaded(path: Path) -> Report | Run:
    """Return what a file holds.

    Raises:
        Refusal: it cannot be read, or is no report.
    """
    from gradcheck._render.faces import load

    try:
        return load(path)
    except OSError as error:
        msg = f"{path}: {error.strerror or error}"
        raise Refusal(msg) from error
    except ValueError as error:
        raise Refusal(error) from error
