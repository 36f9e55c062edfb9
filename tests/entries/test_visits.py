"""What is zero at the given point may hide any mistake there; so the whole gradient is screened nearby too.

What is wrong only outside of the set that the given point lies in is a note.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck import InputMismatch, Verdict, WeightMismatch, assert_gradients, check_gradients
from gradcheck._entries import visits
from gradcheck._entries.direction import Slope
from gradcheck._entries.table import Columns
from gradcheck._entries.visits import Nearby, _far_off, merged, told
from gradcheck._model.oracle import Oracle
from gradcheck._model.subject import Subject
from gradcheck._results.estimate import Estimate
from gradcheck._results.report import TensorResult
from gradcheck.networks import Array, Chain, Dense, LeakyReLU, Tanh

X = np.random.default_rng(0).normal(size=(5, 3))
POSITIVE = np.abs(X) + 0.5


@dataclass(frozen=True)
class WrongTanh:
    """Wrong: y = tanh x, but dy/dx = 1 - y."""

    def forward(self, x):
        y = np.tanh(x)
        return y, lambda dy: (dy * (1 - y), self)


@dataclass(frozen=True)
class WrongSlope:
    """Wrong for negative x: a leaky ReLU of which the backward forgets the slope."""

    def forward(self, x):
        return np.where(x > 0, x, 0.1 * x), lambda dy: (dy * (x > 0), self)


@dataclass(frozen=True)
class Scaled:
    """Wrong: y = x g, dg = 2 sum(dy x) instead of sum(dy x)."""

    g: Array

    def forward(self, x):
        return x * self.g, lambda dy: (dy * self.g, replace(self, g=2 * (dy * x).sum(axis=0)))


def zeroed(activation):
    """Return a network that begins as residual branches do: the last layer is zero."""
    return Chain((Dense.random(3, 4, np.random.default_rng(4)), activation, Dense(W=np.zeros((4, 2)), b=np.zeros(2))))


def test_a_zero_layer_hides_a_wrong_derivative_below_it():
    """At the given point every gradient below it is zero, claimed and measured; nearby the first layer is wrong."""
    with pytest.raises((WeightMismatch, InputMismatch)) as caught:
        assert_gradients(zeroed(WrongTanh()), X)
    wrong = {e.tensor for e in caught.value.report.wrong}
    assert "layers[0].W" in wrong
    assert not wrong & {"layers[2].W", "layers[2].b"}
    assert {e.where for e in caught.value.report.wrong} <= {"neighbour 1", "neighbour 2"}


def test_without_neighbours_it_stays_hidden():
    """And the report does not call it correct: those entries are untested."""
    report = check_gradients(zeroed(WrongTanh()), X, neighbours=0)
    assert report.wrong == ()
    assert report.tensors["layers[0].W"].verdict is Verdict.UNTESTED
    assert report.tensors["x"].verdict is Verdict.UNTESTED


def test_a_zero_layer_above_a_right_derivative():
    """The entries are correct then, and say where they were tested."""
    report = check_gradients(zeroed(Tanh()), X)
    assert report.verdict is Verdict.CORRECT
    assert all(t.verdict is Verdict.CORRECT for t in report.tensors.values())
    assert "neighbour" in report.tensors["layers[0].W"].entry(0).where
    assert "zero at the given point" in report.tensors["layers[0].W"].entry(0).where


def test_all_positive_inputs_hide_a_forgotten_slope():
    """The second neighbour has inputs of both signs."""
    report = check_gradients(WrongSlope(), POSITIVE)
    assert {e.tensor for e in report.wrong} == {"x"}
    assert {e.where for e in report.wrong} == {"neighbour 2"}
    assert check_gradients(WrongSlope(), POSITIVE, neighbours=1).verdict is Verdict.CORRECT


def test_a_slope_that_is_not_forgotten():
    """At inputs of both signs a right leaky ReLU is right."""
    assert check_gradients(LeakyReLU(slope=0.1), POSITIVE).verdict is Verdict.CORRECT


@pytest.mark.parametrize("seed", range(5))
def test_a_gradient_kept_from_the_first_call_is_stale(seed):
    """It was computed elsewhere, since function and gradient are called at a neighbour before anything else."""
    kept = []

    def stale(x):
        kept.append(kept[0] if kept else 2 * x)
        return kept[0]

    report = check_gradients(lambda x: float(np.sum(x**2)), X, grad=stale, seed=seed)
    assert report.verdict is Verdict.WRONG
    assert len(report.wrong) == X.size


def test_an_intermediate_result_kept_from_the_first_call_is_stale():
    """Of a network that keeps the activations of its first forward and uses them in every backward."""

    class Caching:
        def __init__(self):
            self.params = {"W": np.random.default_rng(4).normal(size=(3, 2))}

        def loss(self, x):
            z = np.tanh(x @ self.params["W"])
            if not hasattr(self, "z"):
                self.z = z
            return float(np.sum(z)), {"W": x.T @ (1 - self.z**2)}

    report = check_gradients(Caching(), X)
    assert {e.tensor for e in report.wrong} == {"W"}


def test_numbers_that_were_computed_beforehand_are_not_judged_nearby():
    """A constant claim speaks of the given point alone, and is right there."""
    claim = 3 * X**2
    report = check_gradients(lambda x: float(np.sum(x**3)), X, grad=lambda _: claim)
    assert report.verdict is Verdict.CORRECT


def test_numbers_that_were_computed_beforehand_and_are_wrong():
    """They are judged at the given point."""
    claim = 3 * X**2 + (np.arange(15).reshape(5, 3) == 7)
    report = check_gradients(lambda x: float(np.sum(x**3)), X, grad=lambda _: claim)
    assert [e.name for e in report.wrong] == ["x[2,1]"]


def test_a_linear_function_has_the_same_gradient_everywhere():
    """It may pass for numbers computed beforehand; right it is, all the same."""
    assert check_gradients(lambda x: float(np.sum(x * POSITIVE)), X, grad=lambda _: POSITIVE).verdict is Verdict.CORRECT


def test_what_is_wrong_at_the_given_point_is_not_counted_twice():
    """Each wrong entry is reported once, at the given point."""
    report = check_gradients(Scaled(np.array([0.5, 2.0, -1.0])), X)
    assert [e.where for e in report.wrong] == ["the given point"] * 3
    assert report.tensors["g"].checked == 3


def test_a_narrow_domain_is_not_left():
    """Where every neighbour at first falls outside, closer ones serve, and none is accused."""
    x = np.full(4, 1e-3)

    def arcs(x):
        return float(np.sum(np.arccos(1 - x)))

    def darcs(x):
        return 1 / np.sqrt(x * (2 - x))

    assert check_gradients(arcs, x, grad=darcs).verdict is Verdict.CORRECT
    report = check_gradients(lambda x: float(np.sum(np.log(x))), x, grad=lambda x: 1 / x)
    assert report.verdict is Verdict.CORRECT


def test_a_domain_without_neighbours():
    """A function that is finite at the given point alone: what was measured there stands, and no error escapes."""
    x0 = np.array([1.0, 2.0])

    def only_here(x):
        if np.abs(x - x0).max() > 1e-3:
            msg = "too far"
            raise ValueError(msg)
        return float(np.sum(x**2))

    assert check_gradients(only_here, x0, grad=lambda x: 2 * x).wrong == ()
    report = check_gradients(only_here, x0, grad=lambda x: 2.1 * x)
    assert len(report.wrong) == 2


def test_a_gradient_that_is_wrong_only_far_away_is_not_this_points_affair():
    """Neighbours are near: within a few tenths of the scale of each entry."""
    report = check_gradients(
        lambda x: float(np.sum(x**2)), POSITIVE, grad=lambda x: np.where(np.abs(x) > 20, 0, 2 * x), neighbours=5
    )
    assert report.verdict is Verdict.CORRECT


@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_as_many_as_are_asked_for(count):
    """Each costs one call of the gradient; the first four calls are the recipe's own."""
    gradients = [
        check_gradients(lambda x: float(np.sum(x**2)), X, grad=lambda x: 2 * x, neighbours=n).gradients
        for n in (0, count)
    ]
    assert gradients[1] - gradients[0] == count


