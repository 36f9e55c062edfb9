"""Each claim finds its own by name, and is an array of its shape; what says nothing true is refused."""

from __future__ import annotations

import numpy as np
import pytest
from points import POINT, X, gradient, opened

from gradcheck import InputError
from gradcheck._model.claims import dense, is_broadcast, is_nothing, is_zero, matched, paired, under_names
from gradcheck._results.errors import ShapeError


class Sparse:
    """What a sparse matrix can do, as far as it is asked for."""

    def __init__(self, array):
        self.array, self.shape = array, array.shape

    def toarray(self):
        return self.array


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


@pytest.mark.parametrize("claim", [Sparse(X[None]), Sparse(X[:, None]), Sparse(X)])
def test_a_sparse_claim_is_read(claim):
    """A matrix of one row or one column stands for a vector."""
    assert np.array_equal(matched({"x": X}, {"x": claim}, opened({"x": X}).leaves)["x"], X)
    assert dense(X) is X


def test_a_masked_claim_is_refused():
    """Unless its mask hides nothing."""
    leaves = opened({"x": X}).leaves
    assert np.array_equal(matched({"x": X}, {"x": np.ma.masked_array(X)}, leaves)["x"], X)
    with pytest.raises(InputError, match=r"the gradient of x is a masked array.*filled\(0\)"):
        matched({"x": X}, {"x": np.ma.masked_array(X, [True, False, False])}, leaves)


@pytest.mark.parametrize(
    ("shape", "error", "hint"),
    [
        ((5, 3), ShapeError, "summed over its first axis"),
        ((5, 4, 3), ShapeError, "summed over its first axes"),
        ((1,), ShapeError, "has shape"),
        ((), ShapeError, "has shape"),
        ((3, 1), ShapeError, "has shape"),
        ((2,), InputError, "has shape"),
        ((1,) * 50 + (3,), ShapeError, "summed over its first axes it would fit"),  # more axes than NumPy broadcasts
    ],
)
def test_a_shape_that_fits_by_broadcasting_is_told_from_others(shape, error, hint):
    """The first is wrong, the other a call that makes no sense."""
    with pytest.raises(InputError, match=hint) as caught:
        matched({"x": X}, {"x": np.ones(shape)}, opened({"x": X}).leaves)
    assert type(caught.value) is error
    assert is_broadcast(shape, (3,)) is (error is ShapeError)


def test_what_is_claimed_of_entries_that_are_not_finite_is_not_looked_at():
    """They are not moved."""
    point = {"x": np.array([1.0, np.nan, 3.0])}
    leaves = opened(point, lambda p: np.nansum(p["x"]), lambda p: p).leaves
    assert matched(point, {"x": np.array([1.0, np.inf, 3.0])}, leaves)["x"].tolist() == [1.0, 0.0, 3.0]


@pytest.mark.parametrize(
    ("claim", "nothing", "zero"),
    [
        (None, True, False),
        (np.zeros(2, [("float0", "V")]), True, False),
        (0, False, True),
        (np.zeros(3), False, True),
        (Sparse(np.zeros((1, 3))), False, True),
        (X, False, False),
        ("text", False, False),
    ],
)
def test_nothing_and_zero(claim, nothing, zero):
    """None says nothing; zero says that nothing depends on it."""
    assert is_nothing(claim) is nothing
    assert nothing or is_zero(claim) is zero


def test_the_paths_of_claims():
    """Those of the point; a part that is None has none below it."""
    point = {"a": X, "b": [X, 2]}
    assert dict(paired(point, {"a": 1, "b": [2, 3]})) == {"a": 1, "b[0]": 2, "b[1]": 3}
    assert dict(paired(point, {"a": 1, "b": None})) == {"a": 1}
    with pytest.raises(InputError, match="the gradient has 'c', which the point does not have"):
        dict(paired(point, {"a": 1, "b": [2, 3], "c": 4}))


@pytest.mark.parametrize("beside", ["d{}", "d_{}", "grad_{}", "{}_grad"])
def test_gradients_may_all_be_called_after_what_they_belong_to(beside):
    """As a course calls them, dW for W; never some of them, or others besides, and a name of the point is itself."""
    named = {beside.format(name): claim for name, claim in gradient(POINT).items()}
    found = matched(POINT, named, opened().leaves)
    assert all(np.array_equal(found[name], claim) for name, claim in gradient(POINT).items())
    for others in (named | {"W": X}, named | {"dZ": X}):
        with pytest.raises(InputError, match=r"the gradient has .*which the point does not have"):
            dict(paired(POINT, others))
    both = {"W": X, "dW": X}
    assert under_names({"dW": 1, "ddW": 2}, both) == {"dW": 1, "ddW": 2}
    assert under_names({"dW": 1}, {"W": X, 0: X}) == {"W": 1}


def test_a_gradient_that_lacks_one_of_its_names_is_refused():
    """Whatever the others are called."""
    with pytest.raises(InputError, match=r"nothing for 'b' \(it has 'W'"):
        matched(POINT, {"dW": X}, opened().leaves)
