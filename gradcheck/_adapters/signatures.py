"""Can a claim be called with the arguments it will be given? A linear map's pullback may take the cotangent alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck._adapters.introspect import PLACES, parameters_of, signature_of
from gradcheck._adapters.leading import call_of, further
from gradcheck._model.contents import of_library
from gradcheck._results.errors import InputError

# Arguments beside those of the function.
WANTED = dict.fromkeys(("grad", "jvp", "jac", "hess", "retract", "inner", "adjoint"), 0) | {"vjp": 1, "hessp": 1}
ALONE = ("vjp", "jvp")  # what may take a vector and nothing else, of a linear map


def fitted(claim: Any, f: Any, names: list[str], way: str) -> Any:  # noqa: ANN401
    """Return a claim that takes what it will be given: the arguments of f, and of a pullback the cotangent.

    Raises InputError, with the call that is wanted, for one that can be called neither so nor with the cotangent alone.
    """
    if way in ALONE and not callable(claim) and callable(getattr(claim, "matvec", None)):
        claim = claim.matvec  # of an operator, which is all there is to know
    if way not in WANTED or not callable(claim) or _has_its_name(claim, f):
        return claim
    count = len(names) * (1 + (way == "jvp")) + WANTED[way]
    if takes(claim, count) is not False and not (way in ALONE and _has_settings(claim, f, count)):
        _refuse_order(claim, f, names, way)
        return claim
    if way in ALONE and takes(claim, 1) and (way == "vjp" or len(names) == 1):
        return _after(f, claim, way)
    if f is not None and takes(f, len(names)) is False:
        return claim  # the error is raised when f is called
    given = ", ".join(_places(names, way))
    taken = f"{call_of(claim)}{inspect.signature(claim)}"
    msg = (
        f"{way}= is called as {way}({given}), and {taken} cannot be; write {way}=lambda {given}: {call_of(claim)}(...)"
    )
    raise InputError(msg + (", where v is the cotangent, in the shape of the output" if way == "vjp" else ""))


def _after(f: Any, claim: Any, way: str) -> Callable[..., Any]:  # noqa: ANN401
    """Return a claim that is given a vector alone; a pullback of the user's own goes back from where f was last."""
    if way == "jvp" or not callable(f) or of_library(claim):
        return lambda *given: claim(given[-1])

    def back(*given: Any) -> Any:  # noqa: ANN401
        f(*given[:-1])  # what it keeps on its way, as a layer does, is what the pullback reads
        return claim(given[-1])

    return back


def _has_its_name(claim: Any, f: Any) -> bool:  # noqa: ANN401
    """Return whether a claim was made with `functools.wraps(f)`: it shows the arguments of f, and not its own."""
    return claim is not f and hasattr(claim, "__wrapped__") and inspect.unwrap(claim) is inspect.unwrap(f)


def _places(names: list[str], way: str) -> list[str]:
    """Return what a claim is given, in order."""
    beside = {"hessp": [*names[:1], "p", *names[1:]], "vjp": [*names, "v"], "jvp": [*names, *(f"d{n}" for n in names)]}
    return beside.get(way, names)


def _refuse_order(claim: Any, f: Any, names: list[str], way: str) -> None:  # noqa: ANN401
    """Raise InputError for a claim that has the arguments of its function under their names, in another order."""
    own = _positional(claim)
    if way == "hessp" or not {*names} <= {*own} or own[: len(names)] == names or names != _positional(f)[: len(names)]:
        return
    given = ", ".join(_places(names, way))
    said = f"{call_of(claim)}({', '.join(own)})"
    msg = f"{way}= is called by place, as {way}({given}), and {said} has these in another order; write {way}=lambda "
    raise InputError(msg + f"{given}: {call_of(claim)}(...)")


def _positional(f: Any) -> list[str]:  # noqa: ANN401
    return [p.name for p in parameters_of(f) if p.kind in PLACES]


def _has_settings(claim: Any, f: Any, count: int) -> bool:  # noqa: ANN401
    """Return whether what a pullback may take after its first argument are settings, which its function has as well."""
    own, theirs = _optional(claim), _optional(f)
    return takes(claim, 1) is True and len(own) >= count - 1 and {*own} <= {*theirs}