def test_a_clipped_neighbour_is_not_accused():
    """Where f stands still nearby, since it is clipped there, the claim was not written for that."""
    x = np.full(6, 0.9)

    def f(x):
        return float(np.sum(np.minimum(x, 1.0) ** 2))

    assert check_gradients(f, x, grad=lambda x: 2 * x).wrong == ()


# ------------------------------------------------------------------------------------------- sets, and points

B = np.random.default_rng(1).normal(size=(3, 3))
S = B @ B.T + np.eye(3)


def logdet(S):
    return float(np.linalg.slogdet(S)[1])


def test_what_is_wrong_outside_of_a_set_is_a_note():
    """Nobody is accused, and the note says of which tensor and where."""
    report = check_gradients(logdet, S, grad=np.linalg.inv)
    assert report.verdict is Verdict.CORRECT
    (note,) = report.notes
    assert note.startswith("S: right among symmetric matrices, wrong outside of them, such as at S = [[")
    assert check_gradients(logdet, S, grad=lambda S: np.linalg.inv(S).T).notes == ()


def test_what_is_wrong_within_a_set_is_wrong():
    """And then nobody looks outside."""
    report = check_gradients(logdet, S, grad=lambda X: np.linalg.inv(X) * np.exp(X[0, 1] - S[0, 1]))
    assert report.verdict is Verdict.WRONG
    assert {e.where for e in report.wrong} <= {"neighbour 1", "neighbour 2"}
    assert report.notes == ()


