"""Which networks are there? Single layers and whole architectures, drawn so that everything fits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod

from hypothesis import strategies as st

from gradcheck.strategies.case import Case, alive
from gradcheck.strategies.kinds import TABLE, Form, Kind, Step, after, step
from gradcheck.strategies.losses import LOSSES, LossKind

LARGEST = {"row": (4,), "sequence": (3, 4), "sound": (2, 5), "image": (2, 4, 4), "tokens": (4, 3), "several": ()}
FORMS: dict[str, list[Form]] = {  # every one up to the largest; forms and sizes the simplest first
    name: sorted(((name, *sizes) for sizes in product(*(range(1, n + 1) for n in largest))), key=lambda f: prod(f[1:]))
    for name, largest in LARGEST.items()
}
FAMILIES = {  # of networks, the simplest first, and what an example may be
    "dense": ("row",),
    "convolutional": ("sound", "image"),
    "recurrent": ("sequence", "tokens"),
    "attention": ("sequence", "tokens"),
    "residual": ("row", "sequence", "sound", "image", "tokens"),
    "tied": ("row", "sequence", "sound", "image", "tokens"),
}
SEEDS = st.integers(0, 2**16)
BATCHES = st.integers(1, 4)
DTYPES = st.sampled_from(["float64", "float64", "float64", "float32"])
DECAYS = st.sampled_from([0.0, 0.0, 0.1])
MORE = st.sampled_from([False, True, True, True])  # another layer?


@st.composite
def networks_and_inputs(draw: st.DrawFn, *, families: Sequence[str] = tuple(FAMILIES), most: int = 3) -> Case:
    """Whole networks with an input, mostly with a loss on top: dense, convolutional, recurrent, attention, ...

    - `families`: which kinds of networks: "dense", "convolutional", "recurrent", "attention", "residual", "tied"; each
      has many layers of that kind and some of the others
    - `most`: how many layers there may be in a row, not counting an embedding of tokens

    An example that fails is reduced to the fewest and simplest layers that still fail.

    >>> from gradcheck import assert_gradients
    >>> from gradcheck.strategies import networks_and_inputs
    >>> from hypothesis import given, settings
    >>> @settings(max_examples=3, deadline=None)
    ... @given(networks_and_inputs())
    ... def test_every_network(case):
    ...     assert_gradients(*case)
    >>> test_every_network()
    """
    family = draw(st.sampled_from(list(families)))
    form = draw(st.sampled_from(FAMILIES[family]).flatmap(_form))
    layers: tuple[Step, ...] = (draw(step(form)),) if form[0] == "tokens" else ()  # at first an embedding
    most += len(layers)
    more = True
    while more and len(layers) < most:
        one, more = draw(st.tuples(step(after(form, layers), family), MORE))
        layers += (one,)
    return draw(_completed(form, layers, [None, *_losses_for(after(form, layers))]))


@st.composite
def layers_and_inputs(draw: st.DrawFn) -> Case:
    """Single layers and single losses, each with the inputs that it takes.

    >>> from gradcheck import check_gradients
    >>> from gradcheck.strategies import layers_and_inputs
    >>> from hypothesis import given, settings
    >>> @settings(max_examples=3, deadline=None)
    ... @given(layers_and_inputs())
    ... def test_every_layer(case):
    ...     layer, *inputs = case
    ...     layer.forward(*inputs)
    >>> test_every_layer()
    """
    name = draw(st.sampled_from([*TABLE, *LOSSES]))
    if name in LOSSES:
        return draw(_completed(draw(st.sampled_from(_given_to(LOSSES[name]))), (), [name]))
    form = draw(st.sampled_from(_given_to(TABLE[name])))
    numbers = draw(TABLE[name].numbers(form))
    return draw(_completed(form, ((name, *numbers),), [None]))


def _completed(form: Form, layers: tuple[Step, ...], losses: Sequence[str | None]) -> st.SearchStrategy[Case]:
    """Draw what is left to say once the layers are known."""
    decays = DECAYS if layers and losses != [None] else st.just(0.0)
    return st.builds(
        lambda loss, decay, **rest: alive(Case(form, layers, loss, decay if loss else 0.0, **rest)),
        loss=st.sampled_from(losses),
        decay=decays,
        batch=BATCHES,
        dtype=DTYPES,
        seed=SEEDS,
    )


def _form(name: str) -> st.SearchStrategy[Form]:
    return st.sampled_from(FORMS[name])


def _given_to(kind: Kind | LossKind) -> list[Form]:
    """Return the forms that a layer, or a loss, of this kind takes."""
    return [form for name in kind.takes for form in FORMS[name] if kind.fits(form)]


def _losses_for(form: Form) -> list[str]:
    return [name for name, loss in LOSSES.items() if form[0] in loss.takes and loss.fits(form)]
