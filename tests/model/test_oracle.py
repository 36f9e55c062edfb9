"""An oracle is three fields; opened, its arrays are private, its lines exact, its claims have names."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck import InputError, Oracle, Verdict, check_gradients
from gradcheck._model.oracle import guess_kind
from gradcheck._model.point import matched, restrict
from gradcheck._model.subject import Subject, scalar
from gradcheck._results.errors import CallError

X = np.array([1.0, 2.0, 3.0])
POINT = {"W": np.array([[1.0, 2.0], [3.0, 4.0]]), "b": np.array([0.5, 0.0])}


def value(p):
    return float(np.sum(p["W"] ** 2) + np.sum(p["b"]))


def gradient(p):
    return {"W": 2 * p["W"], "b": np.ones(2)}


def opened(point=POINT, f=value, df=gradient, promote=False, **fields):
    return Subject.of(Oracle(point, f, df, **fields), promote=promote)


def test_a_wrong_oracle_is_found():
    """Three fields are enough to find which entry of which array is wrong."""
    report = check_gradients(Oracle(POINT, value, lambda p: gradient(p) | {"b": np.array([1.0, 2.0])}, name="energy"))
    assert [e.name for e in report.wrong] == ["b[1]"]
    assert report.name == "energy"


def test_a_right_oracle_is_correct():
    """Of one array, of a nest of them, and of several outputs with a cotangent."""
    assert check_gradients(Oracle(POINT, value, gradient)).verdict is Verdict.CORRECT
    assert check_gradients(Oracle(X, lambda x: float(x @ x), lambda x: 2 * x)).verdict is Verdict.CORRECT
    u = np.array([1.0, -2.0, 0.5])
    report = check_gradients(Oracle(X, np.square, lambda x: 2 * x * u, cotangent=u))
    assert report.verdict is Verdict.CORRECT


def test_an_oracle_at_a_kink_is_not_judged():
    """The absolute value at zero."""
    report = check_gradients(Oracle(np.zeros(1), lambda x: float(abs(x[0])), np.zeros_like), neighbours=0)
    assert report.verdict is Verdict.KINK


# ------------------------------------------------------------------------------------------ opening


def test_arrays_are_private():
    """Nothing the function does to what it is given reaches the user."""
    subject = opened()
    subject.tree["W"][:] = 0
    assert POINT["W"].sum() == 10
    assert subject.leaves["W"].original.sum() == 10


def test_the_layout_is_kept():
    """An array in Fortran order is given to the function in Fortran order."""
    subject = opened({"W": np.asfortranarray(POINT["W"]), "b": POINT["b"]})
    assert subject.tree["W"].flags.f_contiguous


@pytest.mark.parametrize("promote", [False, True])
def test_promotion(promote):
    """Float32 becomes float64, or stays; what the user gave is remembered."""
    subject = opened({"W": POINT["W"].astype(np.float32), "b": POINT["b"]}, promote=promote)
    assert subject.tree["W"].dtype == (np.float64 if promote else np.float32)
    assert subject.leaves["W"].dtype == np.float32


@pytest.mark.parametrize("number", [2.0, np.float64(2.0), np.float32(2.0)], ids=repr)
def test_a_number_stays_a_number(number):
    """The function is given a scalar, at the point and on the lines through it."""
    seen = []
    subject = opened({"a": number}, lambda p: seen.append(p["a"]) or p["a"] ** 2, lambda p: {"a": 2 * p["a"]})
    subject = subject.settled()
    _, rise = subject.entry(subject.leaves["a"], 0)(0.5)
    assert rise == 2.25
    assert [float(v) for v in seen] == [2.0, 2.5]
    assert all(np.isscalar(v) for v in seen)


def test_what_is_no_float_is_passed_on():
    """Integers, text and objects are settings, not leaves."""
    labels, thing = np.array([0, 1]), object()
    point = {"W": POINT["W"], "labels": labels, "name": "text", "thing": thing}
    subject = opened(point)
    assert list(subject.leaves) == ["W"]
    assert subject.tree["labels"] is labels
    assert subject.tree["thing"] is thing


@pytest.mark.parametrize(
    ("array", "scale"),
    [
        ([1.0, -4.0, 100.0], [4.0, 4.0, 100.0]),
        ([0.0, 2.0, 1e-9], [1.0, 2.0, 1.0]),
        ([0.0, 0.0], [1.0, 1.0]),
        (3.0, [3.0]),
    ],
)
def test_the_scale_of_an_entry(array, scale):
    """Its own size, or that of a typical entry that is not zero; one where all are zero."""
    subject = opened({"a": np.array(array)})
    assert subject.leaves["a"].scale == pytest.approx(scale, rel=1e-6)


# -------------------------------------------------------------------------------------------- lines


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), st.floats(-10, 10), st.data())
def test_an_entry_is_put_back_bit_for_bit(numbers, t, data):
    """After every step, of whatever size; and the step is what was really taken."""
    x = np.array(numbers)
    subject = opened({"x": x}, lambda p: float(p["x"].sum()), lambda p: {"x": np.ones_like(p["x"])})
    subject = subject.settled()
    flat = data.draw(st.integers(0, len(x) - 1))
    taken, _ = subject.entry(subject.leaves["x"], flat)(t)
    assert taken == (x[flat] + t) - x[flat]
    assert subject.leaves["x"].array.tobytes() == x.tobytes()


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_an_entry_is_put_back_when_the_function_raises(error):
    """Raising outside of its domain gives nan; an interrupt passes; either way the array is what it was."""

    def f(p):
        if p["x"][1] != 2:
            raise error
        return 0.0

    subject = opened({"x": X}, f, lambda p: p)
    subject = subject.settled()
    for line in (subject.entry(subject.leaves["x"], 1), subject.direction({"x": np.ones(3)})):
        if error is KeyboardInterrupt:
            with pytest.raises(error):
                line(0.5)
        else:
            assert math.isnan(line(0.5)[1])
            assert isinstance(subject.tally.trouble.__cause__, error)
        assert subject.leaves["x"].array.tobytes() == X.tobytes()


def test_a_direction_moves_several_tensors_at_once():
    """By t times the move of each, and all of them back again."""
    subject = opened()
    subject = subject.settled()
    moves = {"W": np.array([[1.0, 0.0], [0.0, -1.0]]), "b": np.array([0.0, 2.0])}
    taken, rise = subject.direction(moves)(0.5)
    assert taken == 0.5
    assert rise == (1.5**2 - 1) + (3.5**2 - 16) + 1
    assert all(np.array_equal(subject.leaves[k].array, POINT[k]) for k in POINT)


def test_an_offset_in_one_output_stays_out_of_the_others():
    """Differences of outputs are summed, not outputs: beside 1e12 a step of 1e-9 is still seen."""
    subject = opened(X, lambda x: np.array([1e12, x[1]]), lambda x: np.array([0.0, 1.0, 0.0]), cotangent=np.ones(2))
    subject = subject.settled()
    _, rise = subject.entry(subject.leaves[""], 1)(2.0**-30)
    assert rise == 2.0**-30


def test_standing_at_another_point():
    """For a while: arrays and base are put back, by an accident too."""
    subject = opened()
    subject = subject.settled()

    def accident(there):
        assert there.settled().base == value({"W": POINT["W"] + 1, "b": POINT["b"]})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), subject.at([("W", np.ones((2, 2)))]) as there:
        accident(there)
    assert subject.base == value(POINT)
    assert np.array_equal(subject.leaves["W"].array, POINT["W"])


def test_the_rounding_of_the_outputs_is_the_floor_of_the_noise():
    """In units of the coarsest dtype that the function ever returned."""
    subject = opened(X, lambda x: np.float64(1e6), lambda x: x)
    subject = subject.settled()
    double = subject.rounding()
    assert 1e-11 < double < 1e-9
    single = opened(X, lambda x: np.float32(1e6), lambda x: x)
    single = single.settled()
    assert 1e-3 < single.rounding() < 1


def test_calls_are_counted():
    """Evaluations of the function, and gradients, whether they return or raise."""
    subject = opened(df=lambda p: {})
    subject = subject.settled()
    subject.increment()
    with pytest.raises(InputError):
        subject.claims()
    assert (subject.evaluations, subject.tally.gradients) == (2, 1)


@pytest.mark.parametrize("who", ["function", "gradient function"])
def test_the_users_exception_is_the_cause(who):
    """It is raised from what the user's code raised."""
    subject = opened(f=lambda p: p["nothing"], df=lambda p: p["nothing"])
    with pytest.raises(CallError, match=f"the {who} raised KeyError: 'nothing'") as caught:
        subject.settled() if who == "function" else subject.claims()
    assert isinstance(caught.value.__cause__, KeyError)


