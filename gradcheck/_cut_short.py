"""What is said of a check that was cut short? What was measured by then, and what was being measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from gradcheck._model.ending import MEASURING, ends
from gradcheck._model.subject import Subject
from gradcheck._results.errors import CallError, InputError
from gradcheck._results.names import without_locals
from gradcheck._results.report import Problem, Report
from gradcheck._results.verdict import Verdict


@contextmanager
def telling(subject: Subject, seed: int, environment: Mapping[str, str]) -> Iterator[None]:
    """Add to whatever ends a check what was found by then: a report, or a note to an interrupt.

    Raises CallError, as elsewhere, for an exception that says that time, memory or a device is gone.
    """
    try:
        yield
    except CallError as error:
        error.report = report(subject, error, seed, environment)
        raise
    except InputError:
        raise
    except Exception as error:
        if not ends(error):
            raise
        raised = raised_for(error)
        raised.report = report(subject, raised, seed, environment)
        raise raised from error
    except BaseException as error:
        number = subject.tally.evaluations
        error.add_note(f"{MEASURING} {_where(subject, error)}, after {number} evaluations")
        raise


def raised_for(error: Exception) -> CallError:
    """Return what is raised in the place of an exception of the user's code."""
    return CallError(without_locals(f"the function raised {type(error).__name__}: {error}").removesuffix(": "))


def report(subject: Subject, error: CallError, seed: int, environment: Mapping[str, str]) -> Report:
    """Return the report on a check that broke off: broken, with the tensors that were measured before."""
    tally = subject.tally
    order = sorted(tally.found.values(), key=lambda tensor: -tensor.verdict)
    return Report(
        name=subject.oracle.name,
        seed=seed,
        tensors={tensor.name: tensor for tensor in order},
        problems=(Problem(Verdict.BROKEN, str(error)),),
        notes=(*subject.oracle.notes, *subject.notes, *tally.said, *_left(subject, error)),
        evaluations=tally.evaluations,
        gradients=tally.gradients,
        spent=tally.phases,
        environment=environment,
    )


def _left(subject: Subject, error: CallError) -> Iterator[str]:
    """Say where the check ended, and what was left, once anything was measured."""
    tally = subject.tally
    if not tally.at and not tally.found:
        return
    yield f"the check ended there, while measuring {_where(subject, error)}, after {tally.evaluations} evaluations"
    left = [subject.leaves[path].name for path in subject.chosen if path not in tally.found]
    if left:
        yield f"not measured: {', '.join(left)}"


def _where(subject: Subject, error: BaseException) -> str:
    """Return what was being measured: a tensor, and in what way."""
    tally = subject.tally
    of = f"{tally.at} of {subject.oracle.name}" if tally.at else subject.oracle.name
    return f"{of} ({tally.cut[1] if tally.cut[0] in _identities(error) else tally.phase})"


def _identities(error: BaseException) -> set[int]:
    """Return the identities of an exception and of that which it was raised from."""
    return {id(error), id(error.__cause__)}