def test_one_more_neighbour_is_looked_at_outside():
    """It costs two directions at most, and only where there is a set."""
    inside, plain = (check_gradients(lambda x: float(np.sum(x**2)), x, grad=lambda x: 2 * x) for x in (S, B))
    assert inside.gradients - plain.gradients == 1
    assert inside.evaluations - plain.evaluations < 50


def test_a_tensor_in_no_set_is_not_looked_at_outside():
    """Its claim may be wrong there because another tensor left a set."""
    report = check_gradients(
        lambda S, b: float(b @ np.linalg.inv(S).T @ b), S, B[0],
        grad=lambda S, b: (-np.outer(np.linalg.inv(S) @ b, np.linalg.inv(S) @ b), 2 * np.linalg.inv(S) @ b),
    )  # fmt: skip
    assert report.verdict is Verdict.CORRECT


def test_a_function_that_sorts_does_not_mind_an_order():
    """So rising numbers need not rise nearby, and what is right only while they do is found."""
    x, w = np.linspace(-1, 2, 6), np.array([0.5, -1.0, 2.0, 3.0, -2.0, 0.1])
    report = check_gradients(lambda x: float(np.sum(w * np.sort(x) ** 2)), x, grad=lambda x: 2 * w * np.sort(x))
    assert report.verdict is Verdict.WRONG


@pytest.mark.parametrize(("off", "far"), [(9.0, False), (12.0, False), (20.0, True), (30.0, True)])
def test_what_is_wrong_outside_of_a_set_is_off_by_sixteen_times_what_would_be_noticed(off, far):
    """No entry is looked at there."""
    slope = Slope(1 + off * 3e-3, Estimate(1.0, 1e-3, 1.0, 1.0), 2e-3)
    assert _far_off(slope) is far
    assert not _far_off(replace(slope, estimate=replace(slope.estimate, left=0.0)))


def opened(**point):
    return Subject.of(Oracle(point, lambda _: 0.0, lambda p: p), promote=False)


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ({"x": np.array([0.12345678, -2.0])}, "x = [0.1235, -2]"),
        ({"x": np.arange(9.0)}, "x = [0, 1, 2, 3, 4, 5, 6, 7, 8]"),
        ({"x": np.arange(10.0)}, "x = [0, 1, 2, ...]"),
        ({"x": np.arange(16.0).reshape(4, 2, 2)}, "x = [[[0, 1, 2, ...], ...], ...]"),
        ({"W": np.eye(2), "b": np.zeros(1), "c": np.zeros(1)}, "W = [[1, 0], [0, 1]], b = [0], ..."),
        ({"W": np.eye(2), "b": np.zeros(1)}, "W = [[1, 0], [0, 1]], b = [0]"),
        ({"t": 1.5}, "t = 1.5"),
    ],
)
def test_the_numbers_of_a_point_are_told(point, said):
    """All of them where they are few, of two tensors."""
    assert told(opened(**point)) == said


