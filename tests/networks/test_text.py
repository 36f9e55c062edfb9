"""A network that writes."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import Adam, Cost, CrossEntropy, character_lstm, continued, encode, parameters, rebuild, train

SENTENCE = "it was the best of times, it was the worst of times"  # C. Dickens, A Tale of Two Cities, 1859
ALPHABET = "".join(sorted(set(SENTENCE)))


def test_every_gradient_is_the_slope(slopes, rng):
    """Of every parameter; letters have none."""
    network, ids = character_lstm("abc", 2, rng), encode("abcacb", "abc")[np.newaxis]
    ids, labels = ids[:, :-1], ids[:, 1:]
    _, backward = Cost(network, CrossEntropy(labels)).forward(ids)
    dx, grad = backward()
    assert dx is None
    for path, claim in parameters(grad.network).items():

        def cost(array, path=path):
            return Cost(rebuild(network, {path: array}), CrossEntropy(labels)).forward(ids)[0]

        np.testing.assert_allclose(claim, slopes(cost, parameters(network)[path]), rtol=1e-8, atol=1e-10)


def test_the_checker_agrees(rng):
    """And, by name, of a gradient that is wrong it does not."""
    network, ids = character_lstm("abc", 2, rng), encode("abcacb", "abc")[np.newaxis]
    assert check_gradients(network, ids).verdict is Verdict.CORRECT

    class Doubled(type(network)):
        def forward(self, x):
            y, right = super().forward(x)
            return y, lambda dy: (None, rebuild(right(dy)[1], {"layers[2].layer.b": 2 * dy.sum(axis=(0, 1))}))

    assert {e.tensor for e in check_gradients(Doubled(network.layers), ids).wrong} == {"layers[2].layer.b"}


def test_it_learns_a_sentence_by_heart():
    """Where "the " goes on with "best", and where with "worst", only what came long before can tell."""
    network, ids = character_lstm(ALPHABET, 24, np.random.default_rng(0)), encode(SENTENCE, ALPHABET)[np.newaxis]
    before = continued(network, "i", len(SENTENCE) - 1, ALPHABET)
    network, history = train(network, ids[:, :-1], ids[:, 1:], epochs=100, optimiser=Adam(0.02), target_accuracy=1.0)
    assert history.train_accuracy[0] < 0.5
    assert history.train_accuracy[-1] == 1
    assert before != SENTENCE
    assert continued(network, "i", len(SENTENCE) - 1, ALPHABET) == SENTENCE


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_letter_gets_a_logit_for_every_letter(dtype, rng):
    """In the dtype asked for; of no texts, none."""
    network = character_lstm("abcd", 3, rng, dtype=dtype)
    for n in (0, 1, 2):
        y, backward = network.forward(np.zeros((n, 5), int))
        assert (y.shape, y.dtype) == ((n, 5, 4), dtype)
        assert {g.dtype for g in parameters(backward(y)[1]).values()} == {np.dtype(dtype)}


def test_a_text_is_spelt_in_numbers():
    """By place in the alphabet."""
    np.testing.assert_array_equal(encode("cab", "abc"), [2, 0, 1])
    assert encode("", "abc").shape == (0,)


@pytest.mark.parametrize(("text", "alphabet"), [("abd", "abc"), ("ab", "aab")])
def test_letters_that_are_not_in_the_alphabet_are_refused(text, alphabet):
    """Or that are in it twice."""
    with pytest.raises(ValueError, match=r"lacks .* or has a letter twice; write sorted\(set\(text\)\)"):
        encode(text, alphabet)


def test_nothing_cannot_be_continued(rng):
    """One letter, at least."""
    with pytest.raises(ValueError, match="at least one letter to start from"):
        continued(character_lstm("ab", 2, rng), "", 3, "ab")
