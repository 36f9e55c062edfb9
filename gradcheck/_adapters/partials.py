"""How are the partials of one OpenMDAO component checked where totals would not show them?

Totals of an implicit component need a solution, and those of a matrix-free one are computed in one mode alone. So the
residuals are differentiated with respect to inputs and outputs, and each mode is a claim of its own.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.questions import Entries, Matrix
from gradcheck._results.errors import InputError

Floats = NDArray[np.float64]
DIFFERENCES = ("fd", "cs")  # methods of declare_partials that compute nothing of the user's
RESIDUAL = "residual of "
T = TypeVar("T")


def are_alone(component: Any) -> bool:  # noqa: ANN401
    """Return whether the partials of a component are to be looked at, and not the totals of a problem around it."""
    return bool(getattr(component, "matrix_free", False)) or are_residuals(component)


def are_residuals(component: Any) -> bool:  # noqa: ANN401
    """Return whether a component has residuals, and nothing of its own to make totals of their partials."""
    return is_unsolved(component) or (is_implicit(component) and not _solves(component, "linear"))


def is_implicit(component: Any) -> bool:  # noqa: ANN401
    """Return whether a component has residuals of its own."""
    return any(of.__name__ == "ImplicitComponent" for of in type(component).__mro__)


def is_unsolved(component: Any) -> bool:  # noqa: ANN401
    """Return whether a component has residuals, and no solver of its own to make them zero."""
    if not is_implicit(component):
        return False
    return not _solves(component, "nonlinear")


def _solves(component: Any, how: str) -> bool:  # noqa: ANN401
    """Return whether a component has a method or a solver of its own for the nonlinear or linear equations."""
    name = f"solve_{how}"
    method = next(vars(of)[name] for of in type(component).__mro__ if name in vars(of))
    return not method.__module__.startswith("openmdao.") or getattr(component, f"{how}_solver", None) is not None


def differences(component: Any, labels: tuple[str, str]) -> str:  # noqa: ANN401
    """Return the method by which OpenMDAO itself computes a partial, or nothing where the component does."""
    of, by = labels[0].removeprefix(RESIDUAL), labels[1]
    declared = getattr(component, "_declared_partials_patterns", {})
    for (ofs, bys), said in declared.items():
        if said.get("method") in DIFFERENCES and _fits(of, ofs) and _fits(by, bys):
            return str(said["method"])
    return ""


def _fits(name: str, patterns: str | Sequence[str]) -> bool:
    return any(fnmatchcase(name, one) for one in ([patterns] if isinstance(patterns, str) else patterns))


def matrices(
    problem: Any,  # noqa: ANN401
    component: Any,  # noqa: ANN401
    values: Mapping[str, Floats],
    names: tuple[Sequence[str], Sequence[str]],
    title: str,
) -> Iterator[Matrix]:
    """Yield the derivative of each output, or residual, by each variable, in each mode in which it is claimed."""
    outputs, wrt = names
    implicit = is_implicit(component)
    run = _Run(problem, values, outputs, title, implicit=implicit)
    modes = {" (fwd)": "J_fwd", " (rev)": "J_rev"} if component.matrix_free else {"": "J_fwd"}
    for by in wrt:
        for of in outputs:
            shapes = np.shape(problem[of]), np.shape(values[by])
            name = f"d{'R_' * implicit}{of}/d{by}"
            labels = (RESIDUAL * implicit + of, by)
            for mode, kind in modes.items():
                claim, f = partial(run.claim, of, by, kind), partial(run.value, of, by)
                yield Matrix(name + mode, title, f, claim, values[by].ravel(), *shapes, labels)


class _Run:
    """Runs a component with another variable, and asks it for its partials."""

    def __init__(
        self, problem: Any, values: Mapping[str, Floats], outputs: Sequence[str], title: str, *, implicit: bool  # noqa: ANN401
    ) -> None:  # fmt: skip
        self.problem, self.values, self.outputs, self.implicit = problem, values, outputs, implicit
        self.title = title
        self._seen: dict[tuple[str, bytes], Mapping[str, Floats]] = {}
        self._claims: dict[tuple[str, bytes], Mapping[tuple[str, str], Mapping[str, Any]]] = {}

    def value(self, of: str, by: str, x: Floats) -> Floats:
        """Return an output, or its residual, where one variable is another."""
        return _kept(self._seen, by, x, self._run)[of]

    def claim(self, of: str, by: str, kind: str, x: Floats) -> Entries:
        """Return what is claimed there; what is not declared is zero."""
        claims = _kept(self._claims, by, x, self._partials)
        size = (int(np.size(self.problem[of])), x.size)
        found = claims.get((of, by), {}).get(kind)
        return Entries.full(np.zeros(size) if found is None else np.asarray(found, dtype=np.float64).reshape(size))

    def _run(self, by: str, x: Floats) -> Mapping[str, Floats]:
        for name, value in self.values.items():
            self.problem[name] = x.reshape(np.shape(value)) if name == by else value
        if not self.implicit:
            self.problem.run_model()
            return {of: np.array(self.problem[of], dtype=float).ravel() for of in self.outputs}
        self.problem.model.run_apply_nonlinear()
        listed = self.problem.model.list_outputs(out_stream=None, prom_name=True, residuals=True)
        return {said["prom_name"]: np.array(said["resids"], dtype=float).ravel() for _, said in listed}

    def _partials(self, by: str, x: Floats) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        self._run(by, x)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on the differences that it takes as well, which are not used
            asked = self.problem.check_partials(out_stream=None)
        if not asked:
            msg = f"the partials of {self.title} are OpenMDAO's own, and check_partials leaves them out; "
            raise InputError(msg + "check the components that use it")
        (found,) = asked.values()
        return {pair: dict(said) for pair, said in found.items()}


def _kept(known: dict[tuple[str, bytes], T], by: str, x: Floats, make: Callable[[str, Floats], T]) -> T:
    key = (by, x.tobytes())
    if key not in known:
        known[key] = make(by, x)
    return known[key]
