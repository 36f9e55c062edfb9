"""What is to be checked? A model with its inputs, or several such, each under a name."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sized
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcheck._cli.blame import show
from gradcheck._cli.marks import skipped
from gradcheck._cli.outcome import Refusal
from gradcheck._cli.recognise import is_case, is_recipe
from gradcheck._options import KEYWORDS

if TYPE_CHECKING:
    from gradcheck._cli.target import Found


class Named(NamedTuple):
    """What a user put among his cases."""

    name: str
    value: Any
    marks: Iterable[Any] = ()  # those of pytest


OBJECT = """\
The object in TARGET is one of:
  (model, *inputs)           the arguments of check_gradients
  (model, *inputs, {keyword: value}), or {"model": ..., "args": (...), keyword: value}
  a function                 without arguments, that returns one of these
  cases                      a list of these, or a dict with their names; or a generator function
                             that yields them, or pairs (name, case), or pytest.param(..., id=name,
                             marks=pytest.mark.skip)
Without `:object`, TARGET is searched for `cases`.
One of several is named as it is printed: layers.py:cases[swish]."""


class Request(NamedTuple):
    """One check to be made."""

    test: str  # the target, and the name of the case in brackets
    model: Any
    args: tuple[Any, ...]
    keywords: dict[str, Any]
    file: str = ""
    line: int = 0
    refusal: str = ""  # why it cannot be made


class Requests(NamedTuple):
    """All that a target names."""

    each: Iterable[Request]
    several: bool  # or one that stands alone
    total: int | None  # how many, if that can be known before


def cases(found: Found) -> Requests:
    """Return what a target names, or what it returns if it has to be called.

    Raises:
        Refusal: it is nothing that can be checked; what the user's own code raised has been shown.
    """
    value = _made(found)
    pairs = _pairs(value)
    if found.case:
        return Requests([_one(found, pairs)], several=False, total=1)
    if pairs is None:
        return Requests([_case(found, found.target, value)], several=False, total=1)
    return Requests(_each(found, pairs), several=True, total=len(value) if isinstance(value, Sized) else None)


def _made(found: Found) -> Any:  # noqa: ANN401  whatever the user wrote
    if not is_recipe(found.value):
        return found.value
    try:
        made = found.value()
    except (Exception, SystemExit) as error:
        show(error)
        msg = f"could not load {found.target}"
        raise Refusal(msg) from error
    if made is None:
        msg = f"{found.target} was called and returned None; let it return (model, *inputs)"
        raise Refusal(msg)
    return made


def _pairs(value: Any) -> Iterator[Named] | None:  # noqa: ANN401  whatever the user wrote
    """Return cases with their names, or None if it is one case that stands alone."""
    if isinstance(value, Mapping):
        named = "model" not in value and "args" not in value and all(map(is_case, value.values()))
        return iter([Named(str(name), case) for name, case in value.items()]) if named else None
    listed = isinstance(value, (list, tuple)) and all(map(is_case, value))
    if not listed and not isinstance(value, Iterator):
        return None
    return (_named(number, case) for number, case in enumerate(value))


def _named(number: int, case: Any) -> Named:  # noqa: ANN401  whatever the user yields
    if {"values", "marks", "id"} <= set(getattr(type(case), "_fields", ())):  # pytest.param
        alone = len(case.values) == 1 and is_case(case.values[0])
        return Named(str(case.id or number), case.values[0] if alone else tuple(case.values), case.marks)
    if isinstance(case, tuple) and len(case) == 2 and isinstance(case[0], str):
        return Named(*case)
    return Named(str(number), case)


def _one(found: Found, pairs: Iterator[Named] | None) -> Request:
    """Return the one case that is asked for by its name.

    Raises:
        Refusal: there is none of this name, or it is skipped.
    """
    if pairs is None:
        msg = f"{found.case!r} names nothing: {found.target} is one case; write {found.target}"
        raise Refusal(msg)
    names: list[str] = []
    for request in _each(found, pairs, found.case, names):
        return request
    from gradcheck._results.names import LISTED, few_of

    some = few_of(names, LISTED)
    msg = f"{found.case!r} is skipped" if found.case in names else f"{found.case!r} names nothing; there is {some}"
    raise Refusal(msg)


def _each(found: Found, pairs: Iterator[Named], only: str = "", names: list[str] | None = None) -> Iterator[Request]:
    """Yield the cases, or `only` that of a name; the names that were met are added to `names`."""
    done, seen = 0, Counter[str]()
    try:
        for named in pairs:
            seen[named.name] += 1
            again = f"-{seen[named.name]}" if seen[named.name] > 1 else ""
            test = f"{found.target}[{named.name}{again}]"
            if names is not None:
                names.append(test)
            if only and test != only:
                continue
            case = _case_or_refusal(found, test, named)
            if case is not None:
                yield case
            done += 1
    except (Exception, SystemExit) as error:  # noqa: BLE001  the user's code may raise anything
        show(error)
        why = f"{found.target} raised {type(error).__name__} after {done} case{'s' * (done != 1)}"
        yield Request(found.target, None, (), {}, found.file, found.line, why)


def _case_or_refusal(found: Found, test: str, named: Named) -> Request | None:
    """Return a case, or one that says why it cannot be checked, or None for a skipped one, after saying so."""
    try:
        why = skipped(named.marks)
        if why is None:
            return _case(found, test, named.value)
        print(f"gradcheck: {test}: skipped{f': {why}' if why else ''}", file=sys.stderr)
        return None  # noqa: TRY300
    except Refusal as refusal:
        return Request(test, None, (), {}, found.file, found.line, str(refusal))


def _case(found: Found, test: str, value: Any) -> Request:  # noqa: ANN401  whatever the user wrote
    """Split a case into model, arguments and keywords of `check_gradients`."""
    if isinstance(value, dict):
        keywords = dict(value)
        model, args = keywords.pop("model", None), keywords.pop("args", ())
        if model is None or not isinstance(args, (tuple, list)):
            msg = f"{test}: a dict needs the keys 'model' and, if there are any, 'args', a tuple"
            raise Refusal(msg)
    else:
        model, *args = value if isinstance(value, (tuple, list)) and value else (value,)
        last = args[-1] if args else None
        keywords = dict(args.pop()) if isinstance(last, dict) and _are_keywords(last) else {}
    return Request(test, model, tuple(args), keywords, found.file, found.line)


def _are_keywords(last: dict[Any, Any]) -> bool:
    """Return whether a dict holds keywords rather than data; a misspelt one is for check_gradients to refuse."""
    return any(k in KEYWORDS or callable(v) for k, v in last.items())
