"""How is a check to be made? Every keyword of a call: its name, default, meaning and valid values.

The same table serves code, the marker, the ini file, the options of the plugin and those of the command; every pytest
session and every `--help` reads it, so nothing heavy is imported here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from numbers import Integral, Real
from types import MappingProxyType, NoneType
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from gradcheck._results.errors import InputError

if TYPE_CHECKING:
    from gradcheck._judge.tolerance import Slack

Signed = TypeVar("Signed", bound=Callable[..., Any])


@dataclass(frozen=True)
class Keyword:
    """What there is to know of a keyword beside its name, type and default."""

    about: str = ""  # what it means, in a line
    instead: str = ""  # of what does not fit, in code
    typed: str = ""  # likewise on a command line, or in an ini file
    fits: Callable[[Any], bool] = lambda _: True
    parse: Callable[[str], Any] = str  # of what was typed; what it cannot read does not fit
    choices: tuple[Any, ...] = ()  # all that fit, where they can be listed
    default: Any = None

    @property
    def help(self) -> str:
        """What it means, and what holds where nothing is said."""
        return self.about if self.default is None else f"{self.about}; default: {self.default}"


def _is_int(value: object, least: int) -> bool:
    return not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= least


def _is_word(value: object, *words: str) -> bool:
    return isinstance(value, str) and value in words


def _is_share(value: object) -> bool:
    return value is None or (isinstance(value, Real) and 0 < float(value) < 1)


def _can_work(value: object) -> bool:
    return value is None or _is_int(value, 1) or _is_word(value, "joblib") or hasattr(value, "map")


def _are_words(value: object) -> bool:
    """Return whether a value is None, a word, or several words; an iterator is not consumed to find out."""
    if value is None or isinstance(value, str):
        return True
    return isinstance(value, Iterable) and (not isinstance(value, Collection) or all(isinstance(w, str) for w in value))


def _are_named(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(name, str) for name in value)


def _whole(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _decimal(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _told(about: str, **more: Any) -> Mapping[str, Keyword]:  # noqa: ANN401  those of Keyword
    return {"keyword": Keyword(about, **more)}


@dataclass(frozen=True, kw_only=True)
class Options:
    """The keywords of a call; raises InputError for an invalid value, which would otherwise pass silently."""

    grad: Callable[..., Any] | None = field(
        default=None, metadata=_told("gradient of a function with one output: grad(*args)")
    )
    vjp: Callable[..., Any] | None = field(default=None, metadata=_told("pullback: vjp(*args, cotangent)"))
    jvp: Callable[..., Any] | bool | None = field(
        default=None, metadata=_told("pushforward: jvp(*args, *tangents); True: forward mode of the framework")
    )
    value_and_grad: bool = field(default=False, metadata=_told("the function returns (value, gradient)"))
    jac: Any = field(
        default=None,
        metadata=_told(
            "Jacobian of a function with many outputs: dense, sparse, LinearOperator, (rows, columns, values)"
        ),
    )
    hess: Any = field(default=None, metadata=_told("Hessian of a function with one output, compared with its grad="))
    hessp: Any = field(default=None, metadata=_told("Hessian times a vector: hessp(*args, p)"))
    adjoint: Any = field(default=None, metadata=_told("adjoint of a linear operator"))
    forces: Any = field(default=None, metadata=_told("minus the gradient of an energy"))
    inner: Any = field(
        default=None,
        metadata=_told(
            "inner product in which the gradient represents the derivative: M, or a function that applies it"
        ),
    )
    retract: Any = field(
        default=None,
        metadata=_told("how a point moves on its manifold: retract(x, v), or a pymanopt manifold"),
    )
    along: Any = field(
        default=None,
        metadata=_told("check along this direction only, or a 'random' one: few evaluations, and a Taylor test"),
    )
    names: Any = field(default=None, metadata=_told("names for the entries of one flat vector, or for slices of it"))
    loss: Any = field(default=None, metadata=_told("loss applied to the output of a layer or model"))
    args: Any = field(default=None, metadata=_told("further arguments of the function that are data: args=(X, y)"))
    wrt: str | Iterable[str] | None = field(
        default=None,
        metadata=_told(
            "check only tensors whose names match, such as 'layers[2]*'",
            instead="write a pattern of names such as 'W*', or a list of them; leave it out to check all",
            typed="a pattern",
            fits=_are_words,
        ),
    )
    seed: int = field(
        default=0,
        metadata=_told(
            "seed of the random cotangents, directions and samples",
            instead="write a non-negative integer",
            typed="a whole number, 0 or more",
            fits=lambda value: _is_int(value, 0),
            parse=_whole,
        ),
    )
    entries: str | int = field(
        default="auto",
        metadata=_told(
            "entries checked in each tensor: auto, all, directions or a number",
            instead="write 'auto', 'all', 'directions', or a positive number of entries per tensor",
            typed="auto, all, directions, or how many entries of each tensor",
            fits=lambda value: _is_word(value, "auto", "all", "directions") or _is_int(value, 1),
            parse=_whole,
        ),
    )
    neighbours: int = field(
        default=2,
        metadata=_told(
            "number of nearby points to screen as well",
            instead="write how many further points to screen, 0 for none",
            typed="a whole number, 0 or more",
            fits=lambda value: _is_int(value, 0),
            parse=_whole,
        ),
    )
    order: int = field(
        default=1,
        metadata=_told(
            "2: check the gradient of the gradient as well",
            instead="write 1 for the gradient, 2 for the gradient and the gradient of that",
            typed="1 or 2",
            fits=lambda value: _is_int(value, 1) and value in (1, 2),
            parse=_whole,
            choices=(1, 2),
        ),
    )
    precision: str = field(
        default="double",
        metadata=_told(
            "double: measure float32 code in float64; as-is: in its own precision",
            instead="write 'double' or 'as-is'",
            typed="double or as-is",
            fits=lambda value: _is_word(value, "double", "as-is"),
            choices=("double", "as-is"),
        ),
    )
    detached: str | Iterable[str] | None = field(
        default=None,
        metadata=_told(
            "names of outputs that are meant to carry no gradient",
            instead="write a pattern of names such as 'W*', or a list of them",
            fits=_are_words,
        ),
    )
    batched: bool = field(default=False, metadata=_told("check the gradients of many cotangents at once as well"))
    max_evaluations: int | None = field(
        default=None,
        metadata=_told(
            "limit on calls of the function, for the whole check",
            instead="write how many calls of the function the whole check may make, 1 or more; leave it out for as "
            "many as it takes",
            typed="how many calls of the function, 1 or more",
            fits=lambda value: value is None or _is_int(value, 1),
            parse=_whole,
        ),
    )
    rtol: float | None = field(
        default=None,
        metadata=_told(
            "the smallest relative error that matters",
            instead="the smallest relative error that matters lies between 0 and 1, such as 1e-4; "
            "leave it out to have it chosen from the dtype and the measured noise",
            typed="a number between 0 and 1, such as 1e-4",
            fits=_is_share,
            parse=_decimal,
        ),
    )
    workers: Any = field(
        default=None,
        metadata=_told(
            "number of processes, or joblib; ignored in a worker of pytest-xdist",
            instead="write how many processes, 'joblib', or an object with a method map, "
            "such as a concurrent.futures.Executor",
            typed="how many processes, or joblib",
            fits=_can_work,
            parse=_whole,
        ),
    )
    progress: bool | None = field(default=None, metadata=_told("progress bar on stderr; None: only in a terminal"))
    inputs: Mapping[str, Any] = field(
        default_factory=dict,
        metadata=_told(
            "the model's own keyword arguments",
            instead="write a dict, from the names of the model's own keyword arguments to their values",
            fits=_are_named,
        ),
    )
    slack: Slack | None = None  # not a keyword of a call: an error that a function of `compat` allows
    hasty: bool = False  # likewise: look along a few directions through everything, and do nothing more
    only: tuple[str, ...] = ()  # likewise: the tensors of a layer that are measured, where not all are

    def __post_init__(self) -> None:
        """Refuse what does not fit."""
        for name, keyword in KEYWORDS.items():
            value = getattr(self, name)
            if not keyword.fits(value):
                msg = f"{name}={value!r}: {keyword.instead}"
                raise InputError(msg)


KEYWORDS: Mapping[str, Keyword] = MappingProxyType(
    {f.name: replace(f.metadata["keyword"], default=f.default) for f in fields(Options) if "keyword" in f.metadata}
)


DEFAULTS: Mapping[str, Any] = MappingProxyType({name: getattr(Options(), name) for name in KEYWORDS})


class Keywords(TypedDict, total=False):
    """The keywords once more, for type checkers, which need them spelled out; a test compares the two."""

    grad: Callable[..., Any] | None
    vjp: Callable[..., Any] | None
    jvp: Callable[..., Any] | bool | None
    value_and_grad: bool
    jac: Any
    hess: Any
    hessp: Any
    adjoint: Any
    forces: Any
    inner: Any
    retract: Any
    along: Any
    names: Any
    loss: Any
    args: Any
    wrt: str | Iterable[str] | None
    seed: int
    entries: str | int
    neighbours: int
    order: int
    precision: str
    detached: str | Iterable[str] | None
    batched: bool
    max_evaluations: int | None
    rtol: float | None
    workers: Any
    progress: bool | None
    inputs: Mapping[str, Any]


def options(keywords: Mapping[str, Any]) -> Options:
    """Return the keywords of a call; further ones are the model's own inputs.

    Raises InputError for what does not fit, and for an input that is given twice.
    """
    own = {name: value for name, value in keywords.items() if name in KEYWORDS}
    further = {name: value for name, value in keywords.items() if name not in KEYWORDS}
    named = own.pop("inputs", None)
    if not isinstance(named, (Mapping, NoneType)):  # an input of this very name
        further, named = {**further, "inputs": named}, None
    for name in sorted(further.keys() & (named or {}).keys()):
        msg = f"{name}= is given twice, in inputs= and beside it; leave out one of them"
        raise InputError(msg)
    return Options(**own, inputs={**(named or {}), **further})


def typed(name: str, text: str) -> Any:  # noqa: ANN401  of the type of the keyword
    """Return the value of a keyword that was typed as text; raises ValueError, saying what to type, if invalid."""
    keyword = KEYWORDS[name]
    value = keyword.parse(text)
    if not keyword.fits(value):
        msg = f"write {keyword.typed}"
        raise ValueError(msg)
    return value


def signed(function: Signed) -> Signed:
    """Set the signature that help() and editors show: with all keywords and their defaults."""
    whole = inspect.signature(function)
    taken = [p for p in whole.parameters.values() if p.kind is not p.VAR_KEYWORD]
    taken = [p.replace(name="given") if p.kind is p.VAR_POSITIONAL else p for p in taken]  # args= is one of ours
    further = inspect.Parameter("further_inputs", inspect.Parameter.VAR_KEYWORD, annotation="Any")
    ours = [
        inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=DEFAULTS[f.name], annotation=f.type)
        for f in fields(Options)
        if f.name in KEYWORDS
    ]
    function.__signature__ = whole.replace(parameters=[*taken, *ours, further])  # type: ignore[attr-defined]
    return function
