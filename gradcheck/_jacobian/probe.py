"""What are the outputs at a point? Each point is evaluated once, with the random generators pinned."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

import numpy as np

from gradcheck._measure.line import power_of_two
from gradcheck._model.ending import ends
from gradcheck._model.oracle import calling
from gradcheck._model.questions import Entries, Floats, Ints, Matrix
from gradcheck._model.rng import Pins
from gradcheck._model.tally import Spent, Tally
from gradcheck._results.errors import CallError
from gradcheck._results.middle import median

FUNCTION, GRADIENT = "the function", "the gradient function"
REMEMBERED = 20_000_000  # numbers of outputs that are kept
WINDOW, SIXTH, SPACING = 11, 6, 2.0**-20  # order of the differences: those of a smooth function vanish
WINDOWS = 2  # directions tried: along one, periodic noise may be in step with the spacing
COARSEST = 1e-6  # relative: at more rounding the steps would be no small ones
LOOKED = 2  # calls after which it is known whether they draw random numbers
CUBE_ROOT = 1 / 3  # of the rounding: where truncation h^2 and rounding eps/h of a central slope balance


class Probe:
    """Evaluates a function of many outputs, and remembers what it returned."""

    def __init__(self, matrix: Matrix, tally: Tally, rtol: float | None = None) -> None:
        """Know nothing yet; `rtol` is the smallest relative error that matters to the user."""
        self.matrix, self.tally, self.rtol = matrix, tally, rtol
        self.pins = Pins(matrix.f, matrix.claim, *matrix.reach)
        self.eps = matrix.eps  # relative rounding of the outputs, or their noise where that is more
        self.sigma: Floats | float = 0.0  # standard deviation of the noise of each output, where it was measured
        self.changing = ""  # what changed its input in place
        self.ended: CallError | None = None  # that time, memory or a device was gone: nothing more is called
        self._seen: dict[bytes, Floats] = {}
        self._kept = 0
        if matrix.first is not None:
            self._seen[matrix.here.tobytes()] = matrix.first
            tally.evaluations += 1

    def __call__(self, x: Floats) -> Floats:
        """Return the outputs at a point; raises CallError for whatever the function raises."""
        key = x.tobytes()
        if key not in self._seen:
            outputs = self.afresh(x)
            self._kept += outputs.size
            if self._kept > REMEMBERED:
                return outputs
            self._seen[key] = outputs
        return self._seen[key]

    def afresh(self, x: Floats) -> Floats:
        """Call the function, whatever is known."""
        self.tally.call()
        self.pins.pin()
        with self._calling(FUNCTION), np.errstate(all="ignore"):
            outputs = self.matrix.f(self._given(x))
        self._look(FUNCTION, x)
        if len(self._seen) < LOOKED:
            self.pins.notice()
        return outputs

    def tried(self, x: Floats) -> Floats:
        """Return the outputs at a point, nan where the function raises, which is counted."""
        try:
            return self(x)
        except CallError as error:  # outside its domain a function may raise anything
            self.tally.raised_by(error)
            return np.full(int(np.prod(self.matrix.outputs)), np.nan)

    def widen(self, claimed: Entries) -> None:
        """Take larger steps where the outputs are large, and so are rounded more, beside what moves them."""
        size = np.abs(claimed.values) * scales(self.matrix.here)[claimed.columns]
        moves = (size > 0) & np.isfinite(size)
        if moves.any():
            outputs = np.abs(self(self.matrix.here))[claimed.rows[moves]]
            self.eps = max(self.eps, min(self.eps * median(outputs / size[moves]), COARSEST))

    def claims(self, x: Floats) -> Entries:
        """Return what is claimed at a point."""
        self.tally.gradients += 1
        self.pins.pin()
        with self._calling(GRADIENT):
            claimed = self.matrix.claim(self._given(x))
        self._look(GRADIENT, x)
        return claimed

    @contextlib.contextmanager
    def _calling(self, what: str) -> Iterator[None]:
        """Raises CallError for what the user's code raises, and Spent from when on that says that time is up."""
        if self.ended is not None:
            raise Spent
        try:
            with calling(what):
                yield
        except CallError as error:
            if not ends(error):
                raise
            self.ended = error
            raise Spent from error

    def _given(self, x: Floats) -> Floats:
        self._handed = x.copy()
        return self._handed

    def _look(self, what: str, x: Floats) -> None:
        """Remember what changes its input in place: the next call gets another copy."""
        if not self.changing and not np.array_equal(self._handed, x, equal_nan=True):
            self.changing = what


def scales(x: Floats) -> Floats:
    """Return the natural step of each entry: its size, or that of a typical one."""
    size = np.abs(x)
    return np.maximum(size, median(size[size > 0]) if size.any() else 1.0)


def noise(probe: Probe, rng: np.random.Generator) -> Floats:
    """Measure the noise of every output along a random direction, by sixth differences of closely spaced values."""
    x = probe.matrix.here
    gain = math.factorial(SIXTH) ** 2 / math.factorial(2 * SIXTH)
    found = np.zeros(int(np.prod(probe.matrix.outputs)))
    for _ in range(WINDOWS):
        move = SPACING * scales(x) * rng.choice([-1.0, 1.0], x.shape) * rng.uniform(0.5, 1.0, x.shape)
        values = np.array([probe.tried(x + k * move) for k in range(WINDOW)])
        differences = np.diff(values, SIXTH, axis=0)
        found = np.fmax(found, np.sqrt(np.mean(differences**2, axis=0) * gain))
    return found


def steps(x: Floats, eps: float, which: Ints | None = None) -> Floats:
    """Return the step of each entry (or of some) at which two evaluations tell most of a smooth function."""
    sizes = scales(x) if which is None else scales(x)[which]
    return np.array([power_of_two(size * eps**CUBE_ROOT) for size in sizes])
