"""What do SciPy's users hand in? Constraints, as dicts or objects, with Jacobians and Hessians of their Lagrangian."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from gradcheck._adapters.recognise import quoted
from gradcheck._model.contents import attributes
from gradcheck._options import Options
from gradcheck._results.errors import InputError

Part = tuple[Any, tuple[Any, ...], Options]  # a model, its arguments, and what is claimed of it
DIFFERENCES = ("2-point", "3-point", "cs")
KEPT = ("fun", "jac", "hess", "args")  # what a dict may say of a constraint, beside its type


def parts(model: Any, given: tuple[Any, ...], options: Options) -> list[Part] | None:  # noqa: ANN401
    """Return what constraints claim, one part each; None for anything else."""
    if isinstance(model, (list, tuple)) and model and all(_is_constraint(one) or _is_linear(one) for one in model):
        found = [part for one in model if not _is_linear(one) for part in _of(one, given, options)]
        return found or _refuse_linear(model[0])
    if _is_linear(model):
        return _refuse_linear(model)
    return _of(model, given, options) if _is_constraint(model) else None


def refused_differences(options: Options) -> None:
    """Refuse what SciPy takes for a wish to take differences: there is nothing claimed then."""
    for name in ("jac", "hess", "grad"):
        said = getattr(options, name)
        if said is False and name != "grad":  # SciPy's default
            said = DIFFERENCES[0]
        if isinstance(said, str) and (name != "grad" or said in DIFFERENCES):
            what = "a difference, not a derivative" if said in DIFFERENCES else "no function"
            msg = f"{name}={said!r} is {what}, so there is nothing to check; write {name}=J, a function of the same "
            raise InputError(msg + "arguments, or leave the check out")
    if options.hess is not None and _is_update(options.hess):
        name = quoted(options.hess)
        msg = f"hess={name} approximates a Hessian, so there is nothing to check; write hess=H, or leave it out"
        raise InputError(msg)


def _is_update(hess: Any) -> bool:  # noqa: ANN401
    """Return whether a thing is one of SciPy's, such as BFGS(), that make a Hessian of differences of gradients."""
    return callable(getattr(hess, "update", None)) and callable(getattr(hess, "get_matrix", None))


def _refuse_linear(model: Any) -> NoReturn:  # noqa: ANN401
    msg = f"{quoted(model)} has no derivative that somebody wrote by hand, so there is nothing to check; leave it out"
    raise InputError(msg)


def _is_linear(model: Any) -> bool:  # noqa: ANN401
    """Return whether a thing is a linear constraint, whose Jacobian is its matrix, or bounds."""
    return type(model).__module__.startswith("scipy.optimize") and type(model).__name__ in {
        "LinearConstraint",
        "Bounds",
    }


def _is_constraint(model: Any) -> bool:  # noqa: ANN401
    if isinstance(model, Mapping):
        return callable(model.get("fun"))
    held = attributes(model) or {}
    return callable(held.get("fun")) and {"jac", "lb", "ub"} <= held.keys()


def _of(model: Any, given: tuple[Any, ...], options: Options) -> list[Part]:  # noqa: ANN401
    held: Mapping[str, Any] = (
        model if isinstance(model, Mapping) else {name: getattr(model, name, None) for name in ("fun", "jac", "hess")}
    )
    fun, jac, hess = held["fun"], held.get("jac"), held.get("hess")
    said = options.jac if options.jac is not None else jac
    said = fun if said is None and callable(getattr(fun, "jac", None)) else said
    if said is None:
        msg = f"{quoted(fun)} has no jac, so there is nothing to check; write it beside it, {{'fun': f, 'jac': J}}"
        raise InputError(msg)
    more = held.get("args") or None
    given = given or ((held["x0"],) if held.get("x0") is not None else ())  # as minimize takes it
    asked = replace(options, jac=said, hess=_hessian(hess, options), args=options.args or more)
    refused_differences(asked)
    return [(fun, given, asked)]


def _hessian(hess: Any, options: Options) -> Callable[..., Any] | None:  # noqa: ANN401
    """Return a Hessian that is claimed: none that is a difference, or an update such as BFGS."""
    if options.hess is not None:
        return options.hess  # type: ignore[no-any-return]
    return hess if callable(hess) and not hasattr(hess, "update") else None
