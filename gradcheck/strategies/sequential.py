"""Layers for sequences: embeddings, recurrent cells over time, attention, and where in the sequence one is."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gradcheck import networks
from gradcheck.strategies.kinds import WIDTHS, Form, Layer, Numbers, Site, kind
from gradcheck.strategies.plain import widened

CELLS: dict[str, Any] = {"simple": networks.SimpleCell, "gru": networks.GRUCell, "lstm": networks.LSTMCell}
SEQUENCE = ("sequence",)


@kind("embedding", "embedding", ("tokens",), lambda _: st.tuples(WIDTHS), after=lambda f, n: ("sequence", f[2], n))
def embedding(site: Site, n: int) -> Layer:
    """Each word its own row."""
    return networks.Embedding.random(site.form[1], n, site.rng, dtype=site.dtype)


def _recurrent_numbers(_: Form) -> st.SearchStrategy[Numbers]:
    return st.tuples(st.sampled_from(list(CELLS)), st.integers(1, 3), st.booleans())


def _recurrent_same(form: Form) -> st.SearchStrategy[Numbers]:
    return st.tuples(st.sampled_from(list(CELLS)), st.just(form[-1]), st.booleans())


@kind(
    "recurrent", "recurrent", SEQUENCE, _recurrent_numbers,
    after=lambda form, _, n, __: widened(form, n), same=_recurrent_same,
)  # fmt: skip
def recurrent(site: Site, cell: str, n: int, reverse: bool) -> Layer:  # noqa: FBT001  as it stands in the step
    """A cell that runs from the first step to the last, or backwards."""
    return networks.Recurrent(CELLS[cell].random(site.form[-1], n, site.rng, dtype=site.dtype), reverse)


@kind("last-step", "recurrent", SEQUENCE, after=lambda form: ("row", form[2]))
def last_step(_: Site) -> Layer:
    """The last step of a sequence."""
    return networks.LastStep()


def _heads(form: Form) -> st.SearchStrategy[int]:
    return st.sampled_from([h for h in range(1, form[-1] + 1) if form[-1] % h == 0])


@kind("self-attention", "attention", SEQUENCE, lambda form: st.tuples(_heads(form), st.booleans()))
def self_attention(site: Site, heads: int, causal: bool) -> Layer:  # noqa: FBT001
    """Every position attends to the others."""
    return networks.SelfAttention.random(site.form[-1], heads, site.rng, causal=causal, dtype=site.dtype)


@kind("transformer", "attention", SEQUENCE, lambda form: st.tuples(_heads(form), st.integers(1, 3), st.booleans()))
def transformer(site: Site, heads: int, hidden: int, causal: bool) -> Layer:  # noqa: FBT001
    """Attention, and a small network at every place, each beside a residual."""
    return networks.transformer_block(site.form[-1], heads, hidden, site.rng, causal=causal, dtype=site.dtype)


@kind("positional-encoding", "position", SEQUENCE)
def positional_encoding(_: Site) -> Layer:
    """Sines and cosines of the position."""
    return networks.PositionalEncoding()


@kind("position-embedding", "position", SEQUENCE, lambda _: st.tuples(st.integers(0, 1)))
def position_embedding(site: Site, spare: int) -> Layer:
    """A row for each place, and some for places that no sequence reaches."""
    return networks.PositionEmbedding.random(site.form[1] + spare, site.form[2], site.rng, dtype=site.dtype)


@kind("rotary-encoding", "position", SEQUENCE, fits=lambda form: form[2] % 2 == 0)
def rotary_encoding(_: Site) -> Layer:
    """Pairs of numbers, rotated by an angle that depends on the position."""
    return networks.RotaryEncoding()
