"""Who knows what the user handed in? The adapter of a framework that is there, else that of NumPy."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gradcheck._adapters.claims import ways
from gradcheck._adapters.leading import further
from gradcheck._model.nesting import refuse_endless
from gradcheck._model.oracle import Oracle
from gradcheck._options import KEYWORDS, Options
from gradcheck._results.errors import InputError

INSTEAD = dict.fromkeys(("eps", "step", "epsilon", "delta"), "the step comes from the measured noise; leave it out") | {
    **dict.fromkeys(("gradient", "fprime", "df", "deriv", "derivative"), "write grad="),
    **dict.fromkeys(("jacobian", "dfun", "Dfun", "J"), "write jac="),
    **dict.fromkeys(("hessian", "fprime2"), "write hess="),
    "hess_prod": "write hessp=",
    "direction": "write along=",
    **dict.fromkeys(
        ("method", "bounds", "tol", "options", "callback", "constraints", "x_scale", "f_scale", "ftol", "xtol", "gtol"),
        "it is a solver's, and says nothing of a derivative; leave it out",
    ),
    "x0": "the point comes after the function, check_gradients(f, x, ...)",
    "atol": "the tolerance comes from the uncertainty; rtol= is the smallest relative error that matters",
}


def choose(model: object, args: tuple[Any, ...], options: Options) -> Oracle:
    """Return the oracle of whatever the user handed in; raises InputError if no adapter knows it.

    An adapter of a framework is asked only if the user has imported that framework.
    """
    if isinstance(model, Oracle):
        _check_alone(args, options)
        refuse_endless({"its point": model.point})
        return model
    args = (*args, *further(options.args))
    params = getattr(model, "params", None)
    refuse_endless({f"argument {n}": arg for n, arg in enumerate(args, 1)} | {"params": params, **options.inputs})
    check_inputs(model, options.inputs)
    for framework, adapter in _ADAPTERS.items():
        if framework in sys.modules:
            oracle = adapter(model, args, options)
            if oracle is not None:
                return replace(oracle, versions={framework: str(sys.modules[framework].__version__)})
    from gradcheck._adapters import plain

    return plain.oracle(model, args, options)


def check_inputs(model: object, inputs: Mapping[str, Any]) -> None:
    """Refuse keyword arguments that are neither ours nor the model's own."""
    if not inputs:
        return
    ways_in = (getattr(model, name, None) for name in ("forward", "loss", "apply"))
    called = model if inspect.isroutine(model) else next((f for f in ways_in if callable(f)), model)
    try:
        taken = inspect.signature(called).parameters  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return
    if any(p.kind is p.VAR_KEYWORD for p in taken.values()):
        return
    for name in inputs:
        if name not in taken:
            import difflib

            near = difflib.get_close_matches(name, [*KEYWORDS, *taken], 1, 0.7)
            hint = INSTEAD.get(name) or (
                f"did you mean {near[0]}=?" if near else f"check_gradients takes {', '.join(KEYWORDS)}"
            )
            msg = f"unknown keyword {name}=, which neither check_gradients nor the model takes; {hint}"
            raise InputError(msg)


def _check_alone(args: tuple[Any, ...], options: Options) -> None:
    if args:
        msg = "an Oracle brings its own point, so further arguments mean nothing; put them into its point"
        raise InputError(msg)
    needless = ways(options) + [
        name
        for name in ("loss", "args", "jac", "hess", "hessp", "adjoint", "forces", "inner", "retract")
        if getattr(options, name) is not None
    ]
    needless += [*options.inputs]
    needless += ["order"] * (options.order > 1)
    if needless:
        msg = f"an Oracle brings its own gradient; leave out {' and '.join(f'{w}=' for w in needless)}"
        raise InputError(msg)


def _adapter(name: str) -> Callable[..., Oracle | None]:
    def ask(*call: Any) -> Oracle | None:  # noqa: ANN401
        found: Oracle | None = importlib.import_module(name).oracle(*call)
        return found

    return ask


_ADAPTERS = {
    "torch": _adapter("gradcheck._adapters.torch.models"),
    "jax": _adapter("gradcheck._adapters.jax.functions"),
}
