"""What does `gradcheck check` do? It checks what the user names, each case on its own."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from types import FunctionType
from typing import TYPE_CHECKING, Any

from gradcheck._cli.blame import show
from gradcheck._cli.cases import OBJECT, Request, Requests, cases
from gradcheck._cli.options import OFFERED, add_keywords, add_output, add_strict, add_verbose, keywords
from gradcheck._cli.outcome import Refusal, exit_code, stopped
from gradcheck._cli.output import form_of, write_found
from gradcheck._cli.target import TARGET, load

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from gradcheck import Check, Report

HELP = "check your own gradients"
ABOUT = f"""\
Check the gradients of one or more objects.

{OBJECT}"""
EXAMPLES = """\
examples:
  gradcheck check layers.py:softmax               an object in a file
  gradcheck check package.layers:cases --quiet    in a module; for scripts: only the exit code
  gradcheck check layers.py --format github       annotations on a pull request"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("targets", nargs="+", metavar="TARGET", help=TARGET)
    add_keywords(parser, *OFFERED)
    add_output(parser)
    add_verbose(parser)
    add_strict(parser)


def run(options: argparse.Namespace) -> int:
    """Check all, show what was found, and return the exit code; cut short, show what was found by then."""
    form_of(options)  # refuses before anything is checked
    made: list[Check] = []
    cut = None
    with redirect_stdout(sys.stderr):  # what the user's code prints is not part of the result
        loaded = [_loaded(target, alone=len(options.targets) == 1) for target in options.targets]
        alone = len(loaded) == 1 and not loaded[0].several
        try:
            for case in _with_progress(loaded, quiet=options.quiet):
                made.append(_check(case, options, alone=alone))  # noqa: PERF401  what is made stays, if cut short
        except KeyboardInterrupt as error:
            if not made:
                raise
            cut = error
    return _shown(options, made, alone=alone, cut=cut)


def _shown(options: argparse.Namespace, made: Sequence[Check], *, alone: bool, cut: KeyboardInterrupt | None) -> int:
    from gradcheck import Run

    found = Run(tuple(made), ", ".join(options.targets))
    code = exit_code(found, strict=options.strict) if cut is None else stopped(cut)
    with_place = not alone or options.format == "github"  # a report alone holds neither file nor line
    write_found(options, found if with_place else made[0].report, code)
    if cut is not None:
        print(f"gradcheck: interrupted after {len(made)} case{'s' * (len(made) > 1)}", file=sys.stderr)
    return code


def _loaded(target: str, *, alone: bool) -> Requests:
    """Return the cases of a target; of several targets one that cannot be loaded does not stop the others."""
    try:
        return cases(load(target))
    except Refusal as refusal:
        if alone:
            raise
        return Requests([Request(target, None, (), {}, refusal=str(refusal))], several=False, total=1)


def _with_progress(loaded: Sequence[Requests], *, quiet: bool) -> Iterator[Request]:
    """Yield the cases, with a bar on a terminal where there is more than one."""
    from tqdm.auto import tqdm

    totals = [found.total for found in loaded]
    total = sum(filter(None, totals)) if None not in totals else None
    with tqdm(total=total, unit="case", disable=quiet or total == 1 or None, leave=False) as bar:
        for found in loaded:
            for case in found.each:
                yield case
                bar.update()


def _check(case: Request, options: argparse.Namespace, *, alone: bool) -> Check:
    """Make a check; one of several that cannot be made counts as broken, and the others are made all the same."""
    from gradcheck import Check, Report, Verdict
    from gradcheck._results.report import Problem

    try:
        if case.refusal:
            raise Refusal(case.refusal)  # noqa: TRY301  caught with those of the check itself
        report = checked(case.model, case.args, case.keywords | keywords(options), quiet=options.quiet)
    except Refusal as refusal:
        if alone:
            raise
        said = str(refusal)
        print(f"gradcheck: {said if said.startswith(case.test) else f'{case.test}: {said}'}", file=sys.stderr)
        report = Report(_name(case), 0, {}, (Problem(Verdict.BROKEN, str(refusal)),))
    return Check(report, "" if alone else case.test, case.file, case.line)


def _name(case: Request) -> str:
    """Return the name of a case that was not checked, even if its model raises when asked for one."""
    if case.refusal:
        return case.test
    from gradcheck._results.names import plain_name

    return plain_name(case.model if isinstance(case.model, (type, FunctionType)) else type(case.model))


def checked(model: Any, args: Sequence[Any], words: dict[str, Any], *, quiet: bool) -> Report:  # noqa: ANN401
    """Return the report on a model, that of a function which raises too; what it raised is shown.

    Raises:
        Refusal: it cannot be checked as it is.
    """
    from gradcheck import GradientError, InputError, check_gradients

    try:
        return check_gradients(model, *args, **({"progress": False} if quiet else {}) | words)
    except GradientError as error:  # the user's function raised
        show(error.__cause__ or error)
        if error.report is None:
            raise Refusal(error) from error
        return error.report
    except (InputError, TypeError) as error:
        raise Refusal(error) from error
    except Exception as error:  # a user's object that raises when it is inspected
        show(error)
        msg = f"it cannot be checked: {type(error).__name__}: {error}"
        raise Refusal(msg) from error
