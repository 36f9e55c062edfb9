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
    from gradcheck.fuzz import Fuzz

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

    explain = commands.add_parser("explain", help="what backpropagation says: who pulls on which weight, and why")
    explain.set_defaults(run=_explain)
    explain.add_argument("--digit", type=int, default=2, metavar="K", help="from 0 to 9; default: %(default)s")
    explain.add_argument("--seed", type=int, default=0, metavar="N", help="of the network; default: %(default)s")
    explain.add_argument("--output", type=Path, default=Path("reports"), metavar="DIR", help="default: %(default)s")

    check = commands.add_parser("check", help="check a model of yours", description=TARGET)
    check.set_defaults(run=_check)
    check.add_argument("target", metavar="package.module:object")
    check.add_argument("--seed", type=int, metavar="N", help="of cotangents and samples")
    check.add_argument("--format", choices=("text", "markdown", "json", "csv", "html"))
    check.add_argument("--output", type=Path, metavar="FILE", help="the suffix chooses the form if --format does not")
    _add_fuzz(commands)
    return parser


def _add_fuzz(commands: Any) -> None:  # noqa: ANN401  argparse keeps its type to itself
    fuzz = commands.add_parser(
        "fuzz",
        help="check random networks, right ones or faulty ones",
        description="Check random networks of the reference library: not one right gradient may be accused.",
    )
    fuzz.set_defaults(run=_fuzz)
    fuzz.add_argument("--examples", type=_positive, default=100, metavar="N", help="default: %(default)s")
    fuzz.add_argument("--seed", type=int, default=0, metavar="N", help="default: %(default)s")
    fuzz.add_argument("--faulty", action="store_true", help="plant a mistake in each: it must be found")
    fuzz.add_argument("--layers", action="store_true", help="single layers, not whole networks")
    fuzz.add_argument(
        "--entries", type=_entries, default="auto", metavar="N", help="of each tensor: auto, all or a number"
    )
    fuzz.add_argument("--quiet", action="store_true", help="no progress bar")
    cases = Path(".gradcheck") / "cases"
    fuzz.add_argument(
        "--output", type=Path, default=cases, metavar="DIR", help="for failing cases; default: %(default)s"
    )

    replay = commands.add_parser("replay", help="check a case again that failed in gradcheck fuzz")
    replay.set_defaults(run=_replay)
    replay.add_argument("case", type=Path, metavar="CASE", help="the file that gradcheck fuzz wrote")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _entries(text: str) -> str | int:
    return text if text in {"auto", "all"} else _positive(text)


def _demo(options: argparse.Namespace) -> int:
    from gradcheck.demo import demo

    try:
        return WRONG if demo(options.output, options.fault) else FINE
    except BrokenPipeError:  # for main
        raise
    except (ValueError, OSError) as error:
        raise Refusal(error) from error


def _explain(options: argparse.Namespace) -> int:
    from gradcheck.explain import explain

    try:
        for line in explain(options.output, options.digit, options.seed):
            print(line)
    except BrokenPipeError:  # for main
        raise
    except (ValueError, OSError) as error:
        raise Refusal(error) from error
    return FINE


def _check(options: argparse.Namespace) -> int:
    model, args, keywords = _arguments(_load(options.target), options.target)
    if options.seed is not None:
        keywords["seed"] = options.seed
    report = _checked(model, args, keywords)
    _write(report, options.format, options.output)
    return exit_code(report)


def _checked(model: Any, args: Sequence[Any], keywords: dict[str, Any]) -> Report:  # noqa: ANN401
    """Return what a check found; show what the user's function raised."""
    from gradcheck import GradientError, InputError, check_gradients

    try:
        return check_gradients(model, *args, **keywords)
    except GradientError as error:  # the user's function raised
        _show(error.__cause__ or error)
        if error.report is None:
            raise Refusal(error) from error
        return error.report
    except (InputError, TypeError) as error:
        raise Refusal(error) from error


def _fuzz(options: argparse.Namespace) -> int:
    from gradcheck.fuzz import Fuzz, table
    from gradcheck.replay import command, write

    keywords = {} if options.entries == "auto" else {"entries": options.entries}
    fuzz = Fuzz(options.examples, options.seed, options.faulty, options.layers, keywords)
    interrupted = False
    try:
        fuzz.run(quiet=options.quiet)
    except KeyboardInterrupt:
        print(f"gradcheck: interrupted after {len(fuzz.rows)} of {fuzz.examples} networks", file=sys.stderr)
        interrupted = True
    print(table(fuzz))
    for failure in fuzz.failures:
        try:
            path = write(failure.example, keywords, failure.failure, options.output)
        except OSError as error:
            raise Refusal(error) from error
        print(f"\n{failure.failure}  {failure.sentence}\n  {command(failure.example, keywords)}")
        print(f"  gradcheck replay {path}")
    return INTERRUPTED if interrupted else _outcome(fuzz)


def _outcome(fuzz: Fuzz) -> int:
    failures = {failure.failure for failure in fuzz.failures}
    if failures & {"WRONG", "MISSED"}:
        return WRONG
    return FAILED if failures else FINE


def _replay(options: argparse.Namespace) -> int:
    from gradcheck.render import render
    from gradcheck.replay import command, read

    try:
        case, keywords = read(options.case)
    except (OSError, ValueError) as error:
        raise Refusal(error) from error
    try:
        model, *inputs = case
    except Exception as error:
        _show(error)
        msg = "the case cannot be built"
        raise Refusal(msg) from error
    report = _checked(model, inputs, keywords)
    print(render(report, "text"), end="")
    print(f"\nfrom gradcheck import check_gradients\nfrom gradcheck.strategies import Case\n{command(case, keywords)}")
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
