"""The picture of the chain: the guilty layer stands out, and is shown however long the chain is."""

from __future__ import annotations

import pytest

from gradcheck._render.faces import render
from gradcheck._render.html.chain import WHOLE, chain
from gradcheck._results.report import Stage
from gradcheck._results.verdict import Verdict


def stages(count, guilty):
    """Return so many layers, of which one is wrong by itself."""
    said = "the sign is wrong"
    return tuple(
        Stage(f"layers[{k}] (Dense)", Verdict.WRONG, said) if k == guilty else Stage(f"layers[{k}] (Dense)")
        for k in range(count)
    )


def test_the_guilty_layer_is_told_from_the_others(report, wrong):
    """It has its verdict, its sentence, and what of its own tensors is wrong."""
    made = report(wrong(name="layers[1].W"), stages=stages(3, 1))
    first, second, third = chain(made)
    assert (second.kind, second.path, second.verdict) == ("Dense", "layers[1]", "WRONG")
    assert second.guilty
    assert second.sentence == "the sign is wrong"
    assert second.wrong == "1 of 640 entries wrong"
    assert (first.guilty, third.guilty, first.verdict) == (False, False, "")


def test_the_page_tells_it_by_more_than_colour(report, wrong):
    """The guilty layer has a sign, a word and a border of its own; the others say that they were not looked at."""
    page = render(report(wrong(name="layers[1].W"), stages=stages(3, 1)), "html")
    assert page.count('<li class="guilty wrong">') == 1
    assert page.count("not taken alone") == 2
    assert page.count("the sign is wrong") == 1


def test_a_sentence_that_the_diagnosis_has_is_not_said_twice(report, wrong):
    """Below the picture stands only what does not stand above it."""
    made = report(wrong(name="layers[1].W"), stages=stages(3, 1), diagnosis=("the sign is wrong",))
    assert not any(link.sentence for link in chain(made))


@pytest.mark.parametrize("guilty", [0, 57, 199])
def test_a_long_chain_is_shown_at_its_ends_and_around_the_guilty(report, wrong, guilty):
    """Of two hundred layers a dozen are shown, the guilty among them, and the others are counted."""
    links = chain(report(wrong(), stages=stages(200, guilty)))
    shown = [link for link in links if not link.gap]
    left_out = sum(int(link.gap.split()[0]) for link in links if link.gap)
    assert [link.path for link in shown if link.guilty] == [f"layers[{guilty}]"]
    assert len(shown) < WHOLE
    assert len(shown) + left_out == 200
    assert (shown[0].path, shown[-1].path) == ("layers[0]", "layers[199]")


def test_without_layers_there_is_no_picture(mlp):
    """A function has no chain."""
    assert chain(mlp) == ()
    assert 'class="chain"' not in render(mlp, "html")


def test_a_namesake_is_another_layer(report, wrong):
    """What is wrong in fc10 is no fault of fc1."""
    first, second = chain(report(wrong(name="fc10.weight"), stages=(Stage("fc1 (Linear)"), Stage("fc10 (Linear)"))))
    assert first.wrong == ""
    assert second.wrong == "1 of 640 entries wrong"


def test_the_loss_has_no_path(report, wrong):
    """A stage that is only named keeps its name."""
    (link,) = chain(report(wrong(), stages=(Stage("the loss"),)))
    assert (link.kind, link.path) == ("the loss", "")
