"""Which kinds of layers are there, what does each take, and what does it make of it?

What one example is has a form: a row of numbers ("row", D), a sequence of rows ("sequence", T, D), a sound
("sound", C, L), an image ("image", C, H, W), or whole numbers below V, ("tokens", V, T). A layer is a step from
one form to the next: ("dense", 4), its kind and its numbers. The kinds are entered in the table by the files
beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st

from gradcheck import networks

Form: TypeAlias = tuple[Any, ...]  # ("row", 3)
Numbers: TypeAlias = tuple[Any, ...]  # what is said of a layer besides its kind: widths, sizes, the layers within
Step: TypeAlias = tuple[Any, ...]  # ("dense", 4)
Layer: TypeAlias = Any  # one of networks
Draws: TypeAlias = Callable[[Form], st.SearchStrategy[Numbers]]

NUMERIC = ("row", "sequence", "sound", "image")
# The simplest first: what a failing example is reduced to, if it still fails.
GROUPS = (
    "dense", "activation", "convolutional", "pooling", "embedding", "recurrent", "attention", "normalisation",
    "position", "shape", "dropout", "residual", "tied",
)  # fmt: skip
NESTED = ("residual", "tied")
OFTENER = ("activation", "activation", "normalisation")  # than the others
FAVOURED = 8  # times more is a favoured group drawn
WIDTHS = st.integers(1, 4)

TABLE: dict[str, Kind] = {}


@dataclass(frozen=True)
class Site:
    """Where a layer is put: what it is given there."""

    form: Form
    batch: int
    rng: np.random.Generator
    dtype: str

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of what it is given, the batch first."""
        return (self.batch, *(self.form[2:] if self.form[0] == "tokens" else self.form[1:]))

    def inputs(self) -> tuple[Any, ...]:
        """Draw an input of this form."""
        if self.form[0] == "tokens":
            return (self.rng.integers(0, self.form[1], self.shape),)
        return (self.floats(self.shape),)

    def floats(self, shape: tuple[int, ...]) -> Any:  # noqa: ANN401  an array
        """Draw numbers of either sign, none near 0, where many a function has its kink."""
        sizes = 0.1 + np.abs(self.rng.standard_normal(shape))
        return (self.rng.choice([-1.0, 1.0], shape) * sizes).astype(self.dtype)


@dataclass(frozen=True)
class Kind:
    """A kind of layer: how its numbers are drawn so that they fit, and how it is built from them."""

    name: str
    group: str
    takes: tuple[str, ...]
    build: Callable[..., Layer]  # (site, *numbers)
    numbers: Draws
    same: Draws | None  # numbers with which the form stays; None: there may be none
    after: Callable[..., Form]  # (form, *numbers) -> what comes out of it
    fits: Callable[[Form], bool]
    inputs: Callable[..., tuple[Any, ...]] = lambda site, *_: site.inputs()


def unchanged(form: Form, *_: Any) -> Form:  # noqa: ANN401
    """Return the form as it is."""
    return form


def nothing(_: Form) -> st.SearchStrategy[Numbers]:
    """Draw no numbers: there is nothing to say."""
    return st.just(())


def kind(
    name: str,
    group: str,
    takes: tuple[str, ...],
    numbers: Draws = nothing,
    *,
    after: Callable[..., Form] = unchanged,
    same: Draws | None = None,
    fits: Callable[[Form], bool] = lambda _: True,
    rows: bool = False,
    **more: Any,  # noqa: ANN401
) -> Callable[[Callable[..., Layer]], Callable[..., Layer]]:
    """Enter a function that builds a layer in the table; with `rows` a sequence is given to it row by row."""

    def enter(build: Callable[..., Layer]) -> Callable[..., Layer]:
        def pointwise(site: Site, *said: Any) -> Layer:  # noqa: ANN401
            layer = build(site, *said)
            return networks.Pointwise(layer) if site.form[0] == "sequence" else layer

        keeping = numbers if same is None and after is unchanged else same
        way = pointwise if rows else build
        TABLE[name] = Kind(name, group, takes, way, numbers, keeping, after, fits, **more)
        return build

    return enter


def kind_of(step: Step) -> Kind:
    """Return the kind of a step; raise ValueError if there is none."""
    if not step or step[0] not in TABLE:
        msg = f"no layer is of the kind {step[:1]}; there are {', '.join(TABLE)}"
        raise ValueError(msg)
    return TABLE[step[0]]


def after(form: Form, steps: tuple[Step, ...]) -> Form:
    """Return what comes out of these steps."""
    for step in steps:
        form = kind_of(step).after(form, *step[1:])
    return form


def built(site: Site, steps: tuple[Step, ...]) -> list[Layer]:
    """Build the layers, each where the one before ends."""
    layers = []
    for step in steps:
        layers.append(kind_of(step).build(site, *step[1:]))
        site = replace(site, form=after(site.form, (step,)))
    return layers


def every(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Yield each step, and those within it."""
    for one in steps:
        yield one
        for part in parts_within(one):
            yield from every(part)


def parts_within(one: Step) -> list[tuple[Step, ...]]:
    """Return the layers that a layer holds, those of each branch together."""
    return [part for part in one[1:] if isinstance(part, tuple) and part and isinstance(part[0], tuple)]


@st.composite
def step(draw: st.DrawFn, form: Form, favoured: str = "", *, within: bool = False) -> Step:
    """Draw a layer that takes the form, often of the favoured group; within another, one that keeps the form."""
    usable = [k for k in TABLE.values() if form[0] in k.takes and k.fits(form)]
    if within:
        usable = [k for k in usable if k.group not in NESTED and k.same is not None]
    groups = {k.group for k in usable}
    group = draw(st.sampled_from([g for g in (*GROUPS, *OFTENER, *(favoured,) * FAVOURED) if g in groups]))
    chosen = draw(st.sampled_from([k for k in usable if k.group == group]))
    drawn = chosen.same if within and chosen.same is not None else chosen.numbers
    return (chosen.name, *draw(drawn(form)))
