"""Does the laboratory measure what would be, were something else?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck import check_gradients
from gradcheck._adapters.choose import choose
from gradcheck._diagnose import experiments
from gradcheck._diagnose.budget import Budget
from gradcheck._diagnose.experiments import Lab
from gradcheck._diagnose.laboratory import Variant
from gradcheck._model.precision import opened
from gradcheck._options import Options
from gradcheck.networks import Dense, LeakyReLU, LSTMCell

RNG = np.random.default_rng(3)
X = RNG.normal(size=(4, 3))
DENSE = Dense(RNG.normal(size=(3, 2)), RNG.normal(size=2))
AS_IT_IS = Variant("as it is")


def laboratory(model, *args, most=10_000):
    """Return a laboratory for a layer, with a budget of so many calls."""
    return Lab(opened(choose(model, args, Options()), "double"), Budget(most))


def test_slopes_are_those_of_the_function():
    """Of a layer with the cotangent; linear in its weights."""
    lab = laboratory(DENSE, X)
    (u,) = lab.cotangent
    np.testing.assert_allclose(lab.slopes("W", AS_IT_IS), X.T @ u, rtol=1e-9)
    np.testing.assert_allclose(lab.along("b", np.ones(2), AS_IT_IS), u.sum(), rtol=1e-6)
    np.testing.assert_allclose(lab.jacobian("b"), np.tile(np.eye(2), (4, 1)), rtol=0, atol=1e-9)


def test_a_changed_function_has_other_slopes():
    """Another setting, or another sign of the input."""
    x = -np.abs(X)
    lab = laboratory(LeakyReLU(slope=0.1), x)
    steep = Variant("with slope=1", lambda point: [{**point, "": replace(point[""], slope=1.0)}])
    np.testing.assert_allclose(lab.slopes("x", steep), 10 * lab.slopes("x", AS_IT_IS), rtol=1e-6)


def test_the_point_is_left_as_it_is():
    """Every call has its own."""
    lab = laboratory(DENSE, X)
    before = X.copy(), DENSE.W.copy()
    lab.slopes("x", AS_IT_IS)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(DENSE.W, before[1])


def test_a_variant_that_does_not_run_has_no_slope():
    """A layer may refuse a setting with any exception; and what is not finite is none."""
    lab = laboratory(DENSE, X)
    fails = Variant("without W", lambda point: [{**point, "": replace(point[""], W=None)}])
    infinite = Variant("without end", lambda point: [{**point, "x": point["x"] * np.inf}])
    assert lab.slopes("b", fails) is lab.along("b", np.ones(2), fails) is None
    assert lab.slopes("W", infinite) is None


@pytest.mark.parametrize(
    ("ask", "calls"),
    [
        (lambda lab: lab.along("b", np.ones(2), AS_IT_IS), 3 + 2),
        (lambda lab: lab.slopes("b", AS_IT_IS), 3 + 12),
        (lambda lab: lab.slopes("b", replace(AS_IT_IS, points=lambda p: [p] * 5, calls=5)), 3 + 60),
        (lambda lab: lab.jacobian("b"), 3 + 12),
        (lambda lab: lab.uses, 3 + 2),
    ],
    ids=["along", "slopes", "of many calls", "jacobian", "uses"],
)
def test_an_experiment_is_made_whole_or_not_at_all(ask, calls):
    """With one call less than it takes none of it is made, or only what opens the laboratory; and that is said."""
    enough, short = laboratory(DENSE, X, most=calls), laboratory(DENSE, X, most=calls - 1)
    assert ask(enough) is not None
    assert enough.budget.spent == calls
    assert enough.budget.undone == []
    assert not np.any(ask(short))
    assert short.budget.spent <= 3
    assert short.budget.undone
    assert all(" of Dense" in what for what in short.budget.undone)


def test_what_is_large_is_not_measured():
    """A tensor of thousands of entries, one by one."""
    lab = laboratory(Dense(np.zeros((2, 1000)), np.zeros(1000)), np.zeros((1, 2)))
    assert lab.slopes("W", AS_IT_IS) is lab.jacobian("W") is None
    assert lab.budget.undone == []


def of_a_function(f, x, gradient=np.cos, most=10_000):
    """Return a laboratory for a function of numbers."""
    return Lab(opened(choose(f, (x,), Options(grad=gradient)), "double"), Budget(most))


def test_slopes_are_extrapolated_where_f_is_smooth():
    """To ten digits of such a function as a sine, at any scale; across a kink the small steps alone count."""
    for scale in (1.0, 40.0):
        lab = of_a_function(lambda x, s=scale: float(np.sum(np.sin(x / s))), scale * X[0])
        np.testing.assert_allclose(lab.slopes("x", AS_IT_IS), np.cos(X[0]) / scale, rtol=1e-9)
        np.testing.assert_allclose(lab.along("x", X[0], AS_IT_IS), np.cos(X[0]) @ X[0] / scale, rtol=1e-6)
        np.testing.assert_allclose(lab.pushed("x", X[0]), [np.cos(X[0]) @ X[0] / scale], rtol=1e-6)
    beside = np.array([1.0, 1.0])
    for c, off in ((2e5, 0.8e-6), (3e5, 0.0)):  # of a fifth power 4 c h^4 is left; above a millionth it may be a kink
        steep = of_a_function(lambda x, c=c: float(np.sum(x + c * (x - 1) ** 5)), beside)
        np.testing.assert_allclose(steep.slopes("x", AS_IT_IS), 1 - off, rtol=1e-9)
    bent = of_a_function(lambda x: float(np.sum(np.maximum(x, 1 - 3e-3) ** 2)), beside)
    np.testing.assert_allclose(bent.slopes("x", AS_IT_IS), 2 * beside, rtol=1e-4)


def test_an_experiment_that_cannot_be_paid_is_not_made():
    """With any of them the number of calls is known beforehand."""
    poor = of_a_function(lambda x: float(np.sum(x)), X[0], most=2)
    assert poor.outputs != []
    assert poor.pushed("x", X[0]) is None
    assert poor.slopes("x", AS_IT_IS) is None
    assert poor.jacobian("x") is None


def test_a_variant_of_another_size_is_cropped_to_that_of_the_output():
    """If it has as many axes; else there is nothing to compare."""
    lab = laboratory(DENSE, X)
    (u,) = lab.cotangent
    longer = Variant("longer", join=lambda ys: np.pad(ys[0], ((0, 2), (0, 1))))
    np.testing.assert_allclose(lab.slopes("W", longer), X.T @ u, rtol=1e-9)
    assert lab.slopes("W", Variant("flat", join=lambda ys: ys[0].ravel())) is None
    assert lab.slopes("W", Variant("shorter", join=lambda ys: ys[0][:1])) is None


def test_a_tensor_of_many_entries_is_not_moved_entry_by_entry():
    """Nor are derivatives with respect to it of all outputs measured, nor of none."""
    lab = laboratory(DENSE, X)
    assert lab.movable("W")
    assert lab.jacobian("W").shape == (8, 6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiments, "MOVED", 6)
        assert lab.movable("W")
        patch.setattr(experiments, "MOVED", 5)
        assert not lab.movable("W")
        assert lab.jacobian("W") is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiments, "DERIVATIVES", 48)
        assert lab.jacobian("W") is not None
        patch.setattr(experiments, "DERIVATIVES", 47)
        assert lab.jacobian("W") is None


def test_something_flat_is_cut_into_the_shapes_of_the_outputs():
    """If it is as long as they are together."""
    lab = laboratory(DENSE, X)
    assert [piece.shape for piece in lab.split(np.arange(8))] == [(4, 2)]
    assert lab.split(np.arange(8))[0].dtype == np.float64
    assert lab.split(np.arange(7)) == []
    assert lab.split(np.arange(9)) == []


class Owner:
    """Has the numbers that its function reads, whatever that is called with."""

    def __init__(self, w):
        self.params = {"w": w}

    def loss(self, x):
        return float(np.sum(np.sin(self.params["w"])))

    def moves(self, x):
        return float(np.sum(np.sin(x) * np.sign(self.params["w"])))


def test_a_function_that_reads_the_given_array_itself_is_told_from_others():
    """By the name that it has there; one that is only kept there is not read. It holds what it held, to the bit."""
    w = X[0].copy()
    owner, other = Owner(w), Owner(w.copy())
    assert of_a_function(owner.loss, w).read_itself("x") == "self.params['w']"
    assert of_a_function(lambda x: owner.loss(None), w).read_itself("x") == "owner.params['w']"
    assert of_a_function(owner.moves, w).read_itself("x") == ""
    assert of_a_function(other.loss, w).read_itself("x") == ""
    assert of_a_function(owner.loss, w, most=2).read_itself("x") == ""
    assert w.tobytes() == X[0].tobytes()
    w.flags.writeable = False
    assert of_a_function(owner.loss, w).read_itself("x") == ""


def test_what_shifts_all_numbers_alike_is_no_experiment():
    """A softmax does not mind; each number is moved by another amount."""
    w = np.zeros(3)
    assert of_a_function(lambda x: float(np.exp(w[0]) / np.sum(np.exp(w))), w).read_itself("x") == "w"


def test_the_report_says_what_is_read_instead():
    """A gradient that is right for the array itself is not left with half a reason."""
    owner = Owner(X[0].copy())
    report = check_gradients(lambda w: owner.loss(None), owner.params["w"], grad=lambda w: np.cos(owner.params["w"]))
    said = "reads owner.params['w'], the very array that was given, and not what it is called with, which is a copy: "
    assert report.diagnosis == (f"w: the function {said}let it put that there first, owner.params['w'] = w",)


def test_a_function_that_fails_at_other_numbers_is_not_said_to_read_them():
    """It may look at them and do no more."""
    w = X[0].copy()

    def picky(x):
        if not np.array_equal(w, X[0]):
            msg = "changed"
            raise ValueError(msg)
        return float(np.sum(np.sin(x)))

    assert of_a_function(picky, w).read_itself("x") == ""
    assert w.tobytes() == X[0].tobytes()


def test_of_several_outputs_all_are_pulled_at():
    """Each with its part of the cotangent: the slopes are those of their sum."""
    rng = np.random.default_rng(7)
    cell = LSTMCell(*(rng.normal(size=shape) for shape in ((3, 8), (2, 8), (8,), (8,))))
    args = [rng.normal(size=(4, n)) for n in (3, 2, 2)]
    lab = laboratory(cell, *args)
    assert len(lab.outputs) == len(lab.cotangent) == 2
    *_, backward = cell.forward(*args)
    *_, grad = backward(*lab.cotangent)
    np.testing.assert_allclose(lab.slopes("b_ih", AS_IT_IS), grad.b_ih, rtol=1e-7, atol=1e-10)
    whole = lab.split(np.arange(sum(y.size for y in lab.outputs)))
    assert [piece.shape for piece in whole] == [y.shape for y in lab.outputs]
