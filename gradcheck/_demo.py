"""What is this for? A network learns to read digits; are the gradients of its backpropagation right?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from gradcheck import Check, Report, Run, Verdict, check_gradients
from gradcheck._render import markdown
from gradcheck._render.faces import render, save
from gradcheck._render.failure import failure_message
from gradcheck._render.figures import count, index, number
from gradcheck._render.rows import summary
from gradcheck._results.report import Floats, Ints
from gradcheck.networks import (
    FAULTS,
    Chain,
    Cost,
    CrossEntropy,
    Digits,
    Tanh,
    accuracy,
    load_digits,
    mlp,
    parameters,
    train,
)

WIDTHS = (64, 32, 10)
BATCH = 32
TARGET = 0.95  # of the test pictures
EPOCHS = 60  # far more than it takes
PLANTED = "forgotten_mean"


@dataclass(frozen=True)
class Findings:
    """What became of the network, and what the checks say of it."""

    steps: int  # mini-batches that it learnt from
    reads: str  # the share of the test pictures that it reads by then
    at_start: Report
    trained: Report
    planted: Report | None = None  # once a mistake was planted

    @property
    def reports(self) -> tuple[Report, ...]:
        """All that there are, in the order in which they are shown."""
        return (self.trained, self.at_start, *([] if self.planted is None else [self.planted]))


def demo(folder: Path, fault: str | None = None) -> bool:
    """Tell the story on stdout and write it to the folder; return whether a gradient is wrong.

    With a fault the network has that mistake in it from the beginning. Without, one is planted at the
    end, and not to find it would be wrong.

    Raises ValueError for a fault that there is not.
    """
    network = mlp(WIDTHS, Tanh(), np.random.default_rng(0))
    faulty = network if fault is None else _with(fault, network)
    print("A network learns to read handwritten digits. Is what backpropagation tells it true?\n")
    found = _learn(faulty, plant=fault is None)
    _write(folder, f"digits-{fault}" if fault else "digits", found)
    wrong = Verdict.WRONG in {found.at_start.verdict, found.trained.verdict}
    return wrong or (found.planted is not None and found.planted.verdict is not Verdict.WRONG)


def _with(fault: str, network: Chain) -> Chain:
    """Plant a fault; raises ValueError, and names those that fit, if there is none of that name or it does not."""
    fits = {}
    for name, known in FAULTS.items():
        with suppress(ValueError):  # of a kind of layer that the network has not
            fits[name] = known.apply(network)
    if fault not in fits:
        why = "fits this network" if fault in FAULTS else "is known"
        msg = f"no fault {fault!r} {why}; those that do fit are {', '.join(fits)}"
        raise ValueError(msg)
    return fits[fault]


def _learn(network: Chain, *, plant: bool) -> Findings:
    """Predict, compare, go backward, check; change, repeat; check again."""
    _first_look(network)
    at_start = _check(network, "digits, at the start")
    _say(
        4,
        "Check",
        "Is that so? Each is moved a little, up and down, and the cost computed again.",
        f"{at_start.verdict}: {summary(at_start)}.",
    )
    network, steps = _train(network)
    trained = _check(network, "digits, trained")
    _say(6, "Check", "Is what it is told still true?")
    print(f"\n{render(trained, 'text')}")
    planted = _planted(network) if plant else None
    shown = trained if planted is None else planted
    if shown.verdict is Verdict.WRONG:
        print(f"{failure_message(shown)}\n")
    return Findings(steps, _reads(network), at_start, trained, planted)


def _first_look(network: Chain) -> None:
    """Tell how a network predicts, is compared with the truth, and goes backward."""
    size = sum(array.size for array in parameters(network).values())
    _say(
        1,
        "Predict",
        f"{WIDTHS[0]} pixels, {WIDTHS[1]} tanh units, {WIDTHS[2]} digits; {count(size)} weights and biases, at random.",
        f"Of {len(_digits().y_test)} pictures it has never seen it reads {_reads(network)}.",
    )
    x, labels = _batch()
    cost, backward = Cost(network, CrossEntropy(labels)).forward(x)
    _say(2, "Compare", f"With the truth about a mini-batch of {BATCH} pictures: the cost is {cost:.3f}.")
    _say(
        3,
        "Go back",
        "From the output to the input: how does the cost feel each weight and bias?",
        f"Most of all {_strongest(backward()[1].network)}.",
    )


def _train(network: Chain) -> tuple[Chain, int]:
    """Change the network, mini-batch after mini-batch, until it reads well; a fault may prevent it."""
    data = _digits()
    try:
        network, history = train(
            network,
            data.x_train,
            data.y_train,
            epochs=EPOCHS,
            batch_size=BATCH,
            validation=(data.x_test, data.y_test),
            target_accuracy=TARGET,
        )
    except FloatingPointError as error:
        _say(5, "Change", "It learns nothing:", f"{error}.")
        return network, 0
    way = " ".join(f"{100 * share:.0f}" for share in history.validation_accuracy[:-1][:12])
    _say(
        5,
        "Change",
        f"Each moves as the cost asks, on average over {BATCH} pictures; then the next {BATCH}.",
        f"{len(history.costs)} mini-batches later it reads {_reads(network)} (on the way: {way}).",
    )
    return network, len(history.costs)


def _planted(network: Chain) -> Report:
    """Plant a mistake, and check again."""
    fault = FAULTS[PLANTED]
    _say(7, "Break it", f"A mistake is planted, {fault.name}:", f"{fault.sentence}.\n")
    return _check(fault.apply(network), f"digits, with {PLANTED}")


def _check(network: Chain, name: str) -> Report:
    x, labels = _batch()
    report = check_gradients(network, x, loss=CrossEntropy(labels), wrt=["layers*"])
    return replace(report, name=name)


@cache
def _digits() -> Digits:
    return load_digits()


def _batch() -> tuple[Floats, Ints]:
    data = _digits()
    return data.x_train[:BATCH], data.y_train[:BATCH]


def _reads(network: Chain) -> str:
    return f"{accuracy(network, _digits().x_test, _digits().y_test):.1%}"


def _strongest(grad: Chain) -> str:
    """Return the weight or bias to which the cost is most sensitive, and how much."""
    path, array = max(parameters(grad).items(), key=lambda item: float(np.abs(item[1]).max()))
    place = tuple(map(int, np.unravel_index(np.abs(array).argmax(), array.shape)))
    return f"{path}{index(place)}: {number(float(array[place]), 3)}"


def _say(step: int, title: str, head: str, *lines: str) -> None:
    print(f"{step}  {title:<9} {head}")
    for line in lines:
        print(f"{'':12} {line}")


def _write(folder: Path, name: str, found: Findings) -> None:
    """Write the page, the same for the browser, and the table of every entry of the trained network."""
    folder.mkdir(parents=True, exist_ok=True)
    page, table, shown = (folder / f"{name}{suffix}" for suffix in (".md", ".csv", ".html"))
    page.write_text("\n".join(_page(found, table.name)), encoding="utf-8", newline="\n")
    save(found.trained, table)
    save(Run(tuple(map(Check, found.reports)), "A network that reads handwritten digits"), shown)
    print(f"Written: {page}, the same with pictures in {shown},")
    print(f"and every entry of the trained network in {table}.")


def _page(found: Findings, table: str) -> Iterator[str]:
    yield "# A network that reads handwritten digits\n"
    yield (
        f"{'-'.join(map(str, WIDTHS))}, tanh: after {count(found.steps)} mini-batches of gradient descent "
        f"it reads {found.reads} of the test pictures.\n"
        f"Every weight and bias was measured, on a mini-batch of {BATCH} pictures.\n"
        f"`gradcheck demo` wrote this page; each entry of the trained network is in [{table}]({table}).\n"
    )
    for report in found.reports:
        yield markdown.render(report, level=2)
