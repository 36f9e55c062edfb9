"""Layers with layers in them: residuals, highways, branches, experts, and one layer used again and again."""

from __future__ import annotations

from hypothesis import strategies as st

from gradcheck import networks
from gradcheck.strategies.kinds import NUMERIC, Form, Layer, Numbers, Site, Step, built, kind, step
from gradcheck.strategies.plain import ROWS


def _within(form: Form) -> st.SearchStrategy[tuple[Step, ...]]:
    """Draw one or two layers that keep the form."""
    one = step(form, within=True)
    return st.one_of(st.tuples(one), st.tuples(one, one))


def _layer(site: Site, steps: tuple[Step, ...]) -> Layer:
    layers = built(site, steps)
    return layers[0] if len(layers) == 1 else networks.Chain(tuple(layers))


@kind("residual", "residual", NUMERIC, lambda form: st.tuples(_within(form)))
def residual(site: Site, steps: tuple[Step, ...]) -> Layer:
    """The input plus the output of a layer."""
    return networks.Residual(_layer(site, steps))


@kind("repeat", "tied", NUMERIC, lambda form: st.tuples(st.integers(1, 3), _within(form)))
def repeat(site: Site, times: int, steps: tuple[Step, ...]) -> Layer:
    """The same layer again and again."""
    return networks.Repeat(_layer(site, steps), times)


@kind("highway", "residual", ROWS, rows=True)
def highway(site: Site) -> Layer:
    """A gate between the input and a layer's output."""
    return networks.Highway.random(site.form[-1], networks.Tanh(), site.rng, dtype=site.dtype)


def _branches(form: Form) -> st.SearchStrategy[Numbers]:
    how = st.sampled_from(["sum", "concatenate"])
    return st.one_of(st.tuples(how, _within(form)), st.tuples(how, _within(form), _within(form)))


def _beside(form: Form, how: str, *branches: tuple[Step, ...]) -> Form:
    if how == "sum":
        return form
    axis = len(form) - 1 if form[0] in ROWS else 1
    return (*form[:axis], form[axis] * len(branches), *form[axis + 1 :])


@kind("parallel", "residual", NUMERIC, _branches, after=_beside)
def parallel(site: Site, how: str, *branches: tuple[Step, ...]) -> Layer:
    """Several layers, side by side or added."""
    layers = tuple(_layer(site, steps) for steps in branches)
    return networks.Parallel(layers, how, -1 if site.form[0] in ROWS else 1)  # type: ignore[arg-type]


@kind("mixture", "residual", ROWS, lambda _: st.tuples(st.integers(1, 3)), rows=True)
def mixture(site: Site, experts: int) -> Layer:
    """Several experts, and a gate that weights them."""
    n = site.form[-1]
    every = tuple(networks.Dense.random(n, n, site.rng, dtype=site.dtype) for _ in range(experts))
    return networks.MixtureOfExperts(every, networks.Dense.random(n, experts, site.rng, dtype=site.dtype))
