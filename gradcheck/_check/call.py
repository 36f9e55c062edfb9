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
from gradcheck._model.ending import MEASURING, ends
from gradcheck._model.in_use import alone
from gradcheck._model.oracle import Oracle
from gradcheck._options import Keywords, Options, signed
from gradcheck._options import options as read
from gradcheck._results.errors import CallError, InputError, SeveralError, UndecidedWarning
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
    """Compare a claimed gradient with the measured slopes of the function, entry by entry.

    `model`, called with the arguments that follow it, is one of:

    - a function that returns one number, with `grad=`
    - a function that returns arrays, with `vjp=`, `jvp=` or `jac=`
    - a function that returns (value, gradient), with `value_and_grad=True`
    - an object with a dict `params` and a method loss(*args) -> (loss, grads)
    - a layer with forward(x) and backward(dy), which keeps its parameters and their gradients in itself
    - a layer or network of `gradcheck.networks`, and its input
    - a `torch.nn.Module`, a `torch.autograd.Function`, or a function of tensors of PyTorch
    - a function of JAX, or a model of flax, equinox or haiku
    - an `Oracle`

    What is claimed:

    - `grad`: grad(*args) -> the gradient, of the shape of the first argument, or a tuple of gradients, one for each
      argument; None for an argument that is held fixed
    - `vjp`: the pullback, vjp(*args, cotangent) -> gradients; the cotangent has the shape of the output
    - `jvp`: the pushforward, jvp(*args, *tangents) -> tangents of the outputs; True checks the forward mode of a
      framework beside its backward
    - `value_and_grad`: True if the function itself returns (value, gradient)
    - `jac`: the Jacobian of an output of shape (m,) by an input of shape (n,): an array (m, n), a sparse matrix, a
      LinearOperator, or (rows, columns, values); or a function of the point that returns one. Wrong entries are named
      by output and input, those outside a sparsity pattern included
    - `hess`, `hessp`: the Hessian (n, n) of a function of one number, or hessp(*args, p) -> Hessian times p; compared
      with the gradient given as `grad`
    - `adjoint`: the adjoint of a linear operator; see `check_adjoint`
    - `forces`: minus the gradient of an energy
    - `batched`: True also checks the gradients of many cotangents at once, in a framework that has them

    How the gradient is to be understood:

    - `inner`: a matrix M, or a function that applies it, if the gradient represents the derivative in the inner product
      <u, v> = u' M v
    - `retract`: retract(x, v) -> a point, or a manifold of pymanopt, if the point lies on a manifold; the gradient is
      then the Riemannian one
    - `loss`: a loss on top of a layer or model
    - `order`: 2 checks the gradient of the gradient as well; default 1

    The arguments:

    - `args`: further arguments of the function, which are data, as SciPy takes them
    - `inputs`: a dict of the model's own keyword arguments; they may also stand among the keywords of the check, but a
      type checker then takes them for misspelt ones
    - `wrt`: patterns of names, such as "layers[2]*"; only such tensors are checked. Without it, a function of several
      arguments is checked by its first one if the gradient has the shape of that, and the others are held fixed
    - `names`: names for the entries of a flat vector: a list, or a dict from names to indices and slices
    - `detached`: patterns of the names of outputs that are meant to carry no gradient

    How much is checked:

    - `entries`: how many entries of each tensor. "auto" measures each entry of a tensor of up to ten thousand, and of
      any weight that shifts of pre-activations reach, and looks along random directions through larger ones; "all"; a
      number; or "directions": a few random directions through each tensor, and a search for what disagrees
    - `neighbours`: at how many further points, near the given one, the gradient is screened; default 2
    - `along`: look along one direction, in the shape of the point, or "random", with few evaluations, and report a
      Taylor test
    - `rtol`: the smallest relative error that matters; by default 1e-6, or as much as type and measured noise allow
    - `precision`: "double" measures float32 in float64 where the function takes it; "as-is" does not
    - `max_evaluations`: how often the function may be called in all; what is left undone is reported, and never CORRECT
    - `seed`: draws cotangents, directions and samples; default 0
    - `workers`: how many processes call the function, or "joblib", or any object with a method `map`; the report is the
      same, to the last bit
    - `progress`: whether to show a bar on stderr; by default if that is a terminal and the check takes two seconds

    Parameters, inputs and random generators are left as they were.

    Returns:
        A `Report`; `report.verdict` is its worst verdict.

    Raises:
        InputError: The call cannot be checked as written; the message says what to write instead.
        GradientError: The function or its gradient raises at the given point; its exception is the cause.
    """
    options = read(keywords)
    # A pool cannot be handed to its own workers.
    called = options if options.workers is None else replace(options, workers=None)
    try:
        with alone(model, given):
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
    except BaseException as error:
        if not any(note.startswith(MEASURING) for note in getattr(error, "__notes__", ())):  # or it was said there
            error.add_note(f"{MEASURING} {_name(model)}")
        raise