def test_an_entry_that_is_wrong_nearby_knows_the_point():
    """Its numbers are kept with the tensor."""
    tensor = check_gradients(WrongSlope(), POSITIVE).tensors["x"]
    assert [*tensor.points] == ["neighbour 2"]
    assert tensor.points["neighbour 2"].startswith("x = [[")
    assert check_gradients(LeakyReLU(slope=0.1), POSITIVE).tensors["x"].points == {}


def test_a_value_that_is_larger_nearby_is_rounded_more():
    """The noise at the given point, where f is nearly 0, is less than what hides a slope far below others there."""
    point = {"w": np.linspace(0.2, 2.0, 12), "b": np.zeros(5)}

    def lost(p):
        return float(np.sum(np.exp(p["b"]) - 1 - p["b"]) + 1e-12 * np.sum(np.sin(3 * p["w"])))

    def claims(p):
        return {"w": 3e-12 * np.cos(3 * p["w"]), "b": np.expm1(p["b"])}

    report = check_gradients(lost, point, grad=claims)
    assert report.verdict is Verdict.CORRECT
    assert report.spent["neighbours"] < 64


def test_nothing_is_looked_at_where_everything_is_wrong():
    """It is wrong at the given point."""
    few, none = (check_gradients(lambda x: float(np.sum(x**2)), X, grad=lambda x: 3 * x, neighbours=n) for n in (9, 0))
    assert few.gradients == none.gradients


def root(a):
    """Return the root by Newton's iteration, which is chaotic where there is none."""
    x = np.ones(a.shape)
    for _ in range(30):
        x = (x + a / x) / 2
    return x


@pytest.mark.parametrize(("factor", "verdict"), [(2.0, Verdict.WRONG), (1.0, Verdict.CORRECT)])
def test_an_iteration_that_is_chaotic_beyond_0_says_nothing_there(factor, verdict):
    """Its slope is millions of times itself, whatever a right gradient says; at the given point it is judged."""
    a = np.random.default_rng(0).uniform(1, 4, 5)
    report = check_gradients(root, a, vjp=lambda a, u: factor * u / (2 * root(a)))
    assert report.verdict is verdict
    assert ("right where a has one sign" in "; ".join(report.notes)) is (verdict is Verdict.CORRECT)


def test_what_is_steep_beyond_0_is_wrong_there_all_the_same():
    """Of a ramp, whose slope is thousands of times what is claimed and no more than once itself."""
    x = np.array([0.5, 0.7, 1.1, 0.9])
    report = check_gradients(lambda x: float(np.sum(np.where(x > 0, x * x, 1e4 * x))), x, grad=lambda x: 2 * x)
    assert report.verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("shape", "pairs"),
    [
        ((3, 3), {(0, 1): (1, 0), (2, 2): (2, 2), (2, 0): (0, 2)}),
        ((2, 3, 3), {(1, 0, 2): (1, 2, 0), (0, 1, 0): (0, 0, 1)}),
        ((2, 3), {(0, 2): (0, 2)}),
        ((5,), {(3,): (3,)}),
        ((), {(): ()}),
    ],
    ids=str,
)
def test_an_entry_has_a_mirror_image_in_a_square_matrix(shape, pairs):
    """In each of a stack; in anything else it is its own."""
    flat = np.array([np.ravel_multi_index(index, shape) if index else 0 for index in pairs])
    mirrored = [np.ravel_multi_index(index, shape) if index else 0 for index in pairs.values()]
    np.testing.assert_array_equal(visits._mirrored(flat, shape), mirrored)


@pytest.mark.parametrize(("slope", "wild"), [(1.5, True), (0.7, False)])
def test_f_is_wild_where_all_that_is_wrong_moves_it_by_a_million_times_itself(slope, wild):
    """A step of the scale of each entry."""
    x = np.array([3.0, 5.0])
    subject = Subject.of(Oracle(x, lambda x: 2.0, lambda x: x), promote=False).settled()
    columns = SimpleNamespace(estimates=slope * 2.0**21 / x * np.array([-1, 2]), flat=np.arange(2))
    assert visits._wild(subject, [SimpleNamespace(columns=columns, path="")]) is wild


