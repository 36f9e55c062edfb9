"""How does it look? The pictures of the story, by matplotlib, which nothing else here needs.

Signs are never told by colour alone: bars point up or down, and pixels bear a + or a -.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from gradcheck._explain.chapters import most_asked
from gradcheck._explain.example import TINY, WorkedExample
from gradcheck._results.report import Floats

BLUE, RED, GREY = "#0072b2", "#d55e00", "#767676"  # told apart by everybody (Okabe and Ito)
POINTS = 60  # of a curve


def draw(example: WorkedExample, name: str, path: Path) -> None:
    """Draw the picture of this name.

    Raises:
        ImportError: matplotlib is not installed.
    """
    from matplotlib import style  # noqa: PLC0415  an extra
    from matplotlib.figure import Figure  # noqa: PLC0415

    with style.context("default"):  # whatever the user's own style is
        figure = Figure(layout="constrained")
        PICTURES[name](example, figure)
        figure.savefig(path, dpi=100, metadata={"Software": None})


def _digit(example: WorkedExample, figure: Any) -> None:  # noqa: ANN401  (matplotlib has no types)
    figure.set_size_inches(7, 3)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.3))
    left.imshow(example.picture, cmap="gray_r", vmin=0, vmax=1)
    left.set(title=f"a {example.digit}, as it is shown", xticks=[], yticks=[])
    q, p = example.believed[example.n], example.wishes[-1].of_output[example.n]
    right.barh(range(10), q, color=[BLUE if k == example.digit else GREY for k in range(10)])
    for k in range(10):
        if abs(p[k]) >= 0.005:
            said = f"{'▲ raise' if p[k] > 0 else '▼ lower'} by {abs(p[k]):.2f}"
            right.text(q[k] + 0.02, k, said, va="center", color=BLUE if p[k] > 0 else RED)
    right.set(title="what it believes, how it should change", xlabel="share of belief", ylabel="digit")
    right.set(xlim=(0, 1.35), xticks=[0, 0.25, 0.5, 0.75, 1], yticks=range(10))
    right.invert_yaxis()
    right.spines[["top", "right"]].set_visible(False)


def _hidden(example: WorkedExample, figure: Any) -> None:  # noqa: ANN401
    figure.set_size_inches(7.5, 5)
    hidden, k = example.wishes[1], example.digit
    rows = {
        "its activation\n(what it says)": hidden.output[example.n],
        f"pull on its weight\nto output {k}": example.of_layer(2).W[:, k],
        "pull on the unit\n(all outputs)": hidden.of_output[example.n],
    }
    axes = figure.subplots(3, 1, sharex=True)
    for ax, (label, values) in zip(axes, rows.items(), strict=True):
        colours = [BLUE if value > 0 else RED for value in values] if ax is not axes[0] else GREY
        ax.bar(range(len(values)), values, color=colours)
        ax.axhline(0, color="black", linewidth=0.8)
        ax.set_ylabel(label)
        ax.spines[["top", "right", "bottom"]].set_visible(False)
        ax.margins(x=0.01)
    axes[0].set_title(f"What a {k} says to the hidden units: bars up should rise, bars down should fall")
    axes[2].set(xlabel="hidden unit", xticks=range(0, len(hidden.output[example.n]), 2))


def _weights(example: WorkedExample, figure: Any) -> None:  # noqa: ANN401
    figure.set_size_inches(8.5, 3)
    j = most_asked(example)
    images = {
        f"the weights of unit {j}": example.network.layers[0].W[:, j],  # type: ignore[attr-defined]
        f"how this {example.digit} pulls on them": example.of_layer(0).W[:, j],
        "how the mini-batch pulls": example.wishes[0].of_parameters.W[:, :, j].mean(axis=0),  # type: ignore[attr-defined]
    }
    for ax, (title, values) in zip(figure.subplots(1, 3), images.items(), strict=True):
        drawn = _signed(ax, values.reshape(8, 8))
        ax.set_title(title, fontsize=11)
        figure.colorbar(drawn, ax=ax, shrink=0.8)
    figure.supxlabel("8 by 8 pixels, one weight each; + positive (to raise), - negative (to lower)", fontsize=10)


def _signed(ax: Any, values: Floats) -> Any:  # noqa: ANN401
    """Draw numbers as pixels, orange below zero and purple above, with their signs where they are not small."""
    largest = float(np.abs(values).max()) or 1.0
    for (row, column), value in np.ndenumerate(values):
        if abs(value) > largest / 5:
            dark = abs(value) > 0.6 * largest
            sign = "+" if value > 0 else "-"
            ax.text(column, row, sign, ha="center", va="center", color="white" if dark else "black")
    ax.set(xticks=[], yticks=[])
    return ax.imshow(values, cmap="PuOr", vmin=-largest, vmax=largest)


def _pulls(example: WorkedExample, figure: Any) -> None:  # noqa: ANN401
    figure.set_size_inches(7, 4)
    ax = figure.subplots()
    norm, agreement = example.pull.norm, example.pull.agreement
    for n, digit in enumerate(example.labels):
        if norm[n] > 0:
            colour = BLUE if agreement[n] > 0 else RED
            ax.text(agreement[n], norm[n], str(digit), color=colour, ha="center", va="center", weight="bold")
    ax.plot(agreement[example.n], norm[example.n], "o", markersize=20, markerfacecolor="none", color="black")
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set(xlabel="cosine with the step of the mini-batch", ylabel="length of the pull", yscale="log", xlim=(-1, 1))
    ax.set_ylim(norm[norm > 0].min() / 2, norm.max() * 2)
    ax.set_title(f"Each picture by its digit, the {example.digit} of the story in a circle")
    for x, said in ((-0.5, "against the step"), (0.5, "with the step")):
        ax.text(x, 0.96, said, transform=ax.get_xaxis_transform(), ha="center", va="top", color=GREY)
    ax.spines[["top", "right"]].set_visible(False)


def _step(example: WorkedExample, figure: Any) -> None:  # noqa: ANN401
    figure.set_size_inches(7, 4)
    ax = figure.subplots()
    (tiny,) = example.steps([TINY])
    slope = tiny.promised / TINY
    rates = np.linspace(0, 1.3, POINTS) * (example.turn if np.isfinite(example.turn) else 1.0)
    kept = np.array([step.kept for step in example.steps(rates.tolist())])
    ax.plot(rates, kept, color=BLUE, linewidth=2.5, label="what the step really did")
    ax.plot(rates, slope * rates, "--", color=RED, label="what the gradient promised: -rate |g|²")
    ax.plot(rates, slope * rates + tiny.bend / 2 * rates**2, ":", color="black", label="promise and bend")
    ax.axhline(0, color="black", linewidth=0.8)
    low = float(kept.min())
    ax.set_ylim(2.2 * low, -1.2 * low)
    ax.set(xlabel="rate: how far the step goes", ylabel="change of the cost")
    ax.set_title("A small step keeps the promise, a large one breaks it")
    ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)


def _learning(example: WorkedExample, figure: Any) -> None:  # noqa: ANN401
    figure.set_size_inches(7.5, 3.2)
    left, right = figure.subplots(1, 2)
    history = example.history
    epochs = np.linspace(0, len(history.costs), len(history.train_costs) + 1)
    left.plot(range(len(history.costs)), history.costs, color=GREY, linewidth=0.6, label="of each mini-batch")
    left.plot(epochs, [example.first[0], *history.train_costs], "o-", color=BLUE, label="of all training pictures")
    left.set(title="The cost falls", xlabel="mini-batches", ylabel="cost", ylim=(0, None))
    right.plot(
        epochs, [100 * a for a in (example.first[1], *history.train_accuracy)], "o-", color=BLUE, label="training"
    )
    shares = [100 * a for a in (example.reads[0], *history.validation_accuracy)]
    right.plot(epochs, shares, "s--", color=RED, label="test")
    right.set(title="More is read", xlabel="mini-batches", ylabel="pictures read, %", ylim=(0, 100))
    for ax in (left, right):
        ax.legend(frameon=False)
        ax.spines[["top", "right"]].set_visible(False)


PICTURES: MappingProxyType[str, Callable[[WorkedExample, Any], None]] = MappingProxyType(
    {
        "digit": _digit,
        "hidden": _hidden,
        "weights": _weights,
        "pulls": _pulls,
        "step": _step,
        "learning": _learning,
    }
)
