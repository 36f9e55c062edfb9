"""Which planted faults are found, and by whom? A table with a row for each fault of the registry, generated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tabulate import tabulate
from tqdm import tqdm

from gradcheck import Verdict, check_gradients
from gradcheck.networks import FAULTS, SPECIMENS, Fault, parameters, rebuild

Array = NDArray[Any]
Gradient = dict[str, Array]

OURS = "check_gradients"
ACCUSES = (Verdict.WRONG, Verdict.BROKEN)
ELEMENT_STEP, ELEMENT_LIMIT = 1e-6, 1e-5
NORM_STEP, NORM_LIMIT = 1e-5, 1e-7

HEADER = f"""# Planted faults, and who finds them

Every row is one mistake in the backward of one layer, planted in a small network that is right otherwise: the
*specimen* of its kind of layer, in `networks/faults/specimens.py`. The faults are in `networks/faults/`. Each was put
to three checkers, and so was its *clean twin*, the same network without the fault, which none should accuse.

- `check_gradients` at its default settings; it finds what it calls `WRONG` or `BROKEN`.
- *element by element*: central differences with a step of {ELEMENT_STEP:g}; an entry is wrong if claim and difference
  are more than {ELEMENT_LIMIT:g} of the larger of them apart.
- *ratio of norms*: central differences with a step of {NORM_STEP:g}; the whole gradient is wrong if
  ‖a - n‖ / (‖a‖ + ‖n‖) is above {NORM_LIMIT:g}.

The last two look at the given point only, with one random cotangent, and say nothing about a cause. The faults were
chosen by us, and the specimens so that they show; the totals do not say how often a checker errs in daily work. Points
at which the right gradient has entries that are tiny, or zero but for rounding, are common in practice, and here too.
"""


@dataclass(frozen=True)
class FaultRow:
    """One fault: by which checkers it was found, which of them accused its clean twin, and what it was taken for."""

    fault: Fault
    found: dict[str, bool]
    alarms: dict[str, bool]
    cause: str

    def cells(self) -> list[str]:
        """Return the row as the table shows it."""
        marks = [
            mark
            for checker, found in self.found.items()
            for mark in ("yes" if found else "**no**", "**yes**" if self.alarms[checker] else "no")
        ]
        return [f"`{self.fault.name}`", self.fault.kind.__name__, *marks, self.cause.replace("|", "\\|")]


@dataclass(frozen=True)
class AlongCotangent:
    """A network with its inputs, along one random cotangent: what a textbook's checker is told."""

    network: Any
    inputs: dict[str, Array]

    @property
    def point(self) -> Gradient:
        """Every parameter, and every input that has a derivative."""
        return parameters(self.network) | {n: x for n, x in self.inputs.items() if x.dtype.kind == "f"}

    def value(self, moved: Mapping[str, Array]) -> float:
        """Return the output along the cotangent, some arrays being replaced."""
        network = rebuild(self.network, {path: a for path, a in moved.items() if path not in self.inputs})
        *outputs, _ = network.forward(*(moved.get(name, x) for name, x in self.inputs.items()))
        return float(sum(np.sum(u * y) for u, y in zip(_cotangents(outputs), outputs, strict=True)))

    def claims(self) -> Gradient:
        """Return what the backward says."""
        *outputs, backward = self.network.forward(*self.inputs.values())
        *gradients, grad = backward(*_cotangents(outputs))
        inputs = dict(zip(self.inputs, gradients, strict=True))
        return parameters(grad) | {name: dx for name, dx in inputs.items() if dx is not None}

    def differences(self, step: float) -> Gradient:
        """Return the central difference in the place of every entry."""
        return {path: self._slopes(path, array, step) for path, array in self.point.items()}

    def _slopes(self, path: str, array: Array, step: float) -> Array:
        slopes = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            up, down = array.copy(), array.copy()
            up[index] += step
            down[index] -= step
            slopes[index] = (self.value({path: up}) - self.value({path: down})) / (2 * step)
        return slopes


