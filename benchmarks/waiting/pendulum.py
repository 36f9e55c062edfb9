"""What is a differential equation with two parameters, and its adjoint by hand? A pendulum with friction, by RK4."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.questions import Array

STEP = 0.08
START = (1.2, 0.0)  # angle and speed
STAGES = (0.0, 0.5, 0.5, 1.0)  # how far each goes along the slope of the one before, in steps
WEIGHTS = (1 / 6, 1 / 3, 1 / 3, 1 / 6)


@dataclass(frozen=True)
class Pendulum:
    """The angle over time: x'' = -p₀ sin x - p₁ x'; how far it is from what was seen, and the gradient of that."""

    seen: Array  # (T,)
    factor: float = 1.0  # of the second gradient, which is right if this is 1

    def loss(self, p: Array) -> float:
        """Half the squared distance of all angles."""
        return 0.5 * float(np.sum((self._solved(p)[1:, 0] - self.seen) ** 2))

    def grad(self, p: Array) -> Array:
        """Go back through every stage of every step."""
        path = self._solved(p)
        pull, dp = np.zeros(2), np.zeros(2)
        for k in range(len(self.seen), 0, -1):
            pull = pull + np.array([path[k, 0] - self.seen[k - 1], 0.0])
            pull, share = _back(path[k - 1], p, pull)
            dp += share
        scale: Array = np.array([1.0, self.factor])
        return scale * dp

    def _solved(self, p: Array) -> Array:
        path = [np.array(START)]
        for _ in self.seen:
            points = zip(WEIGHTS, _points(path[-1], p), strict=True)
            path.append(path[-1] + STEP * sum(weight * _slope(y, p) for weight, y in points))
        return np.array(path)


def pendulum(factor: float = 1.0, steps: int = 25) -> tuple[Pendulum, Array]:
    """Return the equation, and its two parameters."""
    seen = np.cos(STEP * np.arange(1, steps + 1)) + 0.1 * np.random.default_rng(0).normal(size=steps)
    return Pendulum(seen, factor), np.array([1.3, 0.4])


def _slope(y: Array, p: Array) -> Array:
    return np.array([y[1], -p[0] * np.sin(y[0]) - p[1] * y[1]])


def _points(y: Array, p: Array) -> list[Array]:
    """Return where the four stages of a step take the slope."""
    points = [y]
    for stage in STAGES[1:]:
        points.append(y + stage * STEP * _slope(points[-1], p))
    return points


def _back(y: Array, p: Array, pull: Array) -> tuple[Array, Array]:
    """Return the pull on the beginning of a step, and the share of the parameters, from the pull on its end."""
    points, dp, below, later = _points(y, p), np.zeros(2), pull.copy(), np.zeros(2)
    for k in (3, 2, 1, 0):
        dk = WEIGHTS[k] * STEP * pull + later
        angle, speed = points[k]
        dp += dk[1] * np.array([-np.sin(angle), -speed])
        dy = np.array([-p[0] * np.cos(angle) * dk[1], dk[0] - p[1] * dk[1]])
        below += dy
        later = STAGES[k] * STEP * dy
    return below, dp
