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
HELD = ("fun", "jac", "hess")  # what a constraint says of itself


def parts(model: Any, given: tuple[Any, ...], options: Options) -> list[Part] | None:  # noqa: ANN401
    """Return what constraints claim, one part each; None for anything else."""
    if isinstance(model, (list, tuple)) and any(_is_constraint(one) or _is_linear(one) for one in model):
        other = next((one for one in model if not (_is_constraint(one) or _is_linear(one))), None)
        if other is not None:
            msg = (
                f"{quoted(other)} in the list is no constraint of SciPy; write {{'fun': f, 'jac': J}} or give it alone"
            )
            raise InputError(msg)
        found = [part for one in model if not _is_linear(one) for part in _of(one, given, options)]
        return found or _refuse_linear(model[0])
    if _is_linear(model):
        return _refuse_linear(model)
    if isinstance(model, Mapping) and not _is_constraint(model):
        has = ", ".join(map(repr, model)) or "nothing"
        msg = f"a dict is taken as SciPy takes it, with functions under 'fun' and 'jac', and this one has {has}; write "
        raise InputError(msg + "check_gradients({'fun': f, 'jac': J}, x)")
    return _of(model, given, options) if _is_constraint(model) else None


def refused_differences(options: Options) -> None:
    """Refuse what SciPy takes for a wish to take differences: there is nothing claimed then."""
    for name in ("jac", "hess", "grad"):
        said = getattr(options, name)
        differences = said in DIFFERENCES if isinstance(said, str) else said is False  # which is SciPy's default
        if differences or (isinstance(said, str) and name != "grad"):
            what = "a difference, not a derivative" if differences else "no function"
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
        model if isinstance(model, Mapping) else {name: getattr(model, name, None) for name in HELD}
    )
    fun, jac, hess = held["fun"], held.get("jac"), held.get("hess")
    said = options.jac if options.jac is not None else jac
    said = fun if said is None and callable(getattr(fun, "jac", None)) else said
    if said is None:
        msg = f"{quoted(fun)} has no jac, so there is nothing to check; write it beside it, {{'fun': f, 'jac': J}}"
        raise InputError(msg)
    more = held.get("args") or None
    given = given or ((held["x0"],) if held.get("x0") is not None else ())  # as minimize takes it
    more = more if more is None or isinstance(more, (tuple, list)) else (more,)
    asked = replace(options, jac=said, hess=_hessian(hess, options), args=options.args or (more and tuple(more)))
    asked = asked if asked.hessp is not None else replace(asked, hessp=held.get("hessp"))
    refused_differences(asked)
    beside = held.get("constraints") or ()  # as minimize takes them
    listed = [*beside] if isinstance(beside, (list, tuple)) else [beside]
    each = replace(options, jac=None, hess=None, hessp=None, args=None)
    others = [part for one in listed if _is_constraint(one) for part in _of(one, given, each)]
    return [(fun, given, asked), *others]


def _hessian(hess: Any, options: Options) -> Callable[..., Any] | None:  # noqa: ANN401
    """Return a Hessian that is claimed: none that is a difference, or an update such as BFGS."""
    if options.hess is not None:
        return options.hess  # type: ignore[no-any-return]
    return hess if callable(hess) and not hasattr(hess, "update") else None