def _cotangents(outputs: list[Any]) -> list[Any]:
    """Return a random direction among the outputs; of a cost, 1."""
    rng = np.random.default_rng(0)
    return [np.float64(1.0) if np.ndim(y) == 0 else rng.normal(size=np.shape(y)) for y in outputs]


@cache
def measured(kind: type, step: float) -> Gradient:
    """Return the differences on the specimen of a kind of layer: the same for every fault in it."""
    network, *inputs = SPECIMENS[kind]()
    return AlongCotangent(network, {f"input {i}": x for i, x in enumerate(inputs)}).differences(step)


def element_by_element(claims: Gradient, kind: type) -> bool:
    """Whether any entry is far from its difference, by its own size."""
    return any(
        np.any(np.abs(claims[path] - n) > ELEMENT_LIMIT * np.maximum(np.abs(claims[path]), np.abs(n)))
        for path, n in measured(kind, ELEMENT_STEP).items()
    )


def ratio_of_norms(claims: Gradient, kind: type) -> bool:
    """Whether the whole gradient is far from the differences, by their size."""
    n = measured(kind, NORM_STEP)
    a_flat, n_flat = (np.concatenate([np.ravel(gradient[path]) for path in n]) for gradient in (claims, n))
    return bool(np.linalg.norm(a_flat - n_flat) > NORM_LIMIT * (np.linalg.norm(a_flat) + np.linalg.norm(n_flat)))


TEXTBOOKS: dict[str, Callable[[Gradient, type], bool]] = {
    "element by element": element_by_element,
    "ratio of norms": ratio_of_norms,
}
CHECKERS = (OURS, *TEXTBOOKS)


def asked(kind: type, plant: Callable[[Any], Any] = lambda network: network) -> tuple[dict[str, bool], str]:
    """Return which checkers accuse the specimen of a kind, as it is or with a fault, and the cause that ours names."""
    network, *inputs = SPECIMENS[kind]()
    report = check_gradients(plant(network), *inputs)
    claims = AlongCotangent(plant(network), {f"input {i}": x for i, x in enumerate(inputs)}).claims()
    textbooks = {name: accuses(claims, kind) for name, accuses in TEXTBOOKS.items()}
    cause = report.diagnosis[0] if report.diagnosis else ""
    return {OURS: report.verdict in ACCUSES, **textbooks}, cause


@cache
def alarms(kind: type) -> dict[str, bool]:
    """Return which checkers accuse the clean twin."""
    return asked(kind)[0]


def ask_all(faults: list[Fault]) -> Iterator[FaultRow]:
    """Put every fault to every checker."""
    for fault in tqdm(faults, unit="fault", disable=None):
        found, cause = asked(fault.kind, fault.apply)
        yield FaultRow(fault, found, alarms(fault.kind), cause)


def totals(rows: list[FaultRow]) -> list[list[str]]:
    """Count, for each checker, what it found and which clean twins it accused."""
    kinds = {row.fault.kind: row.alarms for row in rows}
    return [
        [
            name,
            f"{sum(row.found[name] for row in rows)} of {len(rows)}",
            f"{sum(alarm[name] for alarm in kinds.values())} of {len(kinds)}",
        ]
        for name in CHECKERS
    ]


def page(rows: list[FaultRow]) -> str:
    """Return the page: what was asked, the totals, and a row for each fault."""
    head = [
        "fault",
        "layer",
        *(f"{text} {name}" for name in CHECKERS for text in ("found by", "clean twin accused by")),
    ]
    return "\n".join(
        [
            HEADER,
            _table(totals(rows), ["checker", "faults found", "clean twins accused"]),
            "",
            _table([row.cells() for row in rows], [*head, "cause named"]),
            "",
        ]
    )


def _table(cells: list[list[str]], head: list[str]) -> str:
    return str(tabulate(cells, head, tablefmt="github", disable_numparse=True))


def main(output: Path | None, *, quick: bool = False) -> None:
    """Print the totals; write the page if there is a place for it. Quick: three faults only."""
    rows = list(ask_all(list(FAULTS.values())[: 3 if quick else None]))
    if output:
        output.write_text(page(rows), encoding="utf-8", newline="\n")
    print(_table(totals(rows), ["checker", "faults found", "clean twins accused"]))
