"""What did a check find out? Tensors, problems, stages and the report: frozen data, no numerics."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from gradcheck._results.door import DOOR, Showable
from gradcheck._results.estimate import Entry, Rung, index_of
from gradcheck._results.verdict import Verdict, tallied

if TYPE_CHECKING:
    from os import PathLike


Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class TensorResult:
    """One tensor of a report: everything that was measured of it.

    These arrays have shape (n,), one element for each of the n checked entries:

    - `flat`: the index of the entry in the flattened tensor, in C order
    - `claims`, `estimates`, `uncertainties`: the claimed gradient, the measured slope, and its uncertainty
    - `lefts`, `rights`: the slopes from either side
    - `codes`: the verdict, as a number of `Verdict`
    """

    name: str  # as it is written in code: layers[0].W
    kind: str  # "weight", "bias", "input" or "parameter"
    shape: tuple[int, ...]  # of the tensor
    dtype: str  # as it was given
    flat: Ints  # the checked entries, by their index in C order
    claims: Floats  # the claimed gradient
    estimates: Floats  # the measured slope
    uncertainties: Floats  # of the measured slope
    lefts: Floats  # the slope from the left
    rights: Floats  # the slope from the right
    codes: NDArray[np.int8]  # numbers of `Verdict`
    rungs: Mapping[int, tuple[Rung, ...]] = field(default_factory=dict)  # flat index -> its ladder
    places: Mapping[int, str] = field(default_factory=dict)  # flat index -> another point, if not the given one
    points: Mapping[str, str] = field(default_factory=dict)  # another point -> its numbers, as they are told
    means: str = "one by one"  # how it was measured
    note: str = ""  # what is special about it
    resolution: float = math.nan  # the smallest relative error that would have been seen in any entry that was tested

    def __repr__(self) -> str:
        """One line: name, shape, verdict, and how many entries got which."""
        return f"<TensorResult {self.name!r} {self.shape}: {self.verdict}{tallied(self.counts)}>"

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
        return Counter({Verdict(c): n for c, n in enumerate(np.bincount(self.codes).tolist()) if n})

    @property
    def wrong(self) -> int:
        """The number of wrong entries."""
        return self.counts[Verdict.WRONG]

    @cached_property
    def verdict(self) -> Verdict:
        """The worst verdict of its entries; untested entries count only where nothing was tested.

        Where none was measured by itself, directions through all of them have agreed if an error would have been seen.
        """
        tested = [v for v in self.counts if v is not Verdict.UNTESTED]
        agreed = not self.checked and math.isfinite(self.resolution)
        return max(tested, default=Verdict.CORRECT if agreed else Verdict.UNTESTED)

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
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            distance = np.abs(self.claims - self.estimates)
            distance[~np.isfinite(distance)] = np.inf
            distance[self.claims == self.estimates] = 0.0
            multiple = distance / self.uncertainties
        multiple[distance == 0] = 0.0
        return np.where(np.isnan(multiple), np.inf, multiple)

    def index(self, position: int) -> tuple[int, ...]:
        """The multi-index of the checked entry at a position of the columns."""
        return index_of(int(self.flat[position]), self.shape)

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
    """A layer of a network, recorded in place and checked alone."""

    name: str  # as a path, and its kind: "layers[2] (Dense)"
    verdict: Verdict | None = None  # on the layer alone; None where it was not looked at
    sentence: str = ""  # what is the matter with it

    @property
    def path(self) -> str:
        """The path that the names of its tensors begin with: "layers[2]"."""
        return self.name.partition(" (")[0]


@dataclass(frozen=True, eq=False, repr=False)
class Report(Showable):
    """The result of one check. `print` shows it as tables, a notebook as a page, `save` writes it to a file.

    `bool(report)` raises, since undecided is neither true nor false: ask `report.verdict`.
    """

    SCHEMA: ClassVar[int] = 2

    name: str  # of the function or model
    seed: int  # of the random cotangents, directions and samples
    tensors: Mapping[str, TensorResult]  # by name, the worst verdict first
    problems: tuple[Problem, ...] = ()  # what is wrong beside single entries
    diagnosis: tuple[str, ...] = ()  # the probable mistake, in sentences
    power: tuple[str, ...] = ()  # mistakes that this check would have missed
    notes: tuple[str, ...] = ()  # what was left out, promoted or restricted
    evaluations: int = 0  # calls of the function
    gradients: int = 0  # calls of its gradient
    spent: Mapping[str, int] = field(default_factory=dict)  # what the evaluations were made for -> how many of them
    environment: Mapping[str, str] = field(default_factory=dict)  # versions of Python and packages
    stages: tuple[Stage, ...] = ()  # the layers of a network that is wrong, in the order in which it calls them

    def __repr__(self) -> str:
        """One line: name, verdict, how many entries got which, seed; `print` shows the table."""
        problems = f", {len(self.problems)} problem{'s' * (len(self.problems) > 1)}" if self.problems else ""
        return f"<Report {self.name!r}: {self.verdict}{tallied(self.counts)}{problems}, seed {self.seed}>"

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

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Report:
        """Read a report back from the JSON that `save` wrote.

        Raises ValueError if the file is not such a report.
        """
        found = DOOR.open().load(path)
        if isinstance(found, cls):
            return found
        msg = f"{str(path)!r} holds a whole run; write Run.load({str(path)!r}).checks[0].report"
        raise ValueError(msg)


class Assured(Report):
    """A report that passes, as returned by an assertion: it is true."""

    def __bool__(self) -> bool:  # type: ignore[override]
        """Return True: it passes."""
        return True

    @classmethod
    def of(cls, report: Report) -> Assured:
        """Return the same report, which passes."""
        return cls(**{f.name: getattr(report, f.name) for f in fields(report)})
