"""How is a component of OpenMDAO checked? Each partial is the Jacobian of an output by an input.

A component is put into a problem of its own; a problem that is set up is taken as it is. Nothing of OpenMDAO is
imported that the user has not.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._adapters import partials
from gradcheck._adapters.claims import refuse_unread
from gradcheck._adapters.recognise import quoted
from gradcheck._model.oracle import calling
from gradcheck._model.point import matching
from gradcheck._model.questions import Entries, Matrix
from gradcheck._options import Options
from gradcheck._results.errors import InputError

Floats = NDArray[np.float64]
HOME = "openmdao.api"
RUN = "a run of the component"
INDEPENDENT = "IndepVarComp"  # the class of components that hold what is set from outside
OWN = "component"  # what a component is called in a problem of its own
RUNS = ("NonlinearRunOnce", "NoneType")  # solvers of a group that solve nothing


def is_component(model: Any) -> bool:  # noqa: ANN401
    """Return whether a thing declares partials, or is a problem of such things."""
    of = type(model)  # asked of the type: an object that answers to any name is not one
    declares = callable(getattr(of, "declare_partials", None)) and callable(getattr(of, "add_output", None))
    return (
        declares
        or _is_group(model)
        or all(callable(getattr(of, name, None)) for name in ("compute_totals", "run_model", "setup"))
    )


def _is_group(model: Any) -> bool:  # noqa: ANN401
    """Return whether a thing holds components, and is not in a problem yet."""
    return all(callable(getattr(type(model), name, None)) for name in ("add_subsystem", "list_inputs", "setup"))


def matrices(model: Any, given: tuple[Any, ...], options: Options) -> list[Matrix]:  # noqa: ANN401
    """Return the derivative of each output by each input: dy/dx."""
    title = quoted(type(model))
    refuse_unread(options, f"{title} brings its own partials, which are what is checked")
    named = _named(title, given)
    problem = _problem(model)
    inputs, outputs = _names(problem, "list_inputs"), _names(problem, "list_outputs")
    inputs = [name for name in inputs if _is_free(problem, name)]
    if partials.are_residuals(model):
        inputs = [*inputs, *outputs]  # residuals are functions of both
    unknown = [name for name in named if name not in inputs]
    if unknown:
        msg = f"{unknown[0]} is not an input of {title}; there are {', '.join(inputs)}"
        raise InputError(msg)
    discrete = [name for name in inputs if not _is_continuous(problem[name])]
    for name in [name for name in discrete if name in named]:
        problem[name] = named[name]
    inputs, outputs = ([n for n in names if _is_continuous(problem[n])] for names in (inputs, outputs))
    wrt = inputs if options.wrt is None else matching(options.wrt, inputs, "wrt")
    values = {name: _like(name, named.get(name), np.array(problem[name], dtype=float)) for name in inputs}
    if partials.are_alone(model):
        found = [*partials.matrices(problem, model, values, (outputs, wrt), title)]
    else:
        run = _Run(problem, values, outputs, wrt)
        found = [_matrix(run, of, by, title) for by in wrt for of in outputs]
    note = (f"held fixed, as discrete: {', '.join(discrete)}",) if discrete else ()
    return _written(found, model, note)


def _is_free(problem: Any, name: str) -> bool:  # noqa: ANN401
    """Return whether an input is set from outside: what another component computes is written over at each run."""
    source = getattr(problem.model, "get_source", None)
    if source is None:
        return True
    home = problem.model._get_subsystem(source(name).rpartition(".")[0])  # noqa: SLF001  there is no other way
    return any(of.__name__ == INDEPENDENT for of in type(home).__mro__)


def _is_continuous(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, np.ndarray) and value.dtype.kind in "fc"


def _written(found: list[Matrix], model: Any, notes: tuple[str, ...]) -> list[Matrix]:  # noqa: ANN401
    """Return the derivatives that the component computes itself; those that OpenMDAO does are a note."""
    methods = {m.name: partials.differences(model, m.labels) for m in found}
    left = [name for name, method in methods.items() if method]
    kept = [matrix for matrix in found if not methods[matrix.name]]
    if left:
        notes = (*notes, f"{', '.join(left)}: declared with a method of differences, so not checked")
    if left and not kept:
        name = quoted(type(model))
        msg = f"the partials of {name} are declared with method={methods[left[0]]!r}, a difference: nothing to check"
        raise InputError(msg)
    return [replace(matrix, notes=matrix.notes + notes * (k == 0)) for k, matrix in enumerate(kept)]


class _Run:
    """Runs a problem with another input, and remembers the last values and totals."""

    def __init__(
        self, problem: Any, values: Mapping[str, Floats], outputs: Sequence[str], wrt: Sequence[str]  # noqa: ANN401
    ) -> None:  # fmt: skip
        self.problem, self.values, self.outputs, self.wrt = problem, values, outputs, wrt
        self._seen: dict[tuple[str, bytes], dict[str, Floats]] = {}
        self._totals: dict[tuple[str, bytes], dict[tuple[str, str], Floats]] = {}

    def at(self, by: str, x: Floats) -> dict[str, Floats]:
        """Return the outputs where one input is another."""
        key = (by, x.tobytes())
        if key not in self._seen:
            self._set(by, x)
            self._seen[key] = {of: np.array(self.problem[of], dtype=float).ravel() for of in self.outputs}
        return self._seen[key]

    def totals(self, by: str, x: Floats) -> dict[tuple[str, str], Floats]:
        """Return what is claimed there."""
        key = (by, x.tobytes())
        if key not in self._totals:
            self._set(by, x)
            self._totals[key] = self.problem.compute_totals(of=[*self.outputs], wrt=[*self.wrt])
        return self._totals[key]

    def _set(self, by: str, x: Floats) -> None:
        for name, value in self.values.items():
            self.problem[name] = x.reshape(np.shape(value)) if name == by else value
        self.problem.run_model()


def _matrix(run: _Run, of: str, by: str, title: str) -> Matrix:
    here = run.values[by]
    outputs, inputs = np.shape(run.problem[of]), np.shape(here)
    size = (int(np.prod(outputs)), int(np.prod(inputs)))

    def claim(x: Floats) -> Entries:
        return Entries.full(np.asarray(run.totals(by, x)[of, by], dtype=np.float64).reshape(size))

    def f(x: Floats) -> Floats:
        return run.at(by, x)[of]

    return Matrix(f"d{of}/d{by}", title, f, claim, here.ravel(), outputs, inputs, (of, by))


def _named(title: str, given: tuple[Any, ...]) -> dict[str, Any]:
    if not given:
        return {}
    if len(given) > 1 or not isinstance(given[0], Mapping):
        msg = f"inputs go by name; write check_gradients({title}(), {{'x': x}})"
        raise InputError(msg)
    return {str(name): value for name, value in given[0].items()}


def _like(name: str, given: Any, declared: Floats) -> Floats:  # noqa: ANN401
    if given is None:
        return declared
    try:
        value = np.array(given, dtype=float)
    except (TypeError, ValueError):
        msg = f"{name} is {given!r}; give it as floats of shape {declared.shape}"
        raise InputError(msg) from None
    try:
        return np.broadcast_to(value, declared.shape).copy()
    except ValueError:
        msg = f"{name} has shape {value.shape}, and is declared with {declared.shape}; give it that shape"
        raise InputError(msg) from None


def _problem(model: Any) -> Any:  # noqa: ANN401
    """Return a problem that has been run: the user's own, or one around a component."""
    if callable(getattr(model, "compute_totals", None)) and callable(getattr(model, "run_model", None)):
        with calling(RUN):
            try:
                model.run_model()
            except RuntimeError as error:
                msg = f"{quoted(model)} cannot be run: {error}; call setup() on a problem before it is checked"
                raise InputError(msg) from None
        _refuse_unsolved(model)
        return model
    api = sys.modules.get(HOME)
    if api is None:
        msg = f"{quoted(type(model))} declares partials, and OpenMDAO is not imported; give a function with jac="
        raise InputError(msg)
    problem = api.Problem(model=model, reports=False) if _is_group(model) else api.Problem(reports=False)
    if not _is_group(model):
        problem.model.add_subsystem(OWN, model, promotes=["*"])
    problem.setup()
    with calling(RUN):
        problem.run_model()
    if _is_group(model):
        _refuse_unsolved(problem)
    return problem


def _refuse_unsolved(problem: Any) -> None:  # noqa: ANN401
    """Raise InputError for a problem in which an implicit component is solved by nothing: its totals mean nothing."""
    above = {}
    for system in problem.model.system_iter(include_self=True, recurse=True):
        above[system.pathname] = system
        if not partials.is_unsolved(system):
            continue
        parts = system.pathname.split(".")
        groups = [above.get(".".join(parts[:n])) for n in range(len(parts))]
        if all(type(getattr(group, "nonlinear_solver", None)).__name__ in RUNS for group in groups):
            name = f"{quoted(type(system))} ({system.pathname})"
            msg = (
                f"{name} is implicit, and nothing in the problem solves it; give its group a nonlinear solver such as "
            )
            msg += f"om.NewtonSolver(solve_subsystems=False), or check the component alone, {quoted(type(system))}()"
            raise InputError(msg)


def _names(problem: Any, kind: str) -> list[str]:  # noqa: ANN401
    """Return the promoted names of inputs that can be set, or of outputs that are computed."""
    listed = getattr(problem.model, kind)(out_stream=None, prom_name=True)
    return list(dict.fromkeys(meta["prom_name"] for _, meta in listed))
