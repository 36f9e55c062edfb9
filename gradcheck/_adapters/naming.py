"""What are the parts of one flat vector called? Names for slices of it, so that the report says params.sigma."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._adapters.arguments import pair
from gradcheck._adapters.introspect import argument_names
from gradcheck._adapters.leading import call_of
from gradcheck._adapters.recognise import quoted
from gradcheck._model.point import as_array, described
from gradcheck._model.questions import Matrix
from gradcheck._options import Options
from gradcheck._results.errors import InputError
from gradcheck._results.report import Report

SHOWN = 8  # names that a note lists
ALIKE = 1e-5  # relative
Places = Mapping[str, Any]  # of each name: an index, a slice, or a list of indices


def named(model: Any, given: tuple[Any, ...], options: Options) -> tuple[Any, tuple[Any, ...], Options]:  # noqa: ANN401
    """Return a call of which the first argument is a dict of the named parts of a flat vector."""
    x, places = placed(model, given, options.names)
    ways: dict[str, Any] = {"names": None}
    for way in ("grad", "vjp"):
        claim = getattr(options, way)
        if callable(claim):
            ways[way] = _split_claim(claim, places, x.size, way)
    name = argument_names(model, len(given))[0]
    if options.along is not None and not isinstance(options.along, str):
        ways["along"] = {name: _split_direction(options.along, places, x.size)}
    f = _with_vector(model, places, x.size)
    if options.value_and_grad is True:
        f = _split_pair(model, places, x.size)
    elif not ways.keys() & {"grad", "vjp"}:
        msg = "names= go with forces=, grad=, vjp=, jac=, hess= or value_and_grad=True; write "
        raise InputError(msg + f"check_gradients({call_of(model)}, x, grad=g, names=...)")
    parts = _parts(x, places)
    if len(given) == 1 and options.args is None:  # a dict alone brings its own names, and these are within the vector
        inside = lambda g: {name: g}  # noqa: E731
        f, ways = (
            _alone(f, name, inside if options.value_and_grad is True else None),
            {way: _alone(claim, name, inside) if callable(claim) else claim for way, claim in ways.items()},
        )
        return f, ({name: parts},), replace(options, **ways)
    return f, (parts, *given[1:]), replace(options, **ways)


def placed(model: Any, given: tuple[Any, ...], names: Any) -> tuple[NDArray[np.float64], dict[str, Any]]:  # noqa: ANN401
    """Return the flat vector of a call, and where each name stands in it."""
    if not callable(model) or not given or np.ndim(given[0]) != 1:
        msg = "names= are those of the entries of one flat vector; write "
        raise InputError(msg + f"check_gradients({call_of(model)}, x, ..., names={{'mu': 0, 'beta': slice(1, None)}})")
    if np.iscomplexobj(given[0]):
        msg = "names= are those of real numbers, and the vector is complex; leave names= out, or give a dict with the "
        raise InputError(msg + "names and complex numbers")
    x = np.asarray(given[0], dtype=np.float64)
    return x, _places(names, x.size)


def by_name(matrix: Matrix, model: Any, given: tuple[Any, ...], names: Any) -> Matrix:  # noqa: ANN401
    """Return a matrix of derivatives whose columns have names, where it is by the flat vector."""
    x, places = placed(model, given, names)
    if matrix.inputs != x.shape or matrix.labels[1] != argument_names(model, len(given))[0]:
        return matrix
    columns = [""] * x.size
    for name, place in places.items():
        for n, k in enumerate(np.atleast_1d(place)):
            columns[int(k)] = name if isinstance(place, int) else f"{name}[{n}]"
    shown = [f"{name} {_said(place)}" for name, place in places.items()]
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    note = f"the inputs of {matrix.name}: {', '.join(shown[:SHOWN])}{more}"
    return replace(matrix, columns=tuple(columns), notes=(*matrix.notes, note))


def _said(place: Any) -> str:  # noqa: ANN401
    """Return which entries a name stands for: one, a range of them, or a list."""
    if isinstance(place, int):
        return f"[{place}]"
    first, last = int(place[0]), int(place[-1])
    if np.array_equal(place, np.arange(first, last + 1)):
        return f"[{first}:{last + 1}]"
    return f"[{', '.join(map(str, place[:SHOWN]))}{', ...' if len(place) > SHOWN else ''}]"


def _alone(f: Callable[..., Any], name: str, inside: Callable[[Any], Any] | None) -> Callable[..., Any]:
    """Return a function of a dict that holds the parts under the name of their vector."""

    @functools.wraps(f)
    def nested(whole: Mapping[str, Any], *more: Any) -> Any:  # noqa: ANN401
        found = f(whole[name], *more)
        if inside is None:
            return found
        return (found[0], inside(found[1])) if isinstance(found, tuple) else inside(found)

    nested.user_function = getattr(f, "user_function", f)  # type: ignore[attr-defined]
    return nested


def _places(names: Any, size: int) -> dict[str, Any]:  # noqa: ANN401
    """Return where each name stands; raises InputError unless every entry has one name."""
    if isinstance(names, Mapping) or (hasattr(names, "to_dict") and hasattr(names, "index")):  # a series of places
        places = {str(name): _index(name, place, size) for name, place in names.items()}
    elif isinstance(names, Iterable) and not isinstance(names, str):
        listed = [*names]
        if not all(isinstance(name, str) for name in listed):
            msg = f"names={names!r}: a name is a str; write a name for each entry, or a dict from names to indices"
            raise InputError(msg)
        places = {name: np.flatnonzero([other == name for other in listed]) for name in dict.fromkeys(listed)}
        places = {name: int(index[0]) if len(index) == 1 else index for name, index in places.items()}
    else:
        msg = f"names={names!r}: write a name for each entry, or a dict from names to indices and slices"
        raise InputError(msg)
    if not places:
        msg = f"names={names!r}: write a name for each of the {size} entries"
        raise InputError(msg)
    taken = np.bincount(np.concatenate([np.atleast_1d(p) for p in places.values()]).astype(int), minlength=size)
    if len(taken) > size or not (taken == 1).all():
        msg = f"names= has to name each of the {size} entries once: {_bad(taken, size)}"
        raise InputError(msg)
    return places


def _bad(taken: NDArray[np.int64], size: int) -> str:
    twice, without = np.flatnonzero(taken > 1), np.flatnonzero(taken == 0)
    if len(taken) > size:
        return f"{len(taken)} are named"
    return f"entry {twice[0]} has two names" if len(twice) else f"entry {without[0]} has no name"


def _index(name: str, place: Any, size: int) -> Any:  # noqa: ANN401
    """Return the entries that a name stands for: a number for one, an array for several."""
    try:
        found = np.arange(size)[place]
    except (IndexError, TypeError):
        msg = f"names={{{name!r}: {place!r}}}: there are {size} entries; write an index, a slice or a list of indices"
        raise InputError(msg) from None
    return int(found) if np.ndim(found) == 0 else np.asarray(found)


def _parts(x: NDArray[np.float64], places: Places) -> dict[str, Any]:
    return {name: float(x[place]) if isinstance(place, int) else x[place].copy() for name, place in places.items()}


def _vector(parts: Mapping[str, Any], places: Places, size: int) -> NDArray[np.float64]:
    x = np.empty(size, dtype=getattr(next(iter(parts.values())), "dtype", np.float64))
    for name, place in places.items():
        x[place] = parts[name]
    return x


def _with_vector(f: Callable[..., Any], places: Places, size: int) -> Callable[..., Any]:
    @functools.wraps(f)
    def whole(parts: Mapping[str, Any], *more: Any) -> Any:  # noqa: ANN401
        return f(_vector(parts, places, size), *more)

    whole.user_function = f  # type: ignore[attr-defined]
    return whole


def _split(gradient: Any, places: Places, size: int, way: str) -> Any:  # noqa: ANN401
    if isinstance(gradient, tuple):  # of several arguments
        return (_split(gradient[0], places, size, way), *gradient[1:])
    g = np.asarray(gradient)
    if g.shape != (size,):
        msg = f"{way}= returned an array of shape {g.shape} where names= has {size} entries; return one of each"
        raise InputError(msg)
    return {name: g[place] for name, place in places.items()}


def _split_direction(along: Any, places: Places, size: int) -> dict[str, Any]:  # noqa: ANN401
    """Return a direction by its names: given so, in part perhaps, or as a flat vector."""
    if isinstance(along, Mapping) and along.keys() <= places.keys():
        still = {name: np.zeros(np.shape(place)) for name, place in places.items()}
        return still | {name: np.asarray(part, dtype=np.float64) for name, part in along.items()}
    vector = as_array(along)
    if vector.shape != (size,) or vector.dtype.kind not in "fiu":
        msg = (
            f"along= is {described(along)} where names= has {size} entries; give a flat vector, or a dict with some of "
        )
        raise InputError(msg + ", ".join(places))
    return {name: vector[place].astype(np.float64) for name, place in places.items()}


def _split_claim(claim: Callable[..., Any], places: Places, size: int, way: str) -> Callable[..., Any]:
    @functools.wraps(claim)
    def split(parts: Mapping[str, Any], *more: Any) -> Any:  # noqa: ANN401
        return _split(claim(_vector(parts, places, size), *more), places, size, way)

    split.user_function = claim  # type: ignore[attr-defined]
    return split


def _split_pair(f: Callable[..., Any], places: Places, size: int) -> Callable[..., Any]:
    @functools.wraps(f)
    def both(parts: Mapping[str, Any], *more: Any) -> Any:  # noqa: ANN401
        value, gradient = pair(f(_vector(parts, places, size), *more), quoted(f))
        return value, _split(gradient, places, size, "value_and_grad")

    both.user_function = f  # type: ignore[attr-defined]
    return both


def told(report: Report, parts: Mapping[str, Any]) -> Report:
    """Say of a claim that is wrong that it is right for another parametrisation, if it is."""
    said = []
    inner = next(iter(parts.values()), None)
    parts = inner if isinstance(inner, Mapping) else parts
    for name, tensor in report.tensors.items():
        short = name.rpartition(".")[2]
        value = np.ravel(np.asarray(parts.get(short, np.nan), dtype=np.float64))
        if not tensor.wrong or value.size != tensor.size or np.isnan(value).any():
            continue
        v = value[tensor.flat]
        with np.errstate(all="ignore"):
            for words, slope in PARAMETRISATIONS:
                if np.allclose(tensor.claims, slope(v) * tensor.estimates, rtol=ALIKE, atol=0):
                    said.append(
                        f"{name}: it is the derivative with respect to {words.format(short)}: right for that "
                        "parametrisation"
                    )
                    break
    return replace(report, diagnosis=(*said, *report.diagnosis)) if said else report


PARAMETRISATIONS: tuple[tuple[str, Callable[[Any], Any]], ...] = (  # u, and dv/du
    ("log({})", lambda v: v),
    ("exp({})", lambda v: np.exp(-v)),
    ("{}^2", lambda v: 1 / (2 * v)),
    ("the root of {}", lambda v: 2 * np.sqrt(v)),
    ("1/{}", lambda v: -(v**2)),
    ("1/{}^2", lambda v: -(v**3) / 2),
    ("logit({})", lambda v: v * (1 - v)),
)
