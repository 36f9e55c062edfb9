"""Layers that take several inputs, and so are tried alone: cells, attention, the bilinear layer."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gradcheck import networks
from gradcheck.strategies.kinds import WIDTHS, Form, Layer, Numbers, Site, kind
from gradcheck.strategies.sequential import CELLS

SEVERAL = ("several",)
Arrays = tuple[Any, ...]


def _cell_numbers(_: Form) -> st.SearchStrategy[Numbers]:
    return st.tuples(st.sampled_from(list(CELLS)), WIDTHS, st.integers(1, 3))


def _states(site: Site, cell: str, n: int) -> Arrays:
    return tuple(site.floats((site.batch, n)) for _ in range(2 if cell == "lstm" else 1))


def _cell_inputs(site: Site, cell: str, n_in: int, n: int) -> Arrays:
    return (site.floats((site.batch, n_in)), *_states(site, cell, n))


@kind("cell", "recurrent", SEVERAL, _cell_numbers, inputs=_cell_inputs)
def cell(site: Site, which: str, n_in: int, n: int) -> Layer:
    """One step in time."""
    return CELLS[which].random(n_in, n, site.rng, dtype=site.dtype)


def _unroll_inputs(site: Site, T: int, cell: str, n_in: int, n: int) -> Arrays:
    return (site.floats((T, site.batch, n_in)), *_states(site, cell, n))


@kind("unroll", "recurrent", SEVERAL, lambda form: st.tuples(st.integers(1, 3)).flatmap(
    lambda T: _cell_numbers(form).map(lambda rest: (*T, *rest))), inputs=_unroll_inputs)  # fmt: skip
def unroll(site: Site, _: int, which: str, n_in: int, n: int) -> Layer:
    """A cell over time, its state given and returned."""
    return networks.Unroll(CELLS[which].random(n_in, n, site.rng, dtype=site.dtype))


def _attention_inputs(site: Site, L: int, S: int, E: int, D: int, _: bool) -> Arrays:  # noqa: FBT001
    return tuple(site.floats((site.batch, *shape)) for shape in ((L, E), (S, E), (S, D)))


@kind("attention", "attention", SEVERAL, lambda _: st.tuples(WIDTHS, WIDTHS, WIDTHS, WIDTHS, st.booleans()),
      inputs=_attention_inputs)  # fmt: skip
def attention(_: Site, *numbers: Any) -> Layer:  # noqa: ANN401
    """Queries, keys and values."""
    return networks.Attention(causal=numbers[-1])


def _multi_head_inputs(site: Site, heads: int, each: int, _: bool, L: int, S: int) -> Arrays:  # noqa: FBT001
    return tuple(site.floats((site.batch, n, heads * each)) for n in (L, S, S))


@kind("multi-head", "attention", SEVERAL, lambda _: st.tuples(
    st.integers(1, 2), st.integers(1, 2), st.booleans(), WIDTHS, WIDTHS), inputs=_multi_head_inputs)  # fmt: skip
def multi_head(site: Site, heads: int, each: int, causal: bool, *_: int) -> Layer:  # noqa: FBT001
    """Several heads, with their projection matrices."""
    made = networks.MultiHeadAttention.random
    return made(heads * each, heads, site.rng, causal=causal, dtype=site.dtype)


def _memory_inputs(site: Site, heads: int, each: int, _: int, T: int, S: int) -> Arrays:
    return tuple(site.floats((site.batch, n, heads * each)) for n in (T, S))


@kind("decoder", "attention", SEVERAL, lambda _: st.tuples(
    st.integers(1, 2), st.integers(1, 2), st.integers(1, 3), WIDTHS, WIDTHS), inputs=_memory_inputs)  # fmt: skip
def decoder(site: Site, heads: int, each: int, hidden: int, *_: int) -> Layer:
    """One sequence attends to another, and to its own past."""
    return networks.DecoderBlock.random(heads * each, heads, hidden, site.rng, dtype=site.dtype)


@kind("bilinear", "dense", SEVERAL, lambda _: st.tuples(WIDTHS, WIDTHS, st.integers(1, 3)),
      inputs=lambda site, *n: tuple(site.floats((site.batch, k)) for k in n[:2]))  # fmt: skip
def bilinear(site: Site, n_1: int, n_2: int, n: int) -> Layer:
    """Every pair of entries of two inputs has a weight."""
    return networks.Bilinear.random(n_1, n_2, n, site.rng, dtype=site.dtype)


@kind("cosine-embedding", "dense", SEVERAL, lambda _: st.tuples(WIDTHS),
      inputs=lambda site, n: tuple(site.floats((site.batch, n)) for _ in range(2)))  # fmt: skip
def cosine_embedding(site: Site, _: int) -> Layer:
    """A loss of two inputs: similar or not."""
    return networks.CosineEmbedding(site.rng.choice([-1.0, 1.0], site.batch).astype(site.dtype))


@kind("triplet", "dense", SEVERAL, lambda _: st.tuples(WIDTHS),
      inputs=lambda site, n: tuple(site.floats((site.batch, n)) for _ in range(3)))  # fmt: skip
def triplet(_: Site, __: int) -> Layer:
    """A loss of three inputs: nearer to one than to the other."""
    return networks.Triplet()