# ------------------------------------------------------------------------------------------- claims


def test_a_claim_has_the_name_of_its_array():
    """In whatever order the gradient comes; a list may serve for a tuple, an array for a list."""
    found = matched(POINT, dict(reversed(gradient(POINT).items())), opened().leaves)
    assert list(found) == ["W", "b"]
    assert np.array_equal(found["W"], 2 * POINT["W"])
    pair = (X, 2 * X)
    for claims in ([X, X + 1], (X, X + 1), np.array([X, X + 1])):
        assert np.array_equal(matched(pair, claims, opened(pair).leaves)["[1]"], X + 1)


def test_a_claim_is_copied():
    """A gradient function that reuses its buffer cannot change what it claimed before."""
    claim = gradient(POINT)
    found = matched(POINT, claim, opened().leaves)
    claim["W"][:] = 0
    assert found["W"].sum() == 20


@pytest.mark.parametrize(
    ("dtype", "kept"), [(np.float32, np.float32), (np.float64, np.float64), (np.int64, np.float64), (bool, np.float64)]
)
def test_a_claim_keeps_its_precision(dtype, kept):
    """Its rounding is judged by it; integers are taken for exact."""
    found = matched({"b": np.ones(2)}, {"b": np.ones(2, dtype)}, opened({"b": np.ones(2)}).leaves)
    assert found["b"].dtype == kept


