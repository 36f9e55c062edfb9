"""Is it recognised that a claim is the right gradient of a layer of which one thing is changed?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from suspects import E, met, recognised_first, spoilt, suspect
from wrong_layers import Spoiled, one_entry

from gradcheck._diagnose import changed_setting
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.changed_setting import otherwise, variants
from gradcheck._diagnose.laboratory import Variant
from gradcheck.networks import FAULTS, CrossEntropy, Tanh, mlp, specimen


def met_in(name):
    """Return what is met in a specimen with a fault."""
    network, *inputs = specimen(FAULTS[name])
    return met(FAULTS[name].apply(network), *inputs)


@cache
def recognised(name):
    """Return the cause that is found in a specimen, and the evidence on which it rests."""
    return recognised_first(otherwise, met_in(name))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dropout_mask_forgotten", "it would be right with mask true everywhere"),
        ("layer_norm_gamma_forgotten", "it would be right with gamma all ones"),
        ("instance_norm_as_batch_norm", "it would be right for all examples taken together"),
    ],
)
def test_what_is_changed_is_named(name, words):
    """A setting, a parameter, or what the examples share."""
    found, _ = recognised(name)
    assert found.kind is Slip.SETTING
    assert found.sentence.startswith(words)


def test_a_claim_that_no_variant_has_is_left_to_others():
    """Nor is anything tried where no experiment can be made."""
    _, known = recognised("dropout_mask_forgotten")
    assert otherwise(spoilt(known)) is None
    assert otherwise(replace(known, context=replace(known.context, lab=None))) is None


def test_a_change_that_hardly_moves_a_wrong_entry_is_not_measured_in_full():
    """An epsilon in a loss changes every slope by less than what is wrong: such variants take a call or two each."""
    rng = np.random.default_rng(5)
    x, loss = rng.standard_normal((12, 40)), CrossEntropy(rng.integers(0, 6, 12))
    net = mlp((40, 30, 6), Tanh(), np.random.default_rng(6))
    off = Spoiled(net, "layers[0].W", lambda G: one_entry(G, by=1.001))
    (evidence,) = (e for e in met(off, x, loss=loss) if e.claim.size == 40 * 30)
    budget = evidence.context.lab.budget
    before = budget.spent
    assert otherwise(evidence) is None
    assert budget.spent - before < 100


def test_every_variant_says_how_often_it_calls_the_function():
    """As often as it has points."""
    lab = recognised("instance_norm_as_batch_norm")[1].context.lab
    tried = list(variants(lab, "gamma"))
    alone = [v for v in tried if v.words.startswith("for each example alone")]
    assert [v.calls for v in alone] == [len(lab.inputs["x"])]
    assert all(v.calls == len(v.points(lab.point)) for v in tried)


def test_what_is_trained_is_no_setting_of_its_own_gradient():
    """And a stride is never 0, which some loops would not survive."""
    lab = recognised("layer_norm_gamma_forgotten")[1].context.lab
    assert not any(v.words.startswith("with gamma") for v in variants(lab, "gamma"))
    assert any(v.words.startswith("with gamma") for v in variants(lab, "x"))


@pytest.mark.parametrize(
    ("name", "old", "others"),
    [
        ("padding", 3, [1, 0, 2, 4, 6]),
        ("padding", 1, [0, 2]),
        ("padding", 0, [1, -1]),
        ("conv.stride", 2, [1, 3, 4]),
        ("kernel", 1, [2]),
        ("slope", 0.2, [0, 1, -0.2]),
        ("slope", 0.0, []),
        ("padding", (1, 2), [(1, 1), (0, 0), (2, 1), (0, 1), (2, 3), (0, 2), (2, 2), (1, 3)]),
        ("stride", (1, 2), [(1, 1), (2, 1), (2, 3), (2, 2), (1, 3)]),
        ("padding", (0, 0), [(1, 1), (1, 0), (0, 1)]),
        ("padding", (), []),
        ("names", ("a", "b"), []),
    ],
)
def test_which_numbers_are_tried_for_a_setting(name, old, others):
    """None, one, its neighbours, twice it, the other sign; in tuples for all and for each; no stride of nothing."""
    assert changed_setting._numbers(name, old) == others


@pytest.mark.parametrize(
    ("old", "said"),
    [
        (True, ["with s=False instead of True"]),
        (np.False_, ["with s=True instead of False"]),
        (
            0.5,
            [
                "with s=0 instead of 0.5",
                "with s=1 instead of 0.5",
                "with s=-0.5 instead of 0.5",
                "with s nearly 0 instead of 0.5",
                "without s",
            ],
        ),
        (0.0, []),
        ("text", []),
        (None, []),
        (np.array([True, False]), ["without s", "with s true everywhere", "with s inverted", *[f"with s {w}" for w in (
            "reversed along axis 0", "shifted by 1 along axis 0", "shifted by -1 along axis 0"
        )]]),
        (np.array([0.5]), ["without s", "with s all ones", "with s all zeros"]),
    ],
)  # fmt: skip
def test_which_values_are_tried_for_a_setting(old, said):
    """With the words that say so."""
    assert [words for words, _ in changed_setting._values("s", old)] == said


def test_labels_are_taken_for_one_another():
    """If they are of six kinds or fewer; or for the first kind, though none is of that."""
    made = dict(changed_setting._arrays(np.array([2, 5, 2])))
    assert made["5 where it is 2"].tolist() == [5, 5, 5]
    assert made["0 where it is 5"].tolist() == [2, 0, 2]
    assert "2 where it is 0" not in made
    assert any("where it is" in words for words, _ in changed_setting._arrays(np.arange(6)))
    assert not any("where it is" in words for words, _ in changed_setting._arrays(np.arange(7)))


def test_arrays_are_turned_round_shifted_and_turned_over():
    """Along one axis or several, of which none is of one entry; a shape that changes is put back."""
    old = np.arange(6.0).reshape(2, 1, 3)
    made = dict(changed_setting._moved(old))
    assert made["reversed along axis 2"].tolist() == [[[2, 1, 0]], [[5, 4, 3]]]
    assert made["reversed along axes 0 and 2"].tolist() == [[[5, 4, 3]], [[2, 1, 0]]]
    assert made["shifted by 1 along axis 2"].tolist() == [[[2, 0, 1]], [[5, 3, 4]]]
    assert made["shifted by -1 along axis 2"].tolist() == [[[1, 2, 0]], [[4, 5, 3]]]
    other = made["reshaped where it should be transposed (axes 0 and 2)"]
    assert other.shape == old.shape
    assert other.tolist() == [[[0, 2, 4]], [[1, 3, 5]]]
    assert not any("axis 1" in words or "axes 0 and 1 and 2" in words for words in made if "reversed" in words)
    square = dict(changed_setting._moved(np.arange(4.0).reshape(2, 2)))
    assert square["transposed (axes 0 and 1 exchanged)"].tolist() == [[0, 2], [1, 3]]
    cube = dict(changed_setting._moved(np.arange(16.0).reshape(2, 2, 2, 2)))
    assert sum("reversed" in words for words in cube) == 4 + 6 + 4
    for none in (np.array(3.0), np.array([3.0])):
        assert list(changed_setting._moved(none)) == []
    assert list(changed_setting._moved(np.array([3.0, 4.0]))) != []


def lab_of(**fields):
    """Return a laboratory in which these things are known."""
    return SimpleNamespace(**{"movable": lambda _: True, "inputs": {}, "outputs": [], "model": None} | fields)


CLAIM = 2.0 * E
VARIANT = Variant("changed")


@pytest.mark.parametrize(("off", "about"), [(0.9, True), (1.1, False)])
@pytest.mark.parametrize("scale", [1.0, 50.0])
def test_a_slope_in_one_direction_is_about_the_claim(off, about, scale):
    """By a ten-thousandth of the largest claim, times all that is moved."""
    move = np.where(np.arange(25).reshape(5, 5) < 4, -scale, 0.0)
    slope = float(np.sum(move * CLAIM)) + off * 1e-4 * 4 * scale * np.max(np.abs(CLAIM))
    lab = lab_of(along=lambda *_: slope)
    assert bool(changed_setting._along(suspect(CLAIM), lab, VARIANT, move)) is about
    assert not changed_setting._along(suspect(CLAIM), lab_of(along=lambda *_: None), VARIANT, move)


def fits(evidence, found, close=True):
    """Return whether a variant whose gradient was found to be this one is believed."""
    lab = lab_of(along=lambda _, move, __: float(np.sum(move * evidence.claim)) + (not close), slopes=lambda *_: found)
    return changed_setting._fits(evidence, lab, VARIANT)


def test_every_entry_of_a_variant_must_be_the_claim():
    """To a ten-millionth of the largest, or to a hundredth of what is wrong, if that is no more than a millionth."""
    largest = np.max(np.abs(CLAIM))
    assert fits(suspect(CLAIM), CLAIM)
    assert not fits(suspect(CLAIM), CLAIM, close=False)
    assert not fits(suspect(CLAIM), None)
    small = np.where(np.arange(25).reshape(5, 5) == 7, 1.0, 0.0)
    for off, wrong, believed in (
        (0.9e-7, 3e-6, True), (1.1e-7, 3e-6, False),  # what is least that can be told
        (0.9e-6, 0.2, True), (1.1e-6, 0.2, False),  # of what is wrong by much a millionth is nothing
        (0.9 * 5e-7, 5e-5, True), (1.1 * 5e-7, 5e-5, False),  # in between a hundredth of it
    ):  # fmt: skip
        evidence = suspect(CLAIM, CLAIM + wrong * largest * small)
        assert fits(evidence, CLAIM + off * largest * small) is believed


@pytest.mark.parametrize(("wrong", "believed"), [(0.8e-6, False), (1.3e-6, True)])
def test_what_is_wrong_stands_out_ten_times_above_what_fits(wrong, believed):
    """Somewhere; else the variant and the layer are one."""
    largest = np.max(np.abs(CLAIM))
    evidence = suspect(CLAIM, CLAIM + wrong * largest)
    assert fits(replace(evidence, wrong=np.ones((5, 5), dtype=bool)), CLAIM) is believed


def test_a_wrong_entry_is_moved_first_and_then_all():
    """Three times, up and down by chance, each as far as it is large; a number alone is moved once."""
    scale = np.arange(1.0, 7.0).reshape(2, 3)
    moves = list(changed_setting._moves(scale, [4]))
    assert len(moves) == 4
    assert moves[0].tolist() == [[0, 0, 0], [0, 5, 0]]
    assert all((np.abs(move) == scale).all() for move in moves[1:])
    assert len({move.tobytes() for move in moves[1:]}) == 3
    assert {*np.sign(np.stack(moves[1:])).ravel()} == {-1.0, 1.0}
    assert [move.tolist() for move in changed_setting._moves(np.array([3.0]), [0])] == [[3.0]]


def test_a_hundred_and_twenty_variants_are_tried(monkeypatch):
    """So that it ends; with a claim of two numbers or more that are not zero, all of which are known."""
    right = Variant("right")

    def tried(number, evidence):
        several = iter([VARIANT] * (number - 1) + [right])
        monkeypatch.setattr(changed_setting, "variants", lambda *_: several)
        monkeypatch.setattr(changed_setting, "_fits", lambda _, __, variant: variant is right)
        return otherwise(evidence)

    def known(claim, **fields):
        return suspect(claim, E, lab=lab_of(), **fields)

    assert tried(120, known(CLAIM)).sentence == "it would be right right"
    assert tried(121, known(CLAIM)) is None
    first = np.arange(25).reshape(5, 5)
    assert tried(1, known(np.where(first < 1, CLAIM, 0))) is None
    assert tried(1, known(np.where(first < 2, CLAIM, 0))) is not None
    assert tried(1, known(CLAIM, measured=range(24))) is None
    assert tried(1, suspect(CLAIM, lab=lab_of(movable=lambda _: False))) is None
    assert tried(1, suspect(CLAIM)) is None


def of_examples(inputs, outputs, name):
    """Return what is tried with the examples."""
    return list(changed_setting._of_examples(lab_of(inputs=inputs, outputs=outputs), name))


ALONE = "for each example alone: a mean or a sum over the batch is left out"
TOGETHER = "for all examples taken together: a mean or a sum runs over the batch as well"
T3 = np.arange(12.0).reshape(2, 3, 2)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (np.ones((2, 3)), np.ones((2, 4)), [ALONE]),
        (np.ones((1, 3)), np.ones((1, 4)), []),
        (np.ones((2, 3)), np.ones((3, 4)), []),
        (np.ones(2), np.ones((2, 4)), []),
        (np.ones((2, 3)), np.ones(2), []),
        (T3, T3, [ALONE, TOGETHER]),
        (T3, T3[..., :1], [ALONE]),
    ],
)
def test_examples_are_taken_alone_and_together(x, y, said):
    """Where there are two or more, of input and output, and a place along which they can be joined."""
    flipped = "with the sign of x flipped"
    assert [v.words for v in of_examples({"x": x}, [y], "W")] == [flipped, "with x all zeros", *said]
    assert [v.words for v in of_examples({"x": x}, [y], "x")] == [flipped, *said]
    assert [of_examples({"x": x}, [y], name)[0].sign for name in ("x", "W")] == [-1, 1]
    assert of_examples({"x": x}, [y, y], "W") == []
    assert of_examples({"x": x}, [], "W") == []
    two = of_examples({"x": x, "k": np.arange(2)}, [y], "x")
    assert [v.words for v in two] == [flipped]


def test_what_is_taken_together_is_taken_apart_again():
    """All examples as one: their last axes follow one another; and each alone is a batch of one."""
    alone, together = of_examples({"x": T3}, [T3], "x")[1:]
    (joined,) = together.points({"x": T3, "W": 3})
    assert joined["W"] == 3
    assert joined["x"].tolist() == [[[0, 1, 6, 7], [2, 3, 8, 9], [4, 5, 10, 11]]]
    assert (together.join([joined["x"]]) == T3).all()
    assert [point["x"].tolist() for point in alone.points({"x": T3})] == [T3[:1].tolist(), T3[1:].tolist()]
    assert (alone.join([T3[:1], T3[1:]]) == T3).all()
    assert alone.calls == 2


@dataclass(frozen=True)
class Layer:
    """A layer with a setting and two parameters."""

    W: np.ndarray
    V: np.ndarray
    times: int = 2


def test_what_is_tried_of_a_layer_and_its_inputs():
    """Its settings, masks and labels among the inputs, another parameter in the place of one; not of its own."""
    model = Layer(np.arange(4.0).reshape(2, 2), np.ones((2, 2)))
    lab = lab_of(model=model, inputs={"x": np.ones(3), "mask": np.array([True, False])})
    said = [v.words for v in variants(lab, "W")]
    assert said[:4] == [*[f"with times={n} instead of 2" for n in (1, 3, 4)], "without times"]
    assert said[4:7] == ["without mask", "with mask true everywhere", "with mask inverted"]
    assert {"with V all ones", "with V all zeros", "with V shifted by 1 along axis 0"} <= {*said}
    assert not any(words.startswith(("with W", "with x")) for words in said)
    assert "with W instead of V" not in said
    of_input = [v.words for v in variants(lab, "x")]
    assert {"with W instead of V", "with V instead of W"} <= {*of_input}
    assert [v.words for v in variants(lab_of(), "W")] == []
    zeros = next(v for v in variants(lab, "W") if v.words == "with V all zeros")
    (point,) = zeros.points({"": model, "x": 1})
    assert not point[""].V.any()
    assert (point[""].W == model.W).all()
