"""How is a component of OpenMDAO checked? Each partial is the Jacobian of an output by an input.

A component is put into a problem of its own; a problem that is set up is taken as it is. Nothing of OpenMDAO is
imported that the user has not.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._adapters.recognise import quoted
from gradcheck._model.point import matching
from gradcheck._model.questions import Entries, Matrix
from gradcheck._options import Options
from gradcheck._results.errors import InputError

Floats = NDArray[np.float64]
HOME = "openmdao.api"
OWN = "component"  # what a component is called in a problem of its own


def is_component(model: Any) -> bool:  # noqa: ANN401
    """Return whether a thing declares partials, or is a problem of such things."""
    of = type(model)  # what answers to any name is none
    declares = callable(getattr(of, "declare_partials", None)) and callable(getattr(of, "add_output", None))
    return declares or all(callable(getattr(of, name, None)) for name in ("compute_totals", "run_model", "setup"))


def matrices(model: Any, given: tuple[Any, ...], options: Options) -> list[Matrix]:  # noqa: ANN401
    """Return the derivative of each output by each input: dy/dx."""
    values = _values(model, given)
    problem = _problem(model)
    inputs, outputs = _names(problem, "list_inputs"), _names(problem, "list_outputs")
    unknown = [name for name in values if name not in inputs]
    if unknown:
        msg = f"{unknown[0]} is not an input of {quoted(type(model))}; there are {', '.join(inputs)}"
        raise InputError(msg)
    wrt = inputs if options.wrt is None else matching(options.wrt, inputs, "wrt")
    declared = {name: np.array(problem[name], dtype=float) for name in inputs}
    run = _Run(problem, {name: _like(name, values.get(name, old), old) for name, old in declared.items()}, outputs, wrt)
    return [_matrix(run, of, by, quoted(type(model))) for by in wrt for of in outputs]


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


def _values(model: Any, given: tuple[Any, ...]) -> dict[str, Floats]:  # noqa: ANN401
    if not given:
        return {}
    if len(given) > 1 or not isinstance(given[0], Mapping):
        msg = f"inputs go by name; write check_gradients({quoted(type(model))}(), {{'x': x}})"
        raise InputError(msg)
    return {str(name): np.array(value, dtype=float) for name, value in given[0].items()}


def _like(name: str, value: Floats, declared: Floats) -> Floats:
    try:
        return np.broadcast_to(value, declared.shape).copy()
    except ValueError:
        msg = f"{name} has shape {value.shape}, and {declared.shape} is declared; give it so"
        raise InputError(msg) from None


def _problem(model: Any) -> Any:  # noqa: ANN401
    """Return a problem that has been run: the user's own, or one around a component."""
    if callable(getattr(model, "compute_totals", None)) and callable(getattr(model, "run_model", None)):
        model.run_model()
        return model
    api = sys.modules.get(HOME)
    if api is None:
        msg = f"{quoted(type(model))} declares partials, and OpenMDAO is not imported; give a function with jac="
        raise InputError(msg)
    problem = api.Problem(reports=False)
    problem.model.add_subsystem(OWN, model, promotes=["*"])
    problem.setup()
    problem.run_model()
    return problem


def _names(problem: Any, kind: str) -> list[str]:  # noqa: ANN401
    """Return the promoted names of inputs that can be set, or of outputs that are computed."""
    listed = getattr(problem.model, kind)(out_stream=None, prom_name=True)
    return list(dict.fromkeys(meta["prom_name"] for _, meta in listed))
