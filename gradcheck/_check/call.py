"""What does a call ask? One question after the other, each answered by a report."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from gradcheck._check.recipe import environment, examined
from gradcheck._check.together import joined, together
from gradcheck._cut_short import raised_for
from gradcheck._judge.failure import failure_of
from gradcheck._model.ending import ends
from gradcheck._model.in_use import alone
from gradcheck._model.oracle import Oracle
from gradcheck._options import Keywords, Options, signed
from gradcheck._options import options as read
from gradcheck._results.errors import CallError, UndecidedWarning
from gradcheck._results.names import plain_name
from gradcheck._results.report import Assured, Problem, Report
from gradcheck._results.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck._adapters.questions import Question
    from gradcheck._workers.hire import Workers


@signed
def check_gradients(
    model: Any,  # noqa: ANN401  whatever holds a derivative
    *given: Any,  # noqa: ANN401  its arguments
    **keywords: Unpack[Keywords],
) -> Report:
    """Compare a claimed gradient with the slope of the function itself, entry by entry.

    `model` with its `args` is one of: a function with `grad=` (of one number), `vjp=` (pullback(*args, cotangent))
    or `value_and_grad=True` or `jvp=` (pushforward(*args, *tangents)); an object with a dict `params` and
    loss(*args) -> (loss, grads); a reference layer or network and its input; a `torch.nn.Module`, a
    `torch.autograd.Function` or a function of tensors; a function of JAX, or a model of flax or equinox; an `Oracle`.
    With a `loss=` on top of a layer or model, if wanted. `inputs`: a dict of the model's own keyword arguments; they
    may stand among the others too, save for type checkers, to which whatever is not listed above is misspelt.

    `jac`: the Jacobian of a function of many outputs, dense, sparse, a LinearOperator or (rows, columns, values): every
    entry is named by output and input, and so is what is not zero outside of a sparsity pattern. `hess`, `hessp`: the
    Hessian of a function of one number, or its product with a vector, hessp(*args, p), held against `grad`. `adjoint`:
    that of a linear operator. `forces`: minus the gradient. `inner`: a matrix M, or a function that applies it, where
    the gradient represents the derivative in that inner product. `retract`: retract(x, v), or a manifold of pymanopt:
    the point moves on it alone, and the gradient is its Riemannian one. `along`: look along one direction, in the shape
    of the point, with few evaluations, and tell the remainders of a Taylor test. `names`: of the entries of one flat
    vector, a list, or a dict from names to indices and slices.

    Of a function that takes data beside what its gradient is for, the first argument counts if the gradient has its
    shape, else those that `wrt` names; all others are held fixed. `args`: such data, as SciPy takes them.

    `wrt`: patterns of the names to check. `entries`: how many entries of each tensor, "auto" (all of a
    weight that shifts of pre-activations measure, and of any tensor up to ten thousand; beyond that random directions,
    a search for what disagrees, and a sample), "all", a number, or "directions": a few random directions through each
    tensor, whatever its size, and a search for what disagrees. `neighbours`: at how many
    further points, near the given one, the whole gradient is screened. `order`: 2 checks the gradient of the gradient
    as well. `jvp=True` and `batched=True`: whether a framework's forward mode, and its gradients of many cotangents at
    once, agree. `detached`: patterns of the names of outputs that are meant to carry no gradient.
    `rtol`: the smallest relative error that matters (default: what the dtype and the measured noise allow, at best
    1e-6). `max_evaluations`: how many calls of the function the whole check may make, the diagnosis included: what is
    left undone for want of them is said, and open. `precision`: "double" measures float32 arrays in float64, "as-is"
    as they are. `seed` draws cotangents, directions and samples. `workers`: how many processes evaluate the function,
    or "joblib", or any object with a method `map`; the report is the same, and workers of pytest-xdist do without.
    `progress`: a bar on stderr, and the time left, once it takes two seconds (default: if that is a terminal).

    Returns a `Report`; `report.verdict` is the worst verdict of all. Raises InputError for a call that cannot be
    checked as written, and GradientError, with the user's own exception as its cause, if the function or its
    gradient raises at the given point. Parameters, inputs and random generators are left as they were.
    """
    options = read(keywords)
    # A pool cannot be handed to its own workers.
    called = options if options.workers is None else replace(options, workers=None)
    try:
        with alone(model):
            from gradcheck._adapters.questions import questions

            reports: list[Report] = []
            for question in questions(model, given, called):
                reports.append(_answered(question, options, _left(options, reports)))
            return reports[0] if len(reports) == 1 else together(reports)
    except CallError as error:
        if error.report is None:  # it was raised before anything was opened
            error.report = _broken_report(str(error), _name(model), options.seed)
        raise error.with_traceback(None) from error.__cause__  # the user's frames, and not ours
    except Exception as error:  # while the model was looked at
        if not ends(error):
            raise
        raised = raised_for(error)
        raised.report = _broken_report(str(raised), _name(model), options.seed)
        raise raised from error


@signed
def check_adjoint(operator: Any, *given: Any, **keywords: Unpack[Keywords]) -> Report:  # noqa: ANN401
    """Hold an operator's adjoint against the operator: <u, A v> = <A* u, v>, as far as rounding lets see.

    `operator` is a LinearOperator of SciPy, an operator of PyLops, a matrix, a function, or a pair of functions
    (forward, adjoint), and `given` a vector that it takes; an operator that has a shape needs none. `adjoint`: a
    function, or an operator, by default the operator's own. The entry or block that is wrong is located.
    Keywords and the report are those of `check_gradients`.
    """
    keywords.setdefault("adjoint", True)
    return check_gradients(operator, *given, **keywords)


@signed
def assert_gradients(model: Any, *given: Any, **keywords: Unpack[Keywords]) -> Report:  # noqa: ANN401
    """Check as `check_gradients` does, and raise if anything is wrong, broken or in a whole tensor undecided.

    Raises WeightMismatch, BiasMismatch or InputMismatch for a wrong entry, and GradientError where something is
    broken, where a whole tensor could not be decided, or where nothing was tested at all; a tensor that is untested
    beside others that are not may pass. Warns (UndecidedWarning) about single entries that could not be decided.
    Returns the report, which is true, so that `assert assert_gradients(...)` passes as well.
    """
    __tracebackhide__ = True
    return assured(check_gradients(model, *given, **keywords))


def assured(report: Report) -> Report:
    """Return a report that may pass; raise or warn as `assert_gradients` does, for the caller of who calls this."""
    __tracebackhide__ = True
    error = failure_of(report)
    if error is not None:
        from gradcheck._render.failure import failure_message

        raise error(failure_message(report), report)
    undecided = report.counts[Verdict.UNDECIDED]
    if undecided:
        msg = f"{undecided} of {report.checked} entries of {report.name} could not be decided; print the report"
        warnings.warn(msg, UndecidedWarning, stacklevel=3)
    return Assured.of(report)


def _answered(question: Question, options: Options, left: int | None) -> Report:
    """Return the report on one of the questions that a call asks."""
    from gradcheck._adapters.questions import Call

    if isinstance(question, Call):
        asked = question.options
        if options.workers is not None or left is not None:
            asked = replace(asked, workers=options.workers, max_evaluations=left)
        return question.after(_of_all_orders(question.model, question.given, asked))
    from gradcheck._jacobian import adjoint, matrix
    from gradcheck._model.questions import Matrix

    if isinstance(question, Matrix):
        found = matrix.examined(question, int(options.seed), options.neighbours, left, options.rtol)
    else:
        found = adjoint.examined(question, int(options.seed), options.rtol)
    return replace(found, environment=environment({}))


def _of_all_orders(model: Any, given: tuple[Any, ...], options: Options) -> Report:  # noqa: ANN401
    from gradcheck._adapters.choose import choose

    called = options if options.workers is None else replace(options, workers=None)
    if options.along is not None:
        return _along(choose(model, given, replace(called, along=None)), options)
    reports: list[Report] = []
    for number in range(1, options.order + 1):
        make = partial(choose, model, given, _of_order(called, number))
        crew = _ready(options.workers, make)
        bounded = replace(options, max_evaluations=left) if (left := _left(options, reports)) else options
        reports.append(examined(make(), _of_order(bounded, number), crew))
    return reports[0] if options.order == 1 else joined(*reports)


def _along(oracle: Oracle, options: Options) -> Report:
    """Look along one direction; what seems wrong there is checked as any function of one number is."""
    from gradcheck import _taylor

    alone = Options(seed=options.seed, neighbours=0, rtol=options.rtol, progress=False)
    found = _taylor.examined(
        oracle,
        options.along,
        options.precision,
        int(options.seed),
        options.max_evaluations,
        options.rtol,
        partial(examined, options=alone),
    )
    return replace(found, environment=environment(oracle.versions))


def _left(options: Options, reports: Sequence[Report]) -> int | None:
    """Return how many evaluations may still be made: at least one, so that what cannot be done is said."""
    most = options.max_evaluations
    return None if most is None else max(1, most - sum(report.evaluations for report in reports))


def _of_order(options: Options, number: int) -> Options:
    return options if options.order == number else replace(options, order=number)


def _ready(said: Any, make: Callable[[], Oracle]) -> Workers | None:  # noqa: ANN401
    """Make a call ready for its workers, if any are wanted."""
    if said is None:
        return None
    from gradcheck._workers.hire import ready

    return ready(said, make)


def _name(model: object) -> str:
    return plain_name(model)


def _broken_report(sentence: str, name: str, seed: int) -> Report:
    return Report(name=name, seed=seed, tensors={}, problems=(Problem(Verdict.BROKEN, sentence),))