def test_only_what_is_asked_for_must_be_claimed():
    """With wrt= the gradient may leave the others out."""
    report = check_gradients(Oracle(POINT, value, lambda p: {"b": np.ones(2)}), wrt="b")
    assert list(report.tensors) == ["b"]
    assert report.verdict is Verdict.CORRECT


# ------------------------------------------------------------------------------------ names and kinds


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (None, ["W1", "b1", "layers[0].W", "layers[1].W"]),
        ("W1", ["W1"]),
        ("*1", ["W1", "b1"]),
        ("layers[1].W", ["layers[1].W"]),
        ("layers[?].W", ["layers[0].W", "layers[1].W"]),
        ("*W*", ["W1", "layers[0].W", "layers[1].W"]),
        (["b1", "W1"], ["W1", "b1"]),
        (["*", "b1"], ["W1", "b1", "layers[0].W", "layers[1].W"]),
    ],
)
def test_patterns(patterns, expected):
    """Stars and question marks stand for anything, brackets for themselves; the order is that of the point."""
    point = {"W1": X, "b1": X, "layers": [{"W": X}, {"W": X}]}
    assert list(restrict(opened(point).leaves, patterns)) == expected


@pytest.mark.parametrize("pattern", ["w1", "W", "layers", "[W]1"])
def test_a_pattern_that_matches_nothing(pattern):
    """Case counts, and a part of a name is not the name; the error lists the names."""
    with pytest.raises(InputError, match="matches none of W1, b1"):
        restrict(opened({"W1": X, "b1": X}).leaves, pattern)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("W", "weight"),
        ("W12", "weight"),
        ("layers[0].W", "weight"),
        ("conv.kernel", "weight"),
        ("enc.weight_ih_l0", "weight"),
        ("gamma", "weight"),
        ("b", "bias"),
        ("b_2", "bias"),
        ("enc.bias_hh_l0", "bias"),
        ("in_proj_bias", "bias"),
        ("layers[3].b", "bias"),
        ("beta", "bias"),
        ("x", "parameter"),
        ("theta", "parameter"),
        ("labels", "parameter"),
        ("web", "parameter"),
        ("W.enc[0]", "parameter"),
    ],
)
def test_the_kind_is_read_from_the_name(name, kind):
    """Of its last part, whatever its number."""
    assert guess_kind(name) == kind


def test_a_kind_that_is_said_counts():
    """Where the name does not tell."""
    assert opened({"theta": X}, kinds={"theta": "bias"}).leaves["theta"].kind == "bias"


# ------------------------------------------------------------------------------------------- scalars


@pytest.mark.parametrize(
    "output", [2.0, 2, np.float64(2), np.float32(2), np.array(2.0), np.array([2.0]), np.array([[2]]), [2.0]], ids=repr
)
def test_a_single_number_is_a_scalar(output):
    """In any wrapping."""
    assert scalar(output) == 2.0


@pytest.mark.parametrize("output", [np.zeros(2), np.zeros(0), None, "2", 2j, {"loss": 2.0}, [1.0, 2.0]], ids=repr)
def test_several_numbers_are_not(output):
    """The error says what was returned, and what to write instead."""
    with pytest.raises(InputError, match=r"where a scalar is promised.*vjp=pullback"):
        scalar(output)


def test_the_guard_is_entered_and_left():
    """Around all calls, and left when one of them raises."""
    events = []

    class Guard:
        def __enter__(self):
            events.append("in")

        def __exit__(self, *_):
            events.append("out")

    def f(x):
        assert events == ["in"]
        return float(x @ x)

    oracle = Oracle(X, f, lambda x: 2 * x, guard=Guard)
    check_gradients(oracle)
    assert events == ["in", "out"]
    events.clear()
    with pytest.raises(CallError):
        check_gradients(replace(oracle, gradient=lambda _: 1 / 0))
    assert events == ["in", "out"]