@signed
def check_adjoint(operator: Any, *given: Any, **keywords: Unpack[Keywords]) -> Report:  # noqa: ANN401
    """Check that the adjoint of a linear operator is its adjoint: <u, A v> = <A* u, v> to within rounding.

    `operator` is a LinearOperator of SciPy, an operator of PyLops, a matrix, a function, or a pair of functions
    (forward, adjoint). After it comes a vector that it takes; an operator that has a shape needs none. `adjoint` is a
    function or an operator, by default the operator's own. A wrong entry or block is located.

    Keywords, exceptions and the report are those of `check_gradients`.
    """
    keywords.setdefault("adjoint", True)
    return check_gradients(operator, *given, **keywords)


@signed
def assert_gradients(model: Any, *given: Any, **keywords: Unpack[Keywords]) -> Report:  # noqa: ANN401
    """Check as `check_gradients` does, and raise an exception if the gradient is not right.

    A tensor that is untested beside others that are not may pass. Single entries that could not be decided give an
    `UndecidedWarning`.

    Returns:
        The report. It is true, so `assert assert_gradients(...)` passes as well.

    Raises:
        WeightMismatch: The worst entry is wrong, and that of a weight or parameter.
        BiasMismatch: Likewise of a bias.
        InputMismatch: Likewise of an input.
        GradientError: Something is broken, a whole tensor is undecided, or nothing was tested. The other three are
            subclasses of it.
        InputError: The call cannot be checked as written; the message says what to write instead.
    """
    __tracebackhide__ = True
    return assured(check_gradients(model, *given, **keywords))


def assured(report: Report) -> Report:
    """Return a report that passes; raise or warn as `assert_gradients` does, on behalf of the caller's caller."""
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
        return question.after(_of_one_or_many(question.model, question.given, asked))
    from gradcheck._jacobian import adjoint, matrix
    from gradcheck._model.questions import Matrix

    if isinstance(question, Matrix):
        found = matrix.examined(question, int(options.seed), options.neighbours, left, options.rtol)
        found = replace(found, notes=(*found.notes, *_unused(options, question.name)))
    else:
        found = adjoint.examined(question, int(options.seed), options.rtol)
    return replace(found, environment=environment({}))


def _unused(options: Options, name: str) -> tuple[str, ...]:
    """Return what was asked for and does not apply to a matrix, which is measured by columns."""
    asked = {"entries=": options.entries != "auto", "workers=": options.workers is not None}
    words = [word for word, is_asked in asked.items() if is_asked]
    if not words:
        return ()
    verb = "does" if len(words) == 1 else "do"
    return (f"{name}: {' and '.join(words)} {verb} not apply: every entry is measured, by columns, in this process",)


def _of_one_or_many(model: Any, given: tuple[Any, ...], options: Options) -> Report:  # noqa: ANN401
    """Check the gradient of one number; or the derivative of each output, if that depends on its own entry alone."""
    try:
        return _of_all_orders(model, given, options)
    except SeveralError as error:
        from gradcheck._adapters import elementwise

        pullback = elementwise.pullback(model, given, options)
        if pullback is None:
            raise InputError(str(error)) from None
        report = _of_all_orders(model, given, replace(options, grad=None, vjp=pullback))
        return replace(report, notes=(elementwise.NOTE, *report.notes))


def _of_all_orders(model: Any, given: tuple[Any, ...], options: Options) -> Report:  # noqa: ANN401
    from gradcheck._adapters.choose import choose

    called = options if options.workers is None else replace(options, workers=None)
    if options.along is not None:
        return _along(choose(model, given, called), options)
    reports: list[Report] = []
    for number in range(1, options.order + 1):
        make = partial(choose, model, given, _of_order(called, number))
        crew = _ready(options.workers, make)
        bounded = replace(options, max_evaluations=left) if (left := _left(options, reports)) else options
        reports.append(examined(make(), _of_order(bounded, number), crew))
    return reports[0] if options.order == 1 else joined(*reports)


def _along(oracle: Oracle, options: Options) -> Report:
    """Look along one direction; what seems wrong there is checked as a function of one number."""
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
