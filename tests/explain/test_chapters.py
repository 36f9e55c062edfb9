"""The chapters say what the functions of the library say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck._explain import chapters
from gradcheck._explain import example as examples
from gradcheck.networks import CrossEntropy, rebuild


def test_the_numbers_are_those_of_the_network(example):
    """A chapter says what the functions said: planted in the network, another number is told."""
    bias = example.network.layers[2].b.copy()
    bias[2] += 3
    other = replace(example, network=rebuild(example.network, {"layers[2].b": bias}))
    told = [chapter.said for chapter in chapters.story(example)]
    assert [chapter.said for chapter in chapters.story(other)] != told
    q = example.believed[example.n]
    assert f"It says {q.argmax()} with {q.max():.0%}" in told[0]
    cost, _ = CrossEntropy(example.labels).forward(example.network.forward(example.x)[0])
    assert example.cost == pytest.approx(float(cost))
    assert f"The cost of the mini-batch, {example.cost:.2g}," in told[4]


def test_the_pull_on_first_weights_is_the_picture(example):
    """In a chosen unit's weights the example appears, as it is or in the negative."""
    j = chapters.most_asked(example)
    image, b = example.of_layer(0).W[:, j].reshape(8, 8), example.of_layer(0).b[j]
    np.testing.assert_allclose(image, example.picture * b, rtol=1e-12)


def test_white_pixels_are_what_is_not_felt(example):
    """The number of weights that the cost does not feel is that of those from pixels always white."""
    white = int((example.x == 0).all(axis=0).sum())
    assert sum(felt.gradient == 0 for felt in example.felt) == white * examples.WIDTHS[1]
    assert f"{white * examples.WIDTHS[1]} not at all" in list(chapters.story(example))[4].said
