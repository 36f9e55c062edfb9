"""How do the pictures of docs/tutorial come about? `python docs/tutorial.py` draws them again; it needs matplotlib.

Those of the handwritten digits are drawn by what draws them for `gradcheck explain --digit 2`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from gradcheck._explain.example import learned
from gradcheck._explain.pictures import BLUE, GREY, PICTURES, RED, draw

FOLDER = Path(__file__).with_name("tutorial")
DIGIT, SEED = 2, 0
X, TRUTH, START, RATE, STEPS = 2.0, 3.0, 0.5, 0.1, 4  # those of tutorial/one_weight.py


def main(folder: Path) -> None:
    """Write every picture."""
    one_weight(folder / "one_weight.png")
    example = learned(DIGIT, SEED)
    for name in PICTURES:
        draw(example, name, folder / f"{name}.png")


def one_weight(path: Path) -> None:
    """Draw the cost of a model with one weight, its slope where it starts, and the steps that it takes."""
    from matplotlib import style  # noqa: PLC0415  an extra
    from matplotlib.figure import Figure  # noqa: PLC0415

    with style.context("default"):
        figure = Figure(figsize=(7, 3.6), layout="constrained")
        _curve(figure.subplots())
        figure.savefig(path, dpi=100, metadata={"Software": None})


def _curve(ax: Any) -> None:  # noqa: ANN401  (matplotlib has no types)
    w = np.linspace(0.2, 2.6, 100)
    ax.plot(w, _cost(w), color=GREY, linewidth=2.5, label="the cost, (w x - truth)² / 2")
    near = np.array([START - 0.15, START + 0.35])
    ax.plot(near, _cost(START) + _slope(START) * (near - START), "--", color=RED, label="its slope at w = 0.5")
    visited = [START]
    for _ in range(STEPS):
        visited.append(visited[-1] - RATE * _slope(visited[-1]))
    ax.plot(visited, [_cost(v) for v in visited], "o-", color=BLUE, label="four steps of 0.1 times the slope")
    ax.set(xlabel="the weight w", ylabel="cost", title="Each step goes against the slope, by as much as it is steep")
    ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)


def _cost(w: Any) -> Any:  # noqa: ANN401  a number, or an array of them
    return (w * X - TRUTH) ** 2 / 2


def _slope(w: float) -> float:
    return (w * X - TRUTH) * X


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
