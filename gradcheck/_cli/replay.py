"""What does `gradcheck replay` do? It runs again what failed, in a fuzz or in a test."""

from __future__ import annotations

import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from gradcheck._cli.check import checked
from gradcheck._cli.options import add_keywords, add_output, add_strict, add_verbose, keywords
from gradcheck._cli.outcome import FAILED, FINE, NOTHING, WRONG, Refusal, exit_code, refusing
from gradcheck._cli.output import form_of, write_found
from gradcheck._cli.report import loaded

if TYPE_CHECKING:
    import argparse

    from gradcheck import Report
    from gradcheck.replay import Recalled

HELP = "run a failing case again"
ABOUT = """\
Run a failing case again: a file that a failing test or `gradcheck fuzz` saved in .gradcheck/cases.
If the file does not hold all that is needed, the test that saved it is run."""
EXAMPLES = """\
examples:
  gradcheck replay .gradcheck/cases/63cc66b
  gradcheck replay .gradcheck/cases/63cc66b --entries all --output case.html"""

OF_PYTEST = ("seed", "entries", "workers")  # keywords that are options of the plugin too
CODES = {0: FINE, 1: WRONG, 5: NOTHING}  # of pytest -> ours


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("case", type=Path, metavar="CASE", help="the file, or the beginning of its name")
    add_keywords(parser, *OF_PYTEST)
    add_output(parser)
    add_verbose(parser)
    add_strict(parser)


def run(options: argparse.Namespace) -> int:
    """Try it again."""
    from gradcheck.replay import recall

    form_of(options)
    with refusing():
        recalled = recall(options.case)
    words = recalled.keywords | keywords(options)
    if recalled.model is None:
        return _tested(recalled, words, options)
    with redirect_stdout(sys.stderr):
        report = _report(recalled, words, quiet=options.quiet)
    code = exit_code(report, strict=options.strict)
    write_found(options, report, code)
    if options.format is None and options.output is None and not options.quiet:
        print(f"\n{recalled.source}")
    return code


def _report(recalled: Recalled, words: dict[str, Any], *, quiet: bool) -> Report:
    try:
        model, *inputs = recalled.model() if recalled.model else ()
    except Exception as error:  # the file describes a network that cannot be built
        msg = f"the case cannot be built: {type(error).__name__}: {error}"
        raise Refusal(msg) from error
    return checked(model, inputs, words, quiet=quiet)


def _tested(recalled: Recalled, words: dict[str, Any], options: argparse.Namespace) -> int:
    """Run the test that failed; what pytest prints is the result, unless another form was asked for."""
    said = [f"--gradcheck-{name}={words[name]}" for name in OF_PYTEST if name in words]
    from gradcheck._render.escape import visible

    print(f"gradcheck: {visible(recalled.source)}", file=sys.stderr)
    ours = options.format is not None or options.output is not None
    with TemporaryDirectory() as folder:
        file = Path(folder) / "run.json"
        said += ["--gradcheck-report=term", f"--gradcheck-report=json:{file}"]
        command = [sys.executable, "-m", "pytest", recalled.test, *said]
        done = subprocess.run(command, cwd=recalled.folder, check=False, text=True, stdout=subprocess.PIPE)  # noqa: S603  the user's own test
        found = loaded(file) if file.exists() else None
        # The plugin says that it wrote a file, of which only we know.
        printed = "".join(line for line in done.stdout.splitlines(keepends=True) if file.parent.name not in line)
    code = CODES.get(done.returncode, FAILED)
    if found is not None and code == WRONG:
        code = exit_code(found, strict=options.strict) or WRONG  # the test may fail for another reason
    if not ours and not (options.quiet and code == FINE):
        print(printed, end="")
    elif ours and found is not None:
        write_found(options, found, code)
    return code
