"""Is it recognised which use of a layer is ignored?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from suspects import E, met, recognised_first, spoilt, suspect

from gradcheck._diagnose import shared_layer
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.shared_layer import not_added, uses
from gradcheck.networks import FAULTS, specimen


@cache
def evidence(name):
    """Return what is met in a specimen with a fault."""
    network, *inputs = specimen(FAULTS[name])
    return met(FAULTS[name].apply(network), *inputs)


@pytest.mark.parametrize(
    ("pattern", "name", "kind", "words"),
    [
        (uses, "last_use_alone", Slip.USE_OF_A_LAYER, "only the last of 3 uses of layer counts"),
        (uses, "uses_averaged", Slip.USE_OF_A_LAYER, "every entry is 1/3 of the measured value, with 3 uses of layer"),
        (uses, "one_step_back", Slip.USE_OF_A_LAYER, "what comes back from a use of cell is not passed on"),
        (not_added, "first_branch_alone", Slip.LAYER_NOT_ADDED, "what comes back from layers[1] (Chain)"),
    ],
)
def test_what_is_not_heard_is_named(pattern, name, kind, words):
    """A use of several, a state that is not handed on, a branch."""
    found, _ = recognised_first(pattern, evidence(name))
    assert found.kind is kind
    assert found.sentence.startswith(words)


@pytest.mark.parametrize(("pattern", "name"), [(uses, "last_use_alone"), (not_added, "first_branch_alone")])
def test_nearly_that_is_not(pattern, name):
    """Nothing is guessed."""
    assert not any(pattern(spoilt(e)) for e in evidence(name))


def test_a_layer_that_is_used_once_has_no_other_use():
    """What is wrong with it is for others to say."""
    assert not any(uses(e) for e in evidence("first_branch_alone"))


@dataclass(frozen=True)
class Layer:
    """A layer whose gradient is a layer of the same kind."""

    W: np.ndarray


RNG = np.random.default_rng(3)
GRADS = RNG.normal(size=(4, 5, 5))
VECTORS = RNG.normal(size=(6, 4))


def use(k=0, *, path="layer", grad=None, args=None, outputs=None, back=None, returned=None, turn=0):
    """Return a use of a layer, with what it was given and gave back."""
    grad = GRADS[k] if grad is None else grad
    return SimpleNamespace(
        path=path, name=f"{path} (Layer)", turn=turn,
        args=(VECTORS[k],) if args is None else args, outputs=(VECTORS[k + 1],) if outputs is None else outputs,
        back=(VECTORS[k + 1],) if back is None else back,
        returned=(VECTORS[k], Layer(grad)) if returned is None else returned,
    )  # fmt: skip


def told(pattern, claim, right, met, **fields):
    """Return what a pattern says of a claim, of uses that were met."""
    lab = SimpleNamespace(uses=met, outputs=[np.zeros(1)], cotangent=[np.zeros(1)])
    evidence = suspect(claim, right, lab=lab, **fields)
    evidence = evidence if fields.get("kind") == "input" else shared(evidence)
    found = pattern(evidence)
    return found and found.sentence


def shared(evidence):
    """Return the evidence of the weight of the shared layer."""
    return replace(evidence, name="layer.W")


TOTAL = GRADS[:3].sum(axis=0)


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        (GRADS[2], "only the last of 3 uses of layer counts: the sum over all of them is meant"),
        (GRADS[0], "only the first of 3 uses of layer counts: the sum over all of them is meant"),
        (GRADS[1], "only number 2 of 3 uses of layer counts: the sum over all of them is meant"),
        (TOTAL - GRADS[2], "the last of 3 uses of layer is ignored"),
        (TOTAL - GRADS[0], "the first of 3 uses of layer is ignored"),
        (TOTAL + GRADS[1], "number 2 of 3 uses of layer is counted twice"),
        (TOTAL + GRADS[0], "the first of 3 uses of layer is counted twice"),
        (TOTAL / 3, "every entry is 1/3 of the measured value, with 3 uses of layer: their mean, not their sum"),
        (1.1 * TOTAL, None),
        (TOTAL - GRADS[3], None),
    ],
)
def test_which_use_is_left_out_is_told(claim, said):
    """Or counts alone, or twice; where their sum is what was measured."""
    three = [use(k, outputs=(VECTORS[5] + k,)) for k in range(3)]
    assert told(uses, claim, TOTAL, three) == said
    assert told(uses, claim, 2 * TOTAL, three) is None
    assert told(uses, claim, TOTAL, [*three, use(3, path="other")]) == said
    assert told(uses, claim, TOTAL, [*three[:2], use(2, outputs=(VECTORS[5],), returned=())]) is None


@pytest.mark.parametrize(("off", "near"), [(0.8e-9, True), (1.3e-9, False)])
def test_gradients_of_uses_are_exact(off, near):
    """To a billionth of the largest of them and of their sum together; of nothing nothing is near."""
    a, scale = GRADS[0], np.max(np.abs(GRADS[0]))
    assert shared_layer._near(a + off * scale, a) is near
    assert shared_layer._near(a + 2 * off * scale, a, a) is near
    assert not shared_layer._near(a[0], a)
    assert not shared_layer._near(0 * a, 0 * a)
    assert shared_layer._near(0 * a, 0 * a, a)


def test_uses_with_the_same_arguments_are_one():
    """The last of them counts; other arguments, more of them, or another layer are another use."""
    first, again = use(0, grad=GRADS[3]), use(0)
    assert list(shared_layer._last_of_its_kind([first, again])) == [again]
    others = [use(0, path="other"), use(0, args=(VECTORS[0], VECTORS[1])), use(1), use(0, args=(VECTORS[0][:3],))]
    for other in others:
        assert list(shared_layer._last_of_its_kind([first, other])) == [first, other]
    assert told(uses, GRADS[1], GRADS[:2].sum(axis=0), [first, use(0), use(1)]).startswith("only the last of 2")


def test_in_which_order_the_uses_are_visited_is_told():
    """Where each depends on the one before, the way back begins with the last."""
    forward = [use(k, turn=k) for k in range(3)]
    backward = [use(k, turn=-k) for k in range(3)]
    words = "the 3 uses of layer are visited in forward order by the backward, the first one first"
    assert shared_layer._order("layer", forward) == words
    assert shared_layer._order("layer", backward) is None
    assert shared_layer._order("layer", [use(2 * k, turn=k) for k in range(2)]) is None


def test_which_output_is_which_argument_of_the_next_use():
    """In all of them; nothing passes nothing on."""
    three = [use(k) for k in range(3)]
    assert shared_layer._link(three) == (0, 0)
    second = [use(k, args=(VECTORS[5], VECTORS[k]), outputs=(VECTORS[4], VECTORS[k + 1])) for k in range(3)]
    assert shared_layer._link(second) == (1, 1)
    assert shared_layer._link([three[0], use(3), three[1]]) is None
    empty = [use(k, args=(np.zeros(0),), outputs=(np.zeros(0),)) for k in range(3)]
    assert shared_layer._link(empty) is None
    assert shared_layer._link([use(0, args=(VECTORS[0], VECTORS[1])), use(1, args=())]) is None


ASKED = RNG.normal(size=(3, 4))  # of the outputs of three uses, one after the other
LATER = RNG.normal(size=(3, 4))  # what comes back from each to what it was given


def carried(given, *, asked=ASKED, axis=0, cotangent=None):
    """Return what is said of three uses that were given such cotangents, whose outputs stand in one of the whole."""
    met = [use(k, back=(given[k],), returned=(LATER[k], Layer(GRADS[k]))) for k in range(3)]
    lab = SimpleNamespace(
        outputs=[np.moveaxis(VECTORS[1:4], 0, axis)],
        cotangent=[np.moveaxis(asked if cotangent is None else cotangent, 0, axis)],
    )
    return shared_layer._carried(lab, "layer", met)


@pytest.mark.parametrize("axis", [0, 1])
def test_what_is_carried_from_use_to_use_is_told(axis):
    """The cotangent of each is that of its output, and what comes back from the next."""
    right = [ASKED[0] + LATER[1], ASKED[1] + LATER[2], ASKED[2]]
    assert carried(right, axis=axis) is None
    alone = carried([*ASKED], axis=axis)
    assert alone.startswith("what comes back from a use of layer is not passed on to the use before it")
    next_one = carried([LATER[1], LATER[2], ASKED[2]], axis=axis)
    assert next_one.startswith("the cotangent of the output of each use of layer is ignored")
    assert carried([ASKED[0], LATER[2], ASKED[2]], axis=axis) is None
    assert carried([right[0], ASKED[1], ASKED[2]], axis=axis) is None


def test_outputs_that_are_not_found_once_in_that_of_the_whole_tell_nothing():
    """Nor is anything told where the whole has none, or where no use depends on another."""
    y = np.vstack([VECTORS[1:4], VECTORS[1:2]])
    assert shared_layer._asked(y, y, [*VECTORS[1:4]]) is None
    assert shared_layer._asked(y[1:], y[1:], [*VECTORS[2:4]])[0].tolist() == VECTORS[2].tolist()
    assert shared_layer._asked(y[1:3], y[1:3], [*VECTORS[1:4]]) is None
    none = SimpleNamespace(outputs=[], cotangent=[])
    assert shared_layer._carried(none, "layer", [use(k) for k in range(3)]) is None
    some = SimpleNamespace(outputs=[VECTORS], cotangent=[VECTORS])
    assert shared_layer._carried(some, "layer", [use(0), use(2)]) is None


def back_to_an_input(claim, right, *met, kind="input"):
    return told(not_added, claim, right, list(met), kind=kind)


@pytest.mark.parametrize(("sign", "much"), [(-1, "is not added"), (1, "is added twice")])
def test_what_comes_back_from_a_layer_within_is_told(sign, much):
    """By which of its arguments, if it has several."""
    one = use(returned=(GRADS[0], Layer(E)))
    claim = E + sign * GRADS[0]
    assert back_to_an_input(claim, E, one) == f"what comes back from layer (Layer) {much}"
    two = use(args=(1, 2), returned=(GRADS[1], GRADS[0], Layer(E)))
    assert back_to_an_input(claim, E, two) == f"what comes back from layer (Layer), by its argument 1, {much}"
    assert back_to_an_input(claim, E, use(returned=(None, GRADS[0], Layer(E)), args=(1, 2))).endswith(much)
    assert back_to_an_input(claim, E, one, kind="weight") is None
    assert back_to_an_input(claim, E, use(path="", returned=(GRADS[0], Layer(E)))) is None
    assert back_to_an_input(claim, E, use(returned=(GRADS[0][0], Layer(E)))) is None
    assert back_to_an_input(claim, E, use(returned=())) is None


@pytest.mark.parametrize(("entries", "told_of"), [(3, False), (4, True)])
def test_of_four_entries_it_is_told_what_comes_back(entries, told_of):
    """For one use of several, two are enough."""
    one = use(returned=(GRADS[0][0, :entries], Layer(E)))
    right = E[0, :entries]
    assert (back_to_an_input(right + GRADS[0][0, :entries], right, one) is not None) is told_of
    few = [use(k, grad=GRADS[k][0, : entries - 2]) for k in range(2)]
    total = GRADS[0][0, : entries - 2] + GRADS[1][0, : entries - 2]
    assert (told(uses, GRADS[0][0, : entries - 2], total, few) is not None) is told_of


def test_a_use_has_a_gradient_of_the_tensor_itself():
    """By its name, and of its shape; of a use that gave nothing back there is none."""
    evidence = shared(suspect(2 * E))
    right = use(0, grad=E)
    assert shared_layer._gradient(evidence, "layer", right) is not None
    assert shared_layer._gradient(replace(evidence, name="layer.b"), "layer", right) is None
    assert shared_layer._gradient(evidence, "layer", use(0, grad=E[:4])) is None
    assert shared_layer._gradient(evidence, "other", right) is None
    assert shared_layer._gradient(evidence, "layer", use(0, returned=())) is None