def test_the_way_to_a_neighbour_is_remembered():
    """For those who look for the cause of what is wrong there."""
    subject = Subject.of(Oracle({"x": np.ones(2)}, lambda p: float(p["x"].sum()), lambda p: p), promote=False).settled()
    with subject.at([("x", np.array([0.5, -0.25]))]) as there:
        visits._Tour._remember(SimpleNamespace(subject=subject), "there", there)
    assert subject.tally.strays["there"]["x"].tolist() == [0.5, -0.25]


@pytest.mark.parametrize(
    ("claims", "verdict", "undone", "nothing"),
    [
        ((0.0, 0.0), Verdict.KINK, "a backward", True),
        ((0.0, 1.0), Verdict.KINK, "a backward", False),
        ((0.0, 0.0), Verdict.CORRECT, "a backward", False),
        ((0.0, 0.0), Verdict.KINK, None, False),
    ],
)
def test_a_backward_of_a_framework_that_returns_nothing_at_a_kink_and_beside_it(claims, verdict, undone, nothing):
    """One of the user's, or of what is smooth, may be meant so."""
    subject = SimpleNamespace(oracle=SimpleNamespace(undone=undone))
    tour = SimpleNamespace(_verdicts={"x": frozenset([verdict])}, subject=subject)
    assert visits._Tour._nothing(tour, SimpleNamespace(claims={"x": np.array(claims)})) is nothing


def turned(k=1.0, more=0.0):
    """Return the energy of a torsion that is at its minimum, flat but for rounding, and a gradient of it."""
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    a, b = Q @ [1.0, 2.0, 0.5], Q @ [-2.0, -4.0, -1.0]

    def cosine(x):
        return x[:3] @ x[3:] / np.linalg.norm(x[:3]) / np.linalg.norm(x[3:])

    def gradient(x):
        c, m, n = cosine(x), np.linalg.norm(x[:3]), np.linalg.norm(x[3:])
        g = np.r_[x[3:] / m / n - c * x[:3] / m**2, x[:3] / m / n - c * x[3:] / n**2]
        return -4 * k * c * g + more

    return lambda x: 2 * (1 - cosine(x) ** 2), np.r_[a, b], gradient


@pytest.mark.parametrize(
    ("k", "more", "neighbours", "verdict"),
    [
        (1, 0, 2, Verdict.CORRECT),
        (1, 0, 0, Verdict.UNDECIDED),
        (2, 0, 2, Verdict.WRONG),
        (-1, 0, 2, Verdict.WRONG),
        (0, 0, 2, Verdict.WRONG),
        (1, 1e-6, 2, Verdict.WRONG),
    ],
)
def test_at_a_minimum_a_neighbour_decides_on_what_is_lost_in_rounding(k, more, neighbours, verdict):
    """Where the claim agrees, and is a million times larger than what is unknown at the given point."""
    f, x, grad = turned(k, more)
    report = check_gradients(f, x, grad=grad, neighbours=neighbours)
    assert report.verdict is verdict
    places = report.tensors["x"].places.values()
    assert ("neighbour 1 (zero at the given point)" in places) is (verdict is Verdict.CORRECT)


@pytest.mark.parametrize(("beside", "code"), [(1e6, Verdict.CORRECT), (0.9e6, Verdict.UNDECIDED)])
def test_a_slope_is_zero_beside_one_that_is_a_million_times_larger(beside, code):
    """What is claimed, measured and unknown together; what is known to be something stays undecided."""
    entry = {"claims": 0.25, "estimates": -0.25, "uncertainties": 0.5, "lefts": 0.0, "rights": 0.0}
    columns = {name: np.array([number]) for name, number in entry.items()}
    codes = np.array([Verdict.UNDECIDED])
    result = TensorResult("x", "input", (1,), "float64", np.zeros(1, int), codes=codes, **columns)
    nobody = Columns.of(np.zeros(1)).only(np.zeros(0, int))
    there = Nearby("x", "neighbour 1", "", nobody, np.zeros(1, int), np.array([beside]))
    assert merged(result, there).codes.tolist() == [code]


def test_the_first_neighbour_that_shows_an_entry_is_told():
    """Those after it show it as well."""
    x = np.array([0.0, 1.5])
    report = check_gradients(lambda x: float(np.sum(x**2)), x, grad=lambda x: 2 * x, neighbours=3)
    assert report.tensors["x"].places == {0: "neighbour 1 (zero at the given point)"}