def _optional(f: Any) -> list[str]:  # noqa: ANN401
    """Return the names of arguments that a function has defaults for."""
    return [p.name for p in parameters_of(f) if p.default is not p.empty and p.kind in PLACES]


def refuse_call(f: Any, given: int, data: Any, way: str) -> None:  # noqa: ANN401
    """Raise InputError for a function that cannot be called with what is given, with the call that is wanted."""
    count = given + len(further(data))
    if not callable(f) or isinstance(f, type) or takes(f, count) is not False:
        return
    parameters = parameters_of(f)
    names = [p.name for p in parameters if p.kind in PLACES and (p.default is p.empty or p.name == "self")]
    if any(p.kind is p.KEYWORD_ONLY and p.default is p.empty for p in parameters) or not names:
        return  # the error is raised when it is called
    said = f"{call_of(f)}{inspect.signature(f)}"
    msg = f"{said} cannot be called with {count} argument{'s' * (count != 1)}; write check_gradients({call_of(f)}, "
    msg += f"{', '.join(names)}, {way}=...)"
    if len(names) > 1 and data is not None and not isinstance(data, tuple):
        more = f"{', '.join(names[1:])}{',' * (len(names[1:]) == 1)}"
        msg += f", or args=({more}): what is no tuple is one argument, as in SciPy"
    raise InputError(msg)


def element_by_element(claim: Any, names: list[str]) -> Any:  # noqa: ANN401
    """Return the pullback of a ufunc whose derivative is given element by element."""
    if not callable(claim):
        return claim

    def pullback(*given: Any) -> Any:  # noqa: ANN401
        *args, cotangent = given
        slopes = claim(*args)
        if len(names) == 1 or not isinstance(slopes, tuple):
            return _times(slopes, cotangent, args[0])
        return tuple(_times(slope, cotangent, arg) for slope, arg in zip(slopes, args, strict=False))

    return pullback


def _times(slope: Any, cotangent: Any, arg: Any) -> Any:  # noqa: ANN401
    """Return slopes times a cotangent, summed over what an argument was broadcast along.

    The slope of complex outputs is their derivative, and the pullback is by its conjugate.
    """
    slope = np.conj(slope) if np.iscomplexobj(cotangent) else slope
    product, shape = np.asarray(slope * cotangent), np.shape(arg)
    product = product.sum(axis=tuple(range(product.ndim - len(shape))))
    longer = tuple(k for k, n in enumerate(shape) if n == 1 and product.shape[k] > 1)
    return product.sum(axis=longer, keepdims=True) if longer else product


def on_top(loss: Any) -> Any:  # noqa: ANN401
    """Return a loss that can be called with the outputs alone; raises InputError, with what to write, for another."""
    if isinstance(loss, type):
        msg = f"loss= is the class {loss.__name__}; write loss=lambda out: {loss.__name__}()(out, labels)"
        raise InputError(msg)
    seen = getattr(loss, "forward", loss)  # the signature of a module itself says nothing
    if not callable(loss) or takes(seen, 1) is not False:
        return loss
    taken = [p for p in inspect.signature(seen).parameters.values() if p.default is p.empty and p.kind in PLACES]
    more = ", ".join(p.name for p in taken[1:])
    if not more:  # the error is raised when it is called
        return loss
    name = call_of(loss)
    called = "criterion" if seen is not loss or name == "f" else name
    where = f", where criterion is what was given as loss ({name})" if called != name else ""
    msg = f"loss= is called with the outputs alone, and {name} takes {more} as well; write loss=lambda out: "
    raise InputError(msg + f"{called}(out, {more}){where}")


def takes(f: Any, count: int) -> bool | None:  # noqa: ANN401
    """Return whether a function can be called with so many arguments; None where nobody knows."""
    signature = signature_of(f)
    if signature is None:
        return None if callable(f) else False
    try:
        signature.bind(*[None] * count)
    except TypeError:
        return False
    return True
