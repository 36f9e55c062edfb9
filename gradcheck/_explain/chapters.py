"""What is there to tell? Chapter by chapter: a few words with the numbers in them, a table, a picture's name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gradcheck._explain.example import BATCH, TINY, WIDTHS, WorkedExample
from gradcheck._render.figures import count, index, number
from gradcheck._render.rows import Table
from gradcheck.networks import parameters

LISTED, ON_PAGE = 3, 8  # rows of a table that is a ranking: on the terminal, on the page
RATES = [0.01, 0.1, 0.5, 1.0, 2.0]
UP, DOWN = "raise", "lower"
SHADES = " ░▒▓█"  # white to black


class Chapter(NamedTuple):
    """A step of the story; the page adds a lesson to it."""

    title: str
    said: str
    table: Table | None = None
    listed: int = LISTED  # so many rows of it on the terminal
    beside: tuple[str, ...] = ()  # of the table, on the terminal: a picture for which letters will do
    pictures: tuple[tuple[str, str], ...] = ()  # (name, what is seen in it)


def story(example: WorkedExample) -> Iterator[Chapter]:
    """Yield the story in its order."""
    yield _predict(example)
    yield _compare(example)
    yield _go_back(example)
    yield _further_back(example)
    yield _sensitivity(example)
    yield _average(example)
    yield _change(example)
    yield _repeat(example)


def _predict(example: WorkedExample) -> Chapter:
    size = sum(array.size for array in parameters(example.network).values())
    q = example.believed[example.n]
    guess = int(q.argmax())
    verdict = "which it is" if guess == example.digit else f"but it is a {example.digit}"
    return Chapter(
        "Predict",
        f"{WIDTHS[0]} pixels, {WIDTHS[1]} tanh units, {WIDTHS[2]} outputs; {count(size)} weights and biases; it reads "
        f"{example.reads[1]:.1%} of the test pictures. Here is the {example.digit} that it is least sure of, in a "
        f"mini-batch of {BATCH}. It says {guess} with {q[guess]:.0%}, {verdict}.",
        pictures=(("digit", f"the {example.digit}, and how much the network believes in each digit"),),
    )


def _compare(example: WorkedExample) -> Chapter:
    q, p = example.believed[example.n], example.wishes[-1].of_output[example.n]
    cost = -np.log(q[example.digit])
    order = np.argsort(-np.abs(p), kind="stable")[:ON_PAGE]
    rows = tuple(
        (f"output {k}", number(q[k], 2), str(int(k == example.digit)), number(p[k], 2), UP if p[k] > 0 else DOWN)
        for k in order
    )
    return Chapter(
        "Compare",
        f"With the truth: the cost of this picture is -log {number(q[example.digit], 2)} = {number(cost, 2)}. "
        "Truth less belief is what each output is asked for:",
        Table(("", "believed", "truth", "pull", ""), ("left", "right", "right", "right", "left"), rows),
        listed=6,
        beside=tuple("".join(2 * SHADES[round(pixel * (len(SHADES) - 1))] for pixel in row) for row in example.picture),
    )


def _go_back(example: WorkedExample) -> Chapter:
    """Tell of the three ways to raise an output."""
    _, hidden, last = example.wishes
    k, n = example.digit, example.n
    h, p_h, p_W = hidden.output[n], hidden.of_output[n], example.of_layer(2).W[:, k]
    W = example.network.layers[2].W[:, k]  # type: ignore[attr-defined]
    order = np.argsort(-np.abs(p_W), kind="stable")[:ON_PAGE]
    rows = tuple(
        (f"unit {j}", *(number(a[j], 2) for a in (h, W, p_W)), UP if p_W[j] > 0 else DOWN, number(p_h[j], 2))
        for j in order
    )
    rising = int((p_W > 0).sum())
    return Chapter(
        "Go back",
        f"There are three ways to raise output {k}: its bias, by {number(last.of_output[n, k], 2)}; its "
        f"{WIDTHS[1]} weights, each by that times the activation it carries (so {rising} would rise, "
        f"{WIDTHS[1] - rising} fall); the activations, each by that times its weight, and as other outputs ask:",
        Table(
            ("", "activation", f"weight to {k}", "pull on the weight", "", "pull on the unit"),
            ("left", "right", "right", "right", "left", "right"),
            rows,
        ),
        pictures=(("hidden", f"of each hidden unit: activation, pull on its weight to output {k}, pull on itself"),),
    )


def _further_back(example: WorkedExample) -> Chapter:
    p_h, p_a = example.wishes[1].of_output[example.n], example.of_layer(0).b
    j = most_asked(example)
    rising = int((p_h > 0).sum())
    heard = int((example.x[example.n] > 0).sum())
    return Chapter(
        "Further",
        f"In all, {rising} hidden units should rise and {WIDTHS[1] - rising} fall, unit {j} most of all, to "
        f"{_way(p_a[j])}. So its bias is pulled by {number(p_a[j], 2)}, and its weight from each pixel by that times "
        f"the pixel: {heard} pixels are not white; the weights from the other {WIDTHS[0] - heard} are left alone.",
        pictures=(("weights", f"the weights of unit {j}, how this picture pulls on them, and how the mini-batch"),),
    )


def _way(p: float) -> str:
    return "rise" if p > 0 else "fall"


def most_asked(example: WorkedExample) -> int:
    """Return the hidden unit whose weights the example pulls hardest."""
    return int(np.abs(example.of_layer(0).b).argmax())


def _sensitivity(example: WorkedExample) -> Chapter:
    size = np.abs([felt.gradient for felt in example.felt])
    rows = tuple(
        (
            felt.path + index(felt.index),
            number(felt.value, 2),
            number(felt.gradient, 2),
            _from_to(felt.path, felt.index),
            DOWN if felt.gradient > 0 else UP,
        )
        for felt in example.felt[:ON_PAGE]
    )
    return Chapter(
        "Weigh",
        f"The cost of the mini-batch, {number(example.cost, 2)}, feels the first of these "
        f"{number(size[0] / np.median(size), 2)} times as strongly as the middle one of all {count(len(size))}, and "
        f"{count(int((size == 0).sum()))} not at all (from pixels white in all {BATCH}):",
        Table(("", "value", "gradient", "where", ""), ("left", "right", "right", "left", "left"), rows),
    )


def _from_to(path: str, place: tuple[int, ...]) -> str:
    begin, end = ("pixel", "unit") if path.startswith("layers[0]") else ("unit", "output")
    return f"{begin} {place[0]} to {end} {place[1]}" if len(place) == 2 else f"bias of {end} {place[0]}"


def _average(example: WorkedExample) -> Chapter:
    norm, agreement = example.pull.norm, example.pull.agreement
    step = float(np.mean(norm * agreement))
    others = [n for n in np.argsort(-norm, kind="stable").tolist() if n != example.n]
    rows = tuple(
        (
            f"picture {n}" + ", this one" * (n == example.n),
            str(example.labels[n]),
            number(example.believed[n, example.labels[n]], 2),
            number(norm[n], 2),
            f"{agreement[n]:.2f}",
        )
        for n in [example.n, *others[: ON_PAGE - 1]]
    )
    agree = int((agreement > 0).sum())
    return Chapter(
        "Average",
        f"Each picture pulls in its own way: {agree} of {BATCH} with the step that they take together, "
        f"{BATCH - agree} against it. The mean length of a pull is {number(norm.mean(), 2)}, the length of the mean "
        f"pull {number(step, 2)}: the rest cancels. This one, and those that pull hardest:",
        Table(
            ("", "is a", "believed", "length of its pull", "cosine with the step"),
            ("left", "right", "right", "right", "right"),
            rows,
        ),
        pictures=(("pulls", "the pull of each picture: how hard, and how far it agrees with the step"),),
    )


def _change(example: WorkedExample) -> Chapter:
    rows = tuple(
        (
            number(step.rate, 3),
            number(step.promised, 3),
            number(step.kept, 3),
            f"{step.kept / step.promised:.0%}",
            number(step.bend, 3),
        )
        for step in example.steps(RATES)
    )
    (tiny,) = example.steps([TINY])
    turn = f" up, and by that alone would rise from a rate of {number(example.turn, 2)} on:"
    return Chapter(
        "Change",
        "Every weight and bias moves against its gradient, by rate times as much. Were the cost straight, it would "
        f"fall by rate · |g|² = rate · {number(-tiny.promised / TINY, 3)}; but it bends"
        + (turn if np.isfinite(example.turn) else " down:"),
        Table(("rate", "promised", "real", "kept", "bend"), ("right",) * 5, rows),
        listed=len(RATES),
        pictures=(("step", "how the cost changes with the rate: as promised, with the bend, and really"),),
    )


def _repeat(example: WorkedExample) -> Chapter:
    history = example.history
    return Chapter(
        "Repeat",
        f"So it learned, from {len(history.costs)} mini-batches, {len(history.train_costs)} times all pictures. The "
        f"cost fell from {example.first[0]:.2f} to {history.train_costs[-1]:.2f}; it read {example.reads[0]:.0%} of "
        f"the test pictures before, {example.reads[1]:.0%} after.",
        pictures=(("learning", "cost and accuracy, from the first mini-batch to the last"),),
    )
