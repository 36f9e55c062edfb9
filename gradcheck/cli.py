"""What does the command `gradcheck` do? Results to stdout, all else to stderr, one exit code.

0: no wrong gradient; 1: a wrong one; 2: could not check; 5: nothing was checked; 130: interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from types import TracebackType

    from gradcheck import Report

FINE, WRONG, FAILED, NOTHING, INTERRUPTED = 0, 1, 2, 5, 130

TARGET = """\
package.module:object, where object is (model, *args), or (model, *args, {keyword: value}), or a
function without arguments that returns one; what may stand there is what check_gradients takes"""


class Refusal(Exception):
    """The command cannot be carried out: one sentence for stderr."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks ± still shows the number
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except Refusal as refusal:
        print(f"gradcheck: {refusal}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("gradcheck: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code


def _parser() -> argparse.ArgumentParser:
    from gradcheck import __version__

    parser = argparse.ArgumentParser(
        prog="gradcheck",
        description="Is the derivative that somebody wrote by hand the derivative of the function?",
        epilog="exit codes: 0 no wrong gradient, 1 a wrong one, 2 could not check, 5 nothing was checked",
    )
    parser.add_argument("--version", action="version", version=f"gradcheck {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser(
        "demo",
        help="train on handwritten digits, check every weight and bias, find a planted mistake",
    )
    demo.set_defaults(run=_demo)
    demo.add_argument("--fault", metavar="NAME", help="leave a mistake in, and exit 1")
    demo.add_argument("--output", type=Path, default=Path("reports"), metavar="DIR", help="default: %(default)s")

    check = commands.add_parser("check", help="check a model of yours", description=TARGET)
    check.set_defaults(run=_check)
    check.add_argument("target", metavar="package.module:object")
    check.add_argument("--seed", type=int, metavar="N", help="of cotangents and samples")
    check.add_argument("--format", choices=("text", "markdown", "json", "csv", "html"))
    check.add_argument("--output", type=Path, metavar="FILE", help="the suffix chooses the form if --format does not")
    return parser


def _demo(options: argparse.Namespace) -> int:
    from gradcheck.demo import demo

    try:
        return WRONG if demo(options.output, options.fault) else FINE
    except (ValueError, OSError) as error:
        raise Refusal(error) from error


def _check(options: argparse.Namespace) -> int:
    from gradcheck import GradientError, InputError, check_gradients

    model, args, keywords = _arguments(_load(options.target), options.target)
    if options.seed is not None:
        keywords["seed"] = options.seed
    try:
        report = check_gradients(model, *args, **keywords)
    except GradientError as error:  # the user's function raised
        _show(error.__cause__ or error)
        if error.report is None:
            raise Refusal(error) from error
        report = error.report
    except (InputError, TypeError) as error:
        raise Refusal(error) from error
    _write(report, options.format, options.output)
    return exit_code(report)


def exit_code(report: Report) -> int:
    """Return the exit code that a report amounts to."""
    from gradcheck import Verdict
    from gradcheck._check import failure_of

    if report.verdict is Verdict.WRONG:
        return WRONG
    if not report.problems and set(report.counts) <= {Verdict.UNTESTED}:
        return NOTHING
    return FINE if failure_of(report) is None else FAILED


def _load(target: str) -> Any:  # noqa: ANN401  whatever the user wrote
    """Return the object that a target names, made by calling it if it can be called."""
    module, colon, path = target.partition(":")
    if not (module and colon and path):
        msg = f"{target!r} is not of the form {TARGET}"
        raise Refusal(msg)
    sys.path.insert(0, str(Path.cwd()))  # as `python -m` does
    try:
        found: Any = importlib.import_module(module)
        for name in path.split("."):
            found = getattr(found, name)
        return found() if _is_recipe(found) else found
    except Exception as error:
        _show(error)
        msg = f"could not load {target}"
        raise Refusal(msg) from error


def _is_recipe(found: object) -> bool:
    """Return whether this is a function, a lambda, a partial ... that wants no arguments."""
    if not callable(found) or isinstance(found, type):
        return False
    try:
        inspect.signature(found).bind()
    except (TypeError, ValueError):
        return False
    return True


def _arguments(found: Any, target: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:  # noqa: ANN401
    """Split what a target gave into model, arguments and keywords of `check_gradients`."""
    from gradcheck import check_gradients

    known = set(inspect.signature(check_gradients).parameters) - {"model", "args"}
    if isinstance(found, dict):
        keywords = dict(found)
        model, args = keywords.pop("model", None), keywords.pop("args", ())
        if model is None or not isinstance(args, (tuple, list)):
            msg = f"{target}: a dict needs the keys 'model' and, if there are any, 'args', a tuple"
            raise Refusal(msg)
        return model, tuple(args), keywords
    model, *args = found if isinstance(found, (tuple, list)) and found else (found,)
    if args and _are_keywords(args[-1], known):
        return model, tuple(args[:-1]), dict(args[-1])
    return model, tuple(args), {}


def _are_keywords(last: object, known: Container[str]) -> bool:
    """Return whether a dict holds keywords rather than data; a misspelt one is for Python to refuse."""
    return isinstance(last, dict) and any(k in known or callable(v) for k, v in last.items())


def _write(report: Report, form: str | None, path: Path | None) -> None:
    from gradcheck.render import render, save

    if path is None:
        print(render(report, form or "text"), end="")
        return
    try:
        if form is None:
            save(report, path)
        else:
            path.write_text(render(report, form), encoding="utf-8", newline="\n")
    except (ValueError, OSError) as error:
        raise Refusal(error) from error
    print(f"{report.verdict}  {report.name}: written to {path}")


def _show(error: BaseException) -> None:
    """Print an exception as the user's own: without the frames that led from us to it."""
    traceback.print_exception(error.with_traceback(_theirs(error.__traceback__)))


def _theirs(frames: TracebackType | None) -> TracebackType | None:
    """Return the frames from the first that is neither ours nor the import system's."""
    while frames is not None:
        file = frames.tb_frame.f_code.co_filename
        ours = Path(file).parent == Path(__file__).parent
        if not (ours or file == importlib.__file__ or file.startswith("<frozen importlib")):
            return frames
        frames = frames.tb_next
    return None
