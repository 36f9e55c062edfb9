"""What is a result? Verdicts, estimates, entries, tensors and the report: frozen data, no numerics."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from os import PathLike

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Verdict(IntEnum):
    """What was found out, in the order of severity: the worst of several is their maximum."""

    CORRECT = 1
    KINK = 2
    UNTESTED = 3
    UNDECIDED = 4
    BROKEN = 5
    WRONG = 6

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        return _SENTENCES[self]

    def __str__(self) -> str:
        """The bare name, as it stands in every table."""
        return self.name


_SENTENCES: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.CORRECT: "the claim lies within the measured uncertainty, "
        "and the uncertainty is small enough to matter",
        Verdict.WRONG: "the claim lies outside the measured uncertainty by more than the tolerance",
        Verdict.KINK: "the function has no derivative here; "
        "the claim lies between the one-sided slopes, a legal subgradient",
        Verdict.UNDECIDED: "the function is too noisy, or too rough, to tell",
        Verdict.UNTESTED: "both sides are zero: nothing at this point exercises this entry",
        Verdict.BROKEN: "nothing to compare: it raised, is not finite, is not continuous, "
        "changes from call to call, or changes its own inputs",
    },
)


@dataclass(frozen=True)
class Rung:
    """One step of the ladder: the slopes measured with it, and what rounding does to them."""

    step: float
    left: float  # (f(0) - f(-h)) / h
    right: float  # (f(h) - f(0)) / h
    noise: float  # what the noise of f makes of the central slope

    @property
    def central(self) -> float:
        """(f(h) - f(-h)) / 2h, the mean of the two one-sided slopes."""
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Estimate:
    """A measured derivative: value ± uncertainty, with the evidence it rests on."""

    value: float
    uncertainty: float
    left: float  # the slopes on either side, equal within `uncertainty` unless there is a kink
    right: float
    kink: bool = False
    jump: bool = False  # both slopes diverge as the step shrinks: f is not continuous here
    flat: bool = False  # f did not move at all, at any step
    scale: float = 0.0  # the largest slope seen above the noise at any step
    rungs: tuple[Rung, ...] = ()
    best: int = 0  # the number of the rung that the value rests on, 0 being the coarsest
    last: int = -1  # the number of the finest rung
    evaluations: int = 0

    @property
    def first(self) -> int:
        """The number of the coarsest rung."""
        return self.last - len(self.rungs) + 1


@dataclass(frozen=True)
class Entry:
    """One entry of one tensor: what was claimed, what was measured, and the verdict."""

    tensor: str
    index: tuple[int, ...]
    claim: float
    estimate: float
    uncertainty: float
    left: float
    right: float
    verdict: Verdict
    rungs: tuple[Rung, ...] = ()
    where: str = "the given point"

    @property
    def name(self) -> str:
        """The entry as a user writes it: `W2[3,7]`, or `W2` where the tensor is a scalar."""
        return entry_name(self.tensor, self.index)

    @property
    def discrepancy(self) -> float:
        """|claim - estimate|; inf where the claim is not finite."""
        distance = abs(self.claim - self.estimate)
        return distance if math.isfinite(distance) else math.inf

    @property
    def multiple(self) -> float:
        """The discrepancy in units of the uncertainty (0/0 = 0)."""
        return _ratio(self.discrepancy, self.uncertainty)

    @property
    def relative(self) -> float:
        """The discrepancy relative to the larger of claim and estimate (0/0 = 0)."""
        return _ratio(self.discrepancy, max(abs(self.claim), abs(self.estimate)))


def entry_name(tensor: str, index: tuple[int, ...]) -> str:
    """`W2[3,7]`, or the bare name where the tensor is a scalar."""
    return f"{tensor}[{','.join(map(str, index))}]" if index else tensor


def _ratio(part: float, whole: float) -> float:
    if part == 0:
        return 0.0
    return part / whole if 0 < whole < math.inf else math.inf


@dataclass(frozen=True, eq=False)
class TensorResult:
    """One tensor: a row of the table, and the columns of everything measured in it.

    `flat`, `claims`, `estimates`, `uncertainties`, `lefts`, `rights` and `codes` have one element for each
    checked entry (flat index in C order; `codes` holds Verdict values).
    """

    name: str
    kind: str  # "weight", "bias", "input" or "parameter"
    shape: tuple[int, ...]
    dtype: str
    flat: Ints
    claims: Floats
    estimates: Floats
    uncertainties: Floats
    lefts: Floats
    rights: Floats
    codes: NDArray[np.int8]
    rungs: Mapping[int, tuple[Rung, ...]] = field(default_factory=dict)  # flat index -> its ladder
    places: Mapping[int, str] = field(default_factory=dict)  # flat index -> another point, if not the given one
    means: str = "one by one"  # how it was measured
    note: str = ""

    @property
    def size(self) -> int:
        """The number of entries, checked or not."""
        return math.prod(self.shape)

    @property
    def checked(self) -> int:
        """The number of entries that were measured."""
        return len(self.flat)

    @cached_property
    def counts(self) -> Mapping[Verdict, int]:
        """How many entries got which verdict."""
        return Counter(
            {Verdict(int(c)): int(n) for c, n in zip(*np.unique(self.codes, return_counts=True), strict=True)}
        )

    @property
    def wrong(self) -> int:
        """The number of wrong entries."""
        return self.counts[Verdict.WRONG]

    @cached_property
    def verdict(self) -> Verdict:
        """The worst verdict of its entries; untested entries count only where nothing was tested."""
        tested = [v for v in self.counts if v is not Verdict.UNTESTED]
        return max(tested, default=Verdict.UNTESTED)

    @cached_property
    def worst(self) -> Entry | None:
        """The entry of the worst verdict and, among those, the largest discrepancy; None if none was checked."""
        if not self.checked:
            return None
        return self.entry(int(np.lexsort((-self.multiples, -self._severity))[0]))

    @property
    def _severity(self) -> Ints:
        # An untested entry says nothing about a tensor of which others were tested.
        return np.where(self.codes == Verdict.UNTESTED, 0, self.codes).astype(np.int64)

    @cached_property
    def multiples(self) -> Floats:
        """The discrepancy of each checked entry in units of its uncertainty (0/0 = 0)."""
        distance = np.abs(self.claims - self.estimates)
        distance[~np.isfinite(distance)] = np.inf
        with np.errstate(divide="ignore", invalid="ignore"):
            multiple = distance / self.uncertainties
        multiple[distance == 0] = 0.0
        return np.where(np.isnan(multiple), np.inf, multiple)

    def index(self, position: int) -> tuple[int, ...]:
        """The multi-index of the checked entry at a position of the columns."""
        return tuple(int(i) for i in np.unravel_index(int(self.flat[position]), self.shape))

    def entry(self, position: int) -> Entry:
        """The checked entry at a position of the columns."""
        flat = int(self.flat[position])
        return Entry(
            tensor=self.name,
            index=self.index(position),
            claim=float(self.claims[position]),
            estimate=float(self.estimates[position]),
            uncertainty=float(self.uncertainties[position]),
            left=float(self.lefts[position]),
            right=float(self.rights[position]),
            verdict=Verdict(int(self.codes[position])),
            rungs=self.rungs.get(flat, ()),
            where=self.places.get(flat, "the given point"),
        )

    def entries(self, verdict: Verdict | None = None, most: int | None = None) -> tuple[Entry, ...]:
        """The checked entries (of one verdict, and no more than so many), the largest discrepancy first."""
        positions = np.arange(self.checked) if verdict is None else np.flatnonzero(self.codes == verdict)
        order = np.argsort(-self.multiples[positions], kind="stable")[:most]
        return tuple(self.entry(int(k)) for k in positions[order])


@dataclass(frozen=True)
class Problem:
    """A breach of the protocol: what broke, in a sentence that names the cause."""

    verdict: Verdict
    sentence: str
    tensor: str = ""


@dataclass(frozen=True)
class Stage:
    """A layer of a network, met where it stands and taken alone."""

    name: str  # as a path, and its kind: "layers[2] (Dense)"
    verdict: Verdict | None = None  # on the layer alone; None where it was not looked at
    sentence: str = ""  # what is the matter with it

    @property
    def path(self) -> str:
        """The path that the names of its tensors begin with: "layers[2]"."""
        return self.name.partition(" (")[0]


@dataclass(frozen=True, eq=False)
class Report:
    """Everything that one check found out; rendered by `print`, `save` and the plugin.

    It has no truth value: undecided is not False. Ask `report.verdict`.
    """

    SCHEMA: ClassVar[int] = 2

    name: str
    seed: int
    tensors: Mapping[str, TensorResult]
    problems: tuple[Problem, ...] = ()
    diagnosis: tuple[str, ...] = ()
    power: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # what was left out, promoted or restricted
    evaluations: int = 0
    gradients: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    stages: tuple[Stage, ...] = ()  # the layers of a network that is wrong, in the order in which it calls them

    @cached_property
    def verdict(self) -> Verdict:
        """The worst verdict of all tensors and problems."""
        found = [t.verdict for t in self.tensors.values()] + [p.verdict for p in self.problems]
        return max(found, default=Verdict.UNTESTED)

    @property
    def checked(self) -> int:
        """The number of entries that were measured."""
        return sum(t.checked for t in self.tensors.values())

    @cached_property
    def counts(self) -> Mapping[Verdict, int]:
        """How many entries, of all tensors, got which verdict."""
        total: Counter[Verdict] = Counter()
        for tensor in self.tensors.values():
            total.update(tensor.counts)
        return total

    @cached_property
    def wrong(self) -> tuple[Entry, ...]:
        """The wrong entries of all tensors, the largest discrepancy first within each."""
        return tuple(e for t in self.tensors.values() if t.wrong for e in t.entries(Verdict.WRONG))

    def __bool__(self) -> NoReturn:  # noqa: PLE0304  it never returns
        """Refuse: six verdicts do not fit into two truth values."""
        no_truth_value("Report", "report")

    def __str__(self) -> str:
        """The table, worst first: as wide as the terminal."""
        from gradcheck.render import shown  # noqa: PLC0415  the door to the pictures, opened only when looked at

        return shown(self)

    def _repr_html_(self) -> str:
        from gradcheck.render import html  # noqa: PLC0415

        return html.fragment(self)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the report; the suffix chooses the form: .html .md .json .csv .txt.

        Raises ValueError for any other suffix.
        """
        from gradcheck.render import save  # noqa: PLC0415

        save(self, path)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Report:
        """Read a report back from the JSON that `save` wrote.

        Raises ValueError if the file is not such a report.
        """
        from gradcheck.render import load  # noqa: PLC0415

        found = load(path)
        if isinstance(found, cls):
            return found
        msg = f"{str(path)!r} holds a whole run; write Run.load({str(path)!r}).checks[0].report"
        raise ValueError(msg)


def no_truth_value(kind: str, name: str) -> NoReturn:
    """Refuse to be true or false."""
    msg = (
        f"a {kind} has no truth value, since undecided is not False; "
        f"write `{name}.verdict is Verdict.CORRECT`, or call assert_gradients"
    )
    raise TypeError(msg)


class GradientError(AssertionError):
    """A gradient is wrong, or could not be checked; `.report` has all of it."""

    def __init__(self, message: str, report: Report | None = None) -> None:
        """Keep the report beside the message."""
        super().__init__(message)
        self.report = report

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive the way from a worker process to its controller."""
        return type(self), (str(self), self.report)


class WeightMismatch(GradientError):
    """The worst entry is that of a weight."""


class BiasMismatch(GradientError):
    """The worst entry is that of a bias."""


class InputMismatch(GradientError):
    """The worst entry is that of an input."""


class InputError(ValueError):
    """The call cannot be checked as written: what is wrong, where, and what to write instead."""


class UndecidedWarning(UserWarning):
    """Some entries could not be decided; the assertion says nothing about them."""


for _public in (GradientError, WeightMismatch, BiasMismatch, InputMismatch, InputError, UndecidedWarning):
    _public.__module__ = "gradcheck"  # where users import it from, and what a traceback should show
