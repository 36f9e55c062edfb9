"""Which arguments is a gradient for? The leading ones whose shapes it has; all others are data, and held fixed."""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcheck._adapters.complex_numbers import is_complex
from gradcheck._adapters.recognise import quoted
from gradcheck._model import trees
from gradcheck._model.claims import under_names
from gradcheck._model.ending import ends
from gradcheck._model.forms import form_of
from gradcheck._model.movable import finite, integers, is_movable, is_whole, own
from gradcheck._model.oracle import Tree, calling
from gradcheck._model.point import described
from gradcheck._model.rng import Pins
from gradcheck._results.errors import CallError, InputError

Named = Sequence[tuple[str, Any]]  # the arguments of a call, by name


def further(args: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """Return the arguments that args= gives: one that is no tuple stands for itself, as in SciPy."""
    if args is None:
        return ()
    return args if isinstance(args, tuple) else (args,)


def counted(  # noqa: PLR0911  one for each way of saying it
    claim: Callable[[], Any] | None,
    named: Named,
    *,
    wrt: Any,  # noqa: ANN401  patterns
    data: int,
    said: tuple[str, str],
) -> list[int] | None:
    """Return the positions of the arguments that a gradient is for; None where it is for all of them, as always.

    `claim()` returns a gradient at the point, and `data` counts the last arguments that are said to be data. `said` are
    the call, and the keyword that the gradient was given by. Raises InputError where the gradient fits none of them.
    """
    if data:
        return [*range(len(named) - data)]
    may = [k for k, (_, arg) in enumerate(named) if _moves(arg)]
    if claim is None or (len(may) <= 1 and may == [*range(len(may))]):
        return None
    try:
        gradient = claim()
    except CallError as error:  # it is raised when it is called for the check
        if ends(error):
            raise
        return None
    chosen = _chosen(named, wrt)
    if isinstance(gradient, (tuple, list)):
        return _of_several(gradient, named, may, chosen)
    if isinstance(gradient, Mapping):
        return _of_names(gradient, named)
    numbers = _leading_numbers(gradient, named)
    if numbers and not chosen:
        return numbers
    if len(chosen) == 1 or (not chosen and fits(named[0][1], gradient)):
        return chosen or [0]
    if len(may) == 1 and fits(named[may[0]][1], gradient):
        return None
    others = [name for k, (name, arg) in enumerate(named) if k in may and fits(arg, gradient)]
    raise InputError(_refused(gradient, named, others, said))


def held(named: Named, chosen: Sequence[int]) -> tuple[str, ...]:
    """Return a note on what is held fixed beside the arguments that a gradient is for."""
    others = [name for k, (name, _) in enumerate(named) if k not in chosen]
    if not others:
        return ()
    these = ", ".join(named[k][0] for k in chosen)
    return (f"the gradient is for {these}; held fixed, as data: {', '.join(others)}",)


def fresh(arg: Any) -> Any:  # noqa: ANN401
    """Return data in containers of its own, so that no call sees what the one before did to them."""
    return arg if trees.children(arg) is None else trees.rebuild(arg, lambda _, value: value, numbers=True)


def asked(  # what is called, with what, and what else may hold random generators
    call: Callable[..., Any], args: Iterable[Any], reach: tuple[object, ...], who: str = "the gradient function"
) -> Any:  # noqa: ANN401
    """Return what a function returns at the point, and leave arguments and random generators as they were."""
    pins = Pins(call, *reach)
    try:
        with calling(who), np.errstate(all="ignore"):
            return call(*(trees.rebuild(arg, lambda _, value: own(value), numbers=True) for arg in args))
    finally:
        pins.restore()


def fits(arg: Tree, gradient: Any) -> bool:  # noqa: ANN401
    """Return whether a gradient has the shape of an argument."""
    if gradient is None:
        return True
    below = trees.children(arg)
    if below is None:
        return _shape(arg) == _shape(gradient)
    if isinstance(arg, Mapping):
        return isinstance(gradient, Mapping) and under_names(gradient, arg).keys() <= arg.keys()
    parts = trees.children(gradient)
    if parts is not None:
        return len(parts) == len(below) and all(fits(a, g) for (_, a), (_, g) in zip(below, parts, strict=True))
    return bool(np.shape(gradient)) and np.shape(gradient) == _shape_of_list(arg)


def _moves(arg: Any) -> bool:  # noqa: ANN401
    leaves = [value for _, value in trees.leaves(arg)]
    return any((is_movable(v) and finite(v)) or is_complex(v) or is_whole(v) or integers(v) is not None for v in leaves)


def _chosen(named: Named, wrt: Any) -> list[int]:  # noqa: ANN401
    """Return the arguments that wrt= names, alone or by something in them."""
    patterns = [wrt] if isinstance(wrt, str) else [p for p in wrt or () if isinstance(p, str)]
    tops = [pattern.partition(".")[0].partition("[")[0] for pattern in patterns]
    return [k for k, (name, _) in enumerate(named) if any(fnmatch.fnmatchcase(name, top) for top in tops)]


def _leading_numbers(gradient: Any, named: Named) -> list[int]:  # noqa: ANN401
    """Return the first arguments if they are numbers, and a vector has an entry for each, as curve_fit's have."""
    shape = _shape(gradient)
    if not isinstance(gradient, np.ndarray) or shape is None or len(shape) != 1 or not 1 < shape[0] <= len(named):
        return []
    leading = [*range(shape[0])]
    of_one = any(fits(arg, gradient) for _, arg in named)
    return leading if all(trees.is_number(named[k][1]) for k in leading) and not of_one else []


def _of_several(gradient: Sequence[Any], named: Named, may: list[int], chosen: list[int]) -> list[int] | None:
    """Return what a list of gradients is for: every argument, or the first alone, or those that wrt= names."""
    floats = [k for k in may if any(is_movable(v) or is_complex(v) for _, v in trees.leaves(named[k][1]))]
    if len(gradient) == len(named) and any(gradient[k] is None for k in floats):
        said = [k for k, claim in enumerate(gradient) if claim is not None]
        return said if said and all(fits(named[k][1], gradient[k]) for k in said) else None
    for every in ([*range(len(named))], floats, may):
        if len(gradient) == len(every) and all(fits(named[k][1], g) for k, g in zip(every, gradient, strict=True)):
            return None
    if fits(named[0][1], gradient):
        return [0]
    if chosen:
        return chosen if len(chosen) == len(gradient) else None
    leading = [*range(len(gradient))]
    return leading if leading == _only(gradient, named) else None


def _only(gradient: Sequence[Any], named: Named) -> list[int] | None:
    """Return the arguments that some gradients fit in order, if there is only one way to assign them."""
    ways = itertools.combinations(range(len(named)), len(gradient))
    fitting = [way for way in ways if all(fits(named[k][1], g) for k, g in zip(way, gradient, strict=True))]
    return [*fitting[0]] if len(fitting) == 1 else None


def _of_names(gradient: Mapping[Any, Any], named: Named) -> list[int] | None:
    first = named[0][1]
    if isinstance(first, Mapping) and under_names(gradient, first).keys() <= first.keys():
        return [0]
    gradient = under_names(gradient, [name for name, _ in named])
    known = [k for k, (name, _) in enumerate(named) if gradient.get(name) is not None]
    return known if len(known) == len(gradient) and known else None


def _shape(thing: Any) -> tuple[int, ...] | None:  # noqa: ANN401
    shape = getattr(thing, "shape", None)
    if isinstance(shape, tuple):
        return tuple(shape)
    if isinstance(thing, (list, tuple)):
        return _shape_of_list(thing)
    form = form_of(thing)
    return None if form is None else form.numbers.shape


def _shape_of_list(thing: Any) -> tuple[int, ...] | None:  # noqa: ANN401
    try:
        return tuple(np.shape(thing))
    except ValueError:  # rows of different lengths
        return None


def _refused(gradient: Any, named: Named, others: list[str], said: tuple[str, str]) -> str:  # noqa: ANN401
    f, way = said
    names = [name for name, _ in named]
    first = names[0]
    call = f"check_gradients({f}, {', '.join(names)}, {way}=...)"
    got = described(gradient) if not np.isscalar(gradient) else f"a number, {gradient!r},"
    theirs = f"{way}= returned {got} where {first} is {_said(named[0][1])}"
    if isinstance(gradient, Iterator):
        return f"{theirs}; what is in it is seen once only: return list(...) of it"
    if others:
        last = call.removesuffix(")") + f", wrt={others[0]!r})"
        return f"{theirs}; it has the shape of {' and '.join(others)}: if it is the gradient for that, write {last}"
    every = ", ".join(f"d{name}" for name in names)
    return (
        f"{theirs}; for {call} return the gradient for {first} alone, d{first}, in its shape (the others are data "
        f"then), or the tuple ({every})"
    )


def _said(arg: Any) -> str:  # noqa: ANN401
    if isinstance(arg, (list, tuple)) and not all(map(trees.is_number, arg)):
        return f"a {type(arg).__name__} of {len(arg)}"
    return described(np.asarray(arg) if isinstance(arg, list) else arg)


def call_of(f: object) -> str:
    """Return what a user calls a function, as it stands in a call."""
    name = quoted(f).rpartition(".")[2]
    return "f" if name == "<lambda>" else name
