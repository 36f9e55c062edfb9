"""What does a saved report say? JSON -> Report or Run, refusing whatever is neither."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import MISSING, fields
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from gradcheck._results.estimate import Rung
from gradcheck._results.report import Problem, Report, Stage, TensorResult
from gradcheck._results.run import Check, Run
from gradcheck._results.verdict import Verdict

T = TypeVar("T")
Reader = Callable[[Any, str], Any]  # (the JSON, its place in the file) -> the field

_NOT_FINITE = ("inf", "-inf", "nan")
_LARGEST = 2**63 - 1  # of the numbers that an array can count with
_AXES = 64  # of an array, at most


def parse(text: str) -> Report | Run:
    """Return the report, or the run, that the JSON holds, of this version or an older one.

    Raises ValueError if it holds something else: what, and where.
    """
    try:
        page = json.loads(text)
    except RecursionError:
        msg = "it is nested too deeply"
        raise ValueError(msg) from None
    if not isinstance(page, Mapping) or "schema" not in page:
        msg = "it has no key 'schema'"
        raise ValueError(msg)
    if page["schema"] not in range(1, Report.SCHEMA + 1):  # what an older one lacks has a default
        msg = f"its schema is {page['schema']!r}, this version of gradcheck reads 1 to {Report.SCHEMA}"
        raise ValueError(msg)
    if "checks" in page:
        return _record(Run)(page, "run")
    return _record(Report)(page, "report")


def _wrong(place: str, wanted: str, found: object) -> ValueError:
    return ValueError(f"{place} should be {wanted}, not {found!r:.40}")


def _text(value: Any, place: str) -> str:  # noqa: ANN401  JSON
    if not isinstance(value, str):
        raise _wrong(place, "a string", value)
    return value


def _integer(value: Any, place: str) -> int:  # noqa: ANN401  JSON
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong(place, "a whole number", value)
    if value > _LARGEST:
        raise _wrong(place, f"at most {_LARGEST}", value)
    return value


def _real(value: Any, place: str) -> float:  # noqa: ANN401  JSON
    if value in _NOT_FINITE or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        with suppress(OverflowError):  # of a whole number
            return float(value)
    raise _wrong(place, 'a number, "inf", "-inf" or "nan"', value)


def _step(value: Any, place: str) -> float:  # noqa: ANN401  JSON
    step = _real(value, place)
    if not 0 < step < math.inf:
        raise _wrong(place, "a number above 0, and finite", value)
    return step


def _verdict(value: Any, place: str) -> Verdict:  # noqa: ANN401  JSON
    if not isinstance(value, str) or value not in Verdict.__members__:
        raise _wrong(place, "a verdict", value)
    return Verdict[value]


def _or_nothing(read: Reader) -> Reader:
    """Return a reader of what may be null."""
    return lambda value, place: None if value is None else read(value, place)


def _each(read: Reader, make: Callable[[list[Any]], Any] = tuple) -> Reader:
    """Return a reader of lists."""

    def reader(value: Any, place: str) -> Any:  # noqa: ANN401  JSON
        if not isinstance(value, list):
            raise _wrong(place, "a list", value)
        return make([read(v, f"{place}[{n}]") for n, v in enumerate(value)])

    return reader


def _mapping(read: Reader, key: Callable[[str], Any] = str) -> Reader:
    """Return a reader of mappings."""

    def reader(value: Any, place: str) -> dict[Any, Any]:  # noqa: ANN401  JSON
        if not isinstance(value, dict):
            raise _wrong(place, "a mapping", value)
        if key is int and (words := [k for k in value if not k.isdecimal()]):
            raise _wrong(place, "mapping whole numbers", words[0])
        return {key(k): read(v, f"{place}[{k!r}]") for k, v in value.items()}

    return reader


def _record(kind: type[T]) -> Callable[[Any, str], T]:
    """Return a reader of a dataclass: each field by its own reader, or its default."""

    def reader(value: Any, place: str) -> T:  # noqa: ANN401  JSON
        if not isinstance(value, dict):
            raise _wrong(place, "a mapping", value)
        readers = _READERS[kind]
        required = [f for f in fields(kind) if f.default is f.default_factory is MISSING]  # type: ignore[arg-type]
        if missing := [f.name for f in required if f.name not in value]:
            msg = f"{place} lacks {', '.join(missing)}"
            raise ValueError(msg)
        return kind(**{k: read(value[k], f"{place}.{k}") for k, read in readers.items() if k in value})

    return reader


def _column(dtype: type[np.generic]) -> Callable[[list[Any]], Any]:
    return lambda values: np.array(values, dtype=dtype)


def _tensor(value: Any, place: str) -> TensorResult:  # noqa: ANN401  JSON
    tensor = _record(TensorResult)(value, place)
    if len(tensor.shape) > _AXES:
        raise _wrong(place, f"of {_AXES} axes at most", list(tensor.shape))
    if tensor.size > _LARGEST:
        raise _wrong(place, f"of {_LARGEST} entries at most", list(tensor.shape))
    for name in ("claims", "estimates", "uncertainties", "lefts", "rights", "codes"):
        column = getattr(tensor, name)
        if len(column) != tensor.checked:
            raise _wrong(place, f"as long in {name!r} as in 'flat'", column.tolist())
    if tensor.checked and tensor.flat.max() >= tensor.size:
        raise _wrong(place, f"below {tensor.size} in 'flat'", int(tensor.flat.max()))
    return tensor


def _tensors(value: Any, place: str) -> Mapping[str, TensorResult]:  # noqa: ANN401  JSON
    return {tensor.name: tensor for tensor in _each(_tensor)(value, place)}


_texts = _each(_text)
_reals = _each(_real, _column(np.float64))

_READERS: Mapping[type[Any], Mapping[str, Reader]] = MappingProxyType(
    {
        Report: {
            "name": _text,
            "seed": _integer,
            "tensors": _tensors,
            "problems": _each(_record(Problem)),
            "diagnosis": _texts,
            "power": _texts,
            "notes": _texts,
            "evaluations": _integer,
            "gradients": _integer,
            "spent": _mapping(_integer),
            "environment": _mapping(_text),
            "stages": _each(_record(Stage)),
        },
        TensorResult: {
            "name": _text,
            "kind": _text,
            "shape": _each(_integer),
            "dtype": _text,
            "flat": _each(_integer, _column(np.int64)),
            "claims": _reals,
            "estimates": _reals,
            "uncertainties": _reals,
            "lefts": _reals,
            "rights": _reals,
            "codes": _each(_verdict, _column(np.int8)),
            "rungs": _mapping(_each(_record(Rung)), int),
            "places": _mapping(_text, int),
            "points": _mapping(_text),
            "means": _text,
            "note": _text,
            "resolution": _real,
        },
        Rung: {"step": _step, "left": _real, "right": _real, "noise": _real},
        Problem: {"verdict": _verdict, "sentence": _text, "tensor": _text},
        Stage: {"name": _text, "verdict": _or_nothing(_verdict), "sentence": _text},
        Run: {"checks": _each(_record(Check)), "title": _text},
        Check: {
            "report": _record(Report),
            "test": _text,
            "file": _text,
            "line": _integer,
            "times": _integer,
            "case": _text,
        },
    },
)
