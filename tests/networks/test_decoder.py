"""Cross-attention and the decoder block, and what they learn."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import (
    FAULTS,
    Adam,
    CrossAttention,
    CrossEntropy,
    DecoderBlock,
    Dense,
    MultiHeadAttention,
    Pointwise,
    SelfAttention,
    parameters,
    rebuild,
)


def noisy(layer, rng):
    return rebuild(layer, {p: a + rng.normal(size=a.shape) / 4 for p, a in parameters(layer).items()})


@pytest.fixture
def block(rng):
    return noisy(DecoderBlock.random(4, 2, 6, rng), rng)


@pytest.fixture
def sequences(rng):
    return rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4))


@pytest.mark.parametrize("name", [n for n, fault in FAULTS.items() if fault.kind in {CrossAttention, DecoderBlock}])
def test_a_wrong_way_back_is_seen(name, block, rng):
    """In the tensors below the mistake, and in no others."""
    layer = block.listen if FAULTS[name].kind is CrossAttention else block
    inputs = rng.normal(size=(1, 2, 4)), rng.normal(size=(1, 3, 4))
    report = check_gradients(FAULTS[name].apply(layer), *inputs, neighbours=0, max_evaluations=3000)
    assert report.verdict is Verdict.WRONG
    wrong = {tensor for tensor, found in report.tensors.items() if found.verdict is Verdict.WRONG}
    below = {tensor for tensor in report.tensors if tensor in {"x", "memory"} or tensor.startswith("look_back")}
    assert wrong <= below
    assert ("memory" in wrong) == name.startswith(("memory", "decoder_memory"))


def test_a_right_block_is_called_right(block, sequences):
    """Of both inputs and of all 26 parameters."""
    assert check_gradients(block, *sequences).verdict is Verdict.CORRECT


def test_memory_of_another_width(rng):
    """What is read need not be as wide as what is written."""
    shapes = ((4, 6), (3, 6), (3, 6), (6, 4)), ((6,), (6,), (6,), (4,))
    layer = CrossAttention(MultiHeadAttention(*(rng.normal(size=s) for group in shapes for s in group), heads=2))
    report = check_gradients(layer, rng.normal(size=(2, 2, 4)), rng.normal(size=(2, 5, 3)))
    assert report.verdict is Verdict.CORRECT


def test_a_sequence_that_listens_to_itself_hears_what_self_attention_hears(rng, sequences):
    """And the two gradients are then those of one input."""
    heads, x = noisy(MultiHeadAttention.random(4, 2, rng), rng), sequences[1]
    (y, cross), (same, alone) = CrossAttention(heads).forward(x, x), SelfAttention(heads).forward(x)
    np.testing.assert_array_equal(y, same)
    dx, dmemory, _ = cross(y)
    np.testing.assert_allclose(dx + dmemory, alone(y)[0], rtol=1e-12)


def test_what_is_written_does_not_see_its_future_but_all_of_the_memory(block, sequences, rng):
    """A change at the last place reaches no other; one at the end of the memory reaches the first."""
    x, memory = sequences
    y, _ = block.forward(x, memory)
    later, other = x.copy(), memory.copy()
    later[:, -1], other[:, -1] = rng.normal(size=(2, 2, 4))
    np.testing.assert_array_equal(block.forward(later, memory)[0][:, :-1], y[:, :-1])
    assert np.all(block.forward(x, other)[0][:, 0] != y[:, 0])


def test_padding_of_the_memory_is_not_heard(block, sequences):
    """It may be anything, and is not pulled."""
    x, memory = sequences
    mask = np.arange(5) < np.array([[5], [2]])
    y, backward = block.forward(x, memory, mask)
    other = np.where(mask[..., np.newaxis], memory, 7.0)
    np.testing.assert_allclose(block.forward(x, other, mask)[0], y, rtol=1e-12)
    _, dmemory, _ = backward(y)
    assert np.all(dmemory[1, 2:] == 0)
    assert np.all(dmemory[1, :2] != 0)


def test_two_sequences_that_do_not_fit_are_refused(block):
    """As many sequences to be read as are written."""
    with pytest.raises(ValueError, match=r"takes a key of shape \(2, length, 4\)"):
        block.forward(np.ones((2, 3, 4)), np.ones((1, 5, 4)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_random_block(dtype, rng):
    """26 parameters of the dtype asked for: eight each of two attentions, four of two layers, six of three norms."""
    arrays = parameters(DecoderBlock.random(4, 2, 6, rng, dtype=dtype))
    assert {a.dtype for a in arrays.values()} == {np.dtype(dtype)}
    assert len(arrays) == 2 * 8 + 2 * 2 + 3 * 2


def test_it_learns_to_read():
    """Asked "which letter stands at place t?", it can only find the answer in the memory: no letter is in x."""
    rng = np.random.default_rng(0)
    letters, places = np.eye(4), rng.normal(size=(5, 12))
    block, out = DecoderBlock.random(16, 2, 16, rng), Pointwise(Dense.random(16, 4, rng))
    ids = rng.integers(4, size=(96, 5))

    def joined(x):
        return np.concatenate((np.broadcast_to(places, (len(x), 5, 12)), x), axis=2)

    memory, x = joined(letters[ids]), joined(np.zeros((96, 5, 4)))
    state, optimiser = None, Adam(0.01)
    for _ in range(80):
        h, back_block = block.forward(x[:64], memory[:64])
        y, back_out = out.forward(h)
        _, back_loss = CrossEntropy(ids[:64].ravel()).forward(y.reshape(-1, 4))
        dh, dout = back_out(back_loss()[0].reshape(y.shape))
        *_, dblock = back_block(dh)
        network, grads = (block, out), (dblock, dout)
        moved, state = optimiser.step(parameters(network), parameters(grads), state)
        block, out = rebuild(network, moved)
    y, _ = out.forward(block.forward(x[64:], memory[64:])[0])
    assert np.mean(y.argmax(axis=2) == ids[64:]) > 0.95
