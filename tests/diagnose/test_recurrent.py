"""Is it recognised how a sequence was followed back?"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from sequences import CELL, FOLLOWED, last
from suspects import E, met, same_in_any_unit, spoilt, suspect

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose import recurrent
from gradcheck._diagnose.activation import BETWEEN_LAYERS, IDENTITY
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.conclusion import NOT_RECOGNISED
from gradcheck._diagnose.recurrent import RIGHT, Names, way_back

TANH = BETWEEN_LAYERS[0]

OF_CELLS = [name for name, case in FOLLOWED.items() if case.point is CELL]


@pytest.mark.parametrize("name", OF_CELLS)
def test_the_wrong_way_back_is_named(name):
    """Nothing is said of one that is not known."""
    case = FOLLOWED[name]
    report = check_gradients(case.f, case.point, grad=case.wrong)
    assert report.verdict is Verdict.WRONG
    assert (case.words or NOT_RECOGNISED) in report.diagnosis[0]


@pytest.mark.parametrize("name", OF_CELLS[:2])
def test_the_right_way_back_passes(name):
    """From the last state, and from all."""
    case = FOLLOWED[name]
    assert check_gradients(case.f, case.point, grad=case.right).verdict is Verdict.CORRECT


def test_a_claim_that_is_nearly_so_is_left_to_others():
    """By some per mille."""
    for found in met(last, CELL, grad=FOLLOWED["three steps back"].wrong):
        assert way_back(found).kind is Slip.WAY_BACK
        assert way_back(spoilt(found)) is None
        assert same_in_any_unit(way_back, found)


def sequence(steps=5, n=2, inputs=3, width=4, *, left=False, f=TANH):
    """Return a run of a recurrence, with the numbers that it was made of."""
    rng = np.random.default_rng(8)
    values = {"W": rng.normal(size=(inputs, width)), "U": rng.normal(size=(width, width)) / 3}
    values = {name: M.T if left else M for name, M in values.items()} | {"b": rng.normal(size=width)}
    names = Names("x", "[t]", "W", "U", "b", left)
    return next(s for s in recurrent._run(rng.normal(size=(steps, n, inputs)), names, values) if s.f is f), values


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("f", [*BETWEEN_LAYERS[:3], IDENTITY], ids=lambda f: f.name)
def test_a_recurrence_is_run_and_followed_back(f, left):
    """By each function; the gradients are those that differences show, whichever way the weights are written."""
    made, values = sequence(left=left, f=f)
    u = np.random.default_rng(9).normal(size=made.z.shape)

    def cost(values):
        (again,) = (s for s in recurrent._run(made.x, made.names, values) if s.f is f)
        return np.sum(u * again.h[1:])

    gradients = made.gradients(u, RIGHT)
    assert {*gradients} == {"W", "U", "b"}
    for name, gradient in gradients.items():
        move = 1e-6 * np.random.default_rng(1).normal(size=gradient.shape)
        up, down = (cost(values | {name: values[name] + s * move}) for s in (1, -1))
        assert (up - down) / 2 == pytest.approx(float(np.sum(gradient * move)), rel=1e-5)


def test_a_recurrence_without_a_bias_has_no_gradient_of_one():
    """Nor is anything added."""
    made, values = sequence()
    names = Names("x", "[t]", "W", "U", "", left=False)
    bare = next(s for s in recurrent._run(made.x, names, values) if s.f is TANH)
    np.testing.assert_allclose(bare.z[0], made.x[0] @ values["W"], rtol=1e-12)
    assert {*bare.gradients(np.ones_like(bare.z), RIGHT)} == {"W", "U"}
    assert names.words(TANH) == "h[t] = tanh(x[t] W + h[t-1] U)"
    assert Names("x", "[:,t]", "W", "U", "b", left=True).words(IDENTITY) == "h[t] = W x[:,t] + U h[t-1] + b"


@pytest.mark.parametrize(("last", "k"), [(True, 1), (True, 3), (False, 2)])
def test_only_so_many_steps_are_followed_back(last, k):
    """Of the cotangent of each state: before the first of them nothing is known of it."""
    made, _ = sequence()
    u = np.random.default_rng(9).normal(size=made.z.shape) * (np.arange(5) == 4 if last else np.ones(5))[:, None, None]
    slope, U = 1 - made.h[1:] ** 2, made.U
    expected = 0.0
    for at in range(5):
        dh = u[at]
        for t in range(at, max(at - k, -1), -1):
            expected = expected + (dh * slope[t]).sum(axis=0)
            dh = (dh * slope[t]) @ U.T
    ways = {back.words: back for back in recurrent._ways(made, last=last)}
    of = "" if last else ", from each state"
    back = ways[f"only {k} of 5 steps are followed back{of}: truncated backpropagation through time"]
    np.testing.assert_allclose(made.gradients(u, back)["b"], expected, rtol=1e-9)


def test_other_ways_back_are_what_their_words_say():
    """The slope, the matrix, the state or the steps that count are another."""
    made, _ = sequence()
    u = np.random.default_rng(9).normal(size=made.z.shape)
    ways = {back.words: made.gradients(u, back) for back in recurrent._ways(made, last=False)}
    assert len(ways) == 4 + 4 + 4

    def back(slope, U, met, counted=range(5)):
        dh, db, dU = np.zeros((2, 4)), 0.0, 0.0
        for t in reversed(range(5)):
            dz = (u[t] + dh) * slope[t]
            if t in counted:
                db, dU = db + dz.sum(axis=0), dU + met[t].T @ dz
            dh = dz @ U
        return {"b": db, "U": dU}

    right, U, h = 1 - made.h[1:] ** 2, made.U, made.h
    by_hand = {
        "the derivative of tanh is missing on the way back": back(np.ones_like(right), U.T, h),
        "the derivative of tanh is taken at the output": back(1 - np.tanh(h[1:]) ** 2, U.T, h),
        "U is not transposed on the way back": back(right, U, h),
        "U meets h[t] where h[t-1] is meant": back(right, U.T, h[1:]),
        "only the first of 5 steps counts: the sum over all is meant": back(right, U.T, h, [0]),
        "only the last of 5 steps counts: the sum over all is meant": back(right, U.T, h, [4]),
        "the first of 5 steps is left out": back(right, U.T, h, [1, 2, 3, 4]),
        "the last of 5 steps is left out": back(right, U.T, h, [0, 1, 2, 3]),
    }
    for words, gradients in by_hand.items():
        for name, gradient in gradients.items():
            np.testing.assert_allclose(ways[words][name], gradient, rtol=1e-9, err_msg=words)
    assert not any("derivative" in way.words for way in recurrent._ways(sequence(f=IDENTITY)[0], last=True))


def test_sixty_three_numbers_of_steps_are_tried():
    """Of a longer sequence others follow from no limit that is written down."""
    made, _ = sequence(steps=70, n=1, inputs=1, width=2)
    words = [way.words for way in recurrent._ways(made, last=True) if way.steps]
    assert words[-1].startswith("only 63 of 70 steps")
    assert len(words) == 63
    few, _ = sequence(steps=3)
    assert [way.steps for way in recurrent._ways(few, last=True) if way.steps] == [1, 2]


@pytest.mark.parametrize(("shape", "readings"), [
    ((2, 3), []), ((3, 2), ["[t]"]), ((3, 3, 2), ["[:,t]", "[t]"]), ((2, 3, 2), ["[:,t]"]), ((3, 2, 2), ["[t]"]),
    ((3, 3, 3, 3), []), ((4,), []),
])  # fmt: skip
def test_a_sequence_has_three_steps(shape, readings):
    """Of a matrix along the rows; of a cube along either of the first two axes, examples along the other."""
    array = np.arange(np.prod(shape), dtype=float).reshape(shape)
    found = list(recurrent._in_time(array))
    assert [place for _, place in found] == readings
    for steps, place in found:
        assert steps.ndim == 3
        wanted = array[:, 1] if place == "[:,t]" else array[1]
        np.testing.assert_array_equal(np.squeeze(steps[1]), np.squeeze(wanted))


@pytest.mark.parametrize(
    ("steps", "n", "width", "last", "known"),
    [(5, 2, 4, False, 40), (5, 2, 4, True, 8), (100, 1, 4, False, 400), (101, 1, 4, False, 0), (101, 1, 4, True, 4)],
)
def test_four_hundred_cotangents_may_be_unknown(steps, n, width, last, known):
    """Each is a number of one state; of the last alone, where the cost reads no other."""
    made, _ = sequence(steps=steps, n=n, width=width, inputs=2)
    unit = recurrent._unit(made, last=last)
    assert (0 if unit is None else len(unit)) == known
    if known:
        assert unit.shape == (known, steps, n, width)
        flat = unit[:, -1:] if last else unit
        np.testing.assert_array_equal(flat.reshape(known, -1), np.eye(known))
        assert not last or not unit[:, :-1].any()


def test_what_takes_long_to_follow_back_is_not(monkeypatch):
    """Operations: of each unknown number, through each state, by each weight that it meets."""
    made, _ = sequence(steps=5, n=2, inputs=3, width=4)
    for limit, known in ((40 * 40 * 7, True), (40 * 40 * 7 - 1, False)):
        monkeypatch.setattr(recurrent, "OPERATIONS", limit)
        assert (recurrent._unit(made, last=False) is not None) is known


@pytest.mark.parametrize(
    ("W", "U", "fit"),
    [
        ((3, 4), (4, 4), True),
        ((3, 4), (4, 3), False),
        ((3, 5), (4, 4), False),
        ((3, 1), (1, 1), False),
        ((4,), (4, 4), False),
    ],
)
def test_which_matrices_make_a_recurrence(W, U, fit):
    """One that makes states of inputs, and one of states; a state of one number is none."""
    assert recurrent._fit(np.ones(W), np.ones(U)) is fit


def test_sixteen_readings_are_tried(monkeypatch):
    """Of tensors that fit in many ways; with each function."""
    monkeypatch.setattr(recurrent, "_named", lambda *_: itertools.repeat(("names", "x")))
    monkeypatch.setattr(recurrent, "_run", lambda x, names, _: [(x, names)])
    assert list(recurrent._sequences(suspect(2 * E))) == [("x", "names")] * 16


def test_what_a_recurrence_is_made_of_is_named():
    """Its inputs are no weights but its own; it holds the tensor, and its bias if one fits."""
    rng = np.random.default_rng(2)
    values = {"V": rng.normal(size=(3, 4)), "U": rng.normal(size=(4, 4)), "b": rng.normal(size=4), "c": np.ones(3)}
    x = rng.normal(size=(6, 3))

    def read(name, **context):
        evidence = replace(suspect(np.ones(values[name].shape), 2 * np.ones(values[name].shape), **context), name=name)
        return [names for names, _ in recurrent._named(evidence, values)]

    assert read("U", data={"x": x}) == [Names("x", "[t]", "V", "U", "b", left=False)]
    assert read("V", data={"x": x}) == read("b", data={"x": x}) == read("U", data={"x": x})
    assert read("c", data={"x": x}) == []
    assert read("U", data={"x": x[:, :2]}) == []
    assert read("U", data={"x": x}, inputs=("V",)) == []
    values["V"] = values["V"].T
    assert read("U", data={"x": x}) == [Names("x", "[t]", "V", "U", "b", left=True)]
    del values["b"]
    assert read("U", data={"x": x}) == [Names("x", "[t]", "V", "U", "", left=True)]
