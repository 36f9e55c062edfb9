"""Is it recognised which term is missing, or too much?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import D, E, X, changed, same_in_any_unit, spoilt, suspect

from gradcheck import check_gradients
from gradcheck._diagnose import missing_term
from gradcheck._diagnose.cause import Slip

V = D[:5]
EXAMPLES = X.T @ D

CASES = {
    "decay": (missing_term.decay, suspect(E - 0.1 * V, values={"W": V}), Slip.DECAY, "missing is 0.1 times the weight"),
    "too much": (missing_term.decay, suspect(E + 0.1 * V, values={"W": V}), Slip.DECAY, "the excess is 0.1 times"),
    "L1": (missing_term.decay, suspect(E - 0.1 * np.sign(V), values={"W": V}), Slip.DECAY, "the sign of the weight"),
    "the truth": (missing_term.truth, suspect(E + 0.1 * V, data={"t": V}), Slip.TRUTH, "-0.1 times t"),
    "a constant": (missing_term.constant, suspect(E + 0.5), Slip.CONSTANT, "every entry is 0.5 too large"),
    "averaged": (missing_term.averaged, suspect(E.mean(0) + 0 * E), Slip.AVERAGED, "the mean over axis 0"),
    "one example": (
        missing_term.single_example,
        suspect(np.outer(X[2], D[2]), EXAMPLES, data={"X": X}),
        Slip.SINGLE_EXAMPLE,
        "the gradient of example 2, X[2], alone",
    ),
    "means": (
        missing_term.product_of_sums,
        suspect(np.outer(X.mean(0), D.sum(0)), EXAMPLES, data={"X": X}),
        Slip.SINGLE_EXAMPLE,
        "a product of means",
    ),
    "a skipped example": (
        missing_term.example_missing,
        suspect(EXAMPLES - np.outer(X[-1], D[-1]), EXAMPLES, data={"X": X}),
        Slip.EXAMPLE_MISSING,
        "what is missing is one example, X[-1]",
    ),
    "a repeated index": (
        missing_term.repeated_index,
        suspect(changed([1, 3], 9.0), data={"ids": np.array([0, 1, 1, 3, 3, 2])}),
        Slip.REPEATED_INDEX,
        "in the rows that ids names more than once",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_term_is_named(name):
    """By kind, and in words."""
    pattern, evidence, kind, words = CASES[name]
    found = pattern(evidence)
    assert found.kind is kind
    assert words in found.sentence


@pytest.mark.parametrize("name", CASES)
def test_nearly_that_term_is_not(name):
    """Nothing is guessed."""
    pattern, evidence, *_ = CASES[name]
    assert pattern(spoilt(evidence)) is None
    assert same_in_any_unit(pattern, evidence)


def test_three_entries_follow_a_term_and_two_do_not():
    """One number is fitted to them."""
    many = {n: suspect(E[0, :n] - 0.1 * V[0, :n], E[0, :n], values={"W": V[0, :n]}) for n in (2, 3)}
    assert missing_term.decay(many[2]) is None
    assert missing_term.decay(many[3]).kind is Slip.DECAY


def test_an_input_does_not_decay():
    """Nor is a gradient of its rows one of single examples."""
    assert missing_term.decay(suspect(E - 0.1 * V, kind="input", values={"W": V})) is None
    assert missing_term.single_example(suspect(np.outer(X[2], D[2]), EXAMPLES, kind="input")) is None


@pytest.mark.parametrize(("entries", "told"), [(2, False), (3, True)])
@pytest.mark.parametrize(
    ("pattern", "claim"),
    [
        (missing_term.decay, lambda e, v: e + 0.1 * v),
        (missing_term.truth, lambda e, v: e - 0.1 * v),
        (missing_term.constant, lambda e, v: e + 0.5),
    ],
    ids=["decay", "truth", "constant"],
)
def test_three_entries_show_a_term_of_which_one_number_is_fitted(pattern, claim, entries, told):
    """Two follow any."""
    e, v = E[0, :entries], V[0, :entries]
    assert (pattern(suspect(claim(e, v), e, values={"W": v}, data={"t": v})) is not None) is told


def test_two_wrong_weights_show_their_decay():
    """If others do not decay since they are zero; one may be off for any reason."""
    for wrong, told in ((1, False), (2, True)):
        weight = np.where(np.arange(5) < wrong, V[0], 0.0)
        among = suspect(E[0] + 0.1 * weight, E[0], values={"W": weight})
        assert (missing_term.decay(among) is not None) is told
    for wrong, told in ((2, False), (3, True)):
        term = np.where(np.arange(5) < wrong, V[0], 0.0)
        assert (missing_term.truth(suspect(E[0] + 0.1 * term, E[0], data={"t": term})) is not None) is told


def test_weights_that_are_alike_have_no_decay_of_their_own():
    """It would be a constant; nor has a tensor of zeros, nor one whose numbers are not known."""
    for weight in (np.full((5, 5), 300.0), np.zeros((5, 5)), None):
        values = {} if weight is None else {"W": weight}
        assert missing_term.decay(suspect(E + 0.1, values=values)) is None
    nearly = 300.0 * (1 + 1e-7 * V)
    assert missing_term.decay(suspect(E + 0.001 * nearly, values={"W": nearly})) is None
    small = 1e-4 * (1 + 1e-3 * V)
    assert missing_term.decay(suspect(E + 300 * small, values={"W": small})).kind is Slip.DECAY
    hole = np.where(np.arange(25).reshape(5, 5) == 0, np.inf, V)
    assert missing_term.decay(suspect(E + 0.1 * V, values={"W": hole})) is None
    assert missing_term.truth(suspect(E + 0.1, data={"t": np.full((5, 5), 300.0)})) is None
    assert missing_term.truth(suspect(E + 0.001 * nearly, data={"t": nearly})) is None
    assert missing_term.truth(suspect(E + 300 * small, data={"t": small})).kind is Slip.TRUTH


LABELS = np.array([1, 0, 4, 4, 2])
ROWS = np.eye(5)[LABELS]


def test_labels_are_taken_for_rows_of_zeros_and_a_one():
    """If they are whole numbers, one for each row; a number of any other type is a term itself."""
    found = missing_term.truth(suspect(E + 0.1 * ROWS, data={"labels": LABELS}))
    assert found.sentence.startswith("what is missing is -0.1 times labels as one-hot rows:")
    assert missing_term.truth(suspect(E + 0.1 * ROWS, data={"labels": LABELS * 1.0})) is None
    assert missing_term.truth(suspect(E + 0.1 * ROWS, data={"labels": LABELS[:4]})) is None
    for kind in (np.int64, np.uint8, bool, np.float32):
        mask = (V > 0).astype(kind)
        assert "-0.1 times mask:" in missing_term.truth(suspect(E + 0.1 * mask, data={"mask": mask})).sentence
    assert missing_term.truth(suspect(E + 0.1 * V, data={"t": V.astype(complex)})) is None
    vector = suspect(E[0] + 0.1 * ROWS[0], E[0], data={"labels": np.array(1)})
    assert missing_term.truth(vector) is None


def test_a_tensor_is_no_term_of_itself_nor_is_its_own_gradient():
    """Another tensor of the point may be."""
    assert missing_term.truth(suspect(E + 0.1 * V, values={"W": V})) is None
    assert missing_term.truth(suspect(E + 0.1 * V, values={"V": V})).kind is Slip.TRUTH
    assert missing_term.truth(suspect(1.1 * E, data={"buffer": E})) is None
    assert missing_term.truth(suspect(E + 1e-3 * V, data={"t": V})).kind is Slip.TRUTH


@pytest.mark.parametrize(("amount", "words"), [(0.5, "too large"), (-0.5, "too small")])
def test_a_constant_is_told_with_its_size(amount, words):
    """In every entry; rounding errors have a mean too, of a millionth of the largest or less."""
    assert f"every entry is 0.5 {words}" in missing_term.constant(suspect(E + amount)).sentence
    assert missing_term.constant(suspect(E + amount, measured=range(24))) is None
    large = 1e6 * E
    for part, told in ((0.7e-6, False), (1.5e-6, True)):
        off = amount / 0.5 * part * np.max(np.abs(large))
        evidence = suspect(large + off, large)
        assert (missing_term.constant(evidence) is not None) is told


@pytest.mark.parametrize(
    ("reduced", "words"),
    [
        (lambda e: e.sum(0), "the sum over axis 0 of"),
        (lambda e: e.mean(1)[:, None], "the mean over axis 1 of"),
        (lambda e: e.sum(), "the sum over axes 0 and 1 of"),
        (lambda e: e.mean(), "the mean over axes 0 and 1 of"),
    ],
)
def test_over_which_axes_a_sum_runs_is_told(reduced, words):
    """One of them, or several; of an axis of one there is none."""
    assert words in missing_term.averaged(suspect(reduced(E))).sentence
    assert missing_term.averaged(suspect(reduced(E), measured=range(24))) is None
    pair = E[:1, :2]
    assert "over axis 1" in missing_term.averaged(suspect(pair.sum() + 0 * pair, pair)).sentence
    assert missing_term.averaged(suspect(2 * E[0, :1], E[0, :1])) is None


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (np.outer(X[0], D[0]), "the gradient of the first example, X[0], alone"),
        (np.outer(X[-1], D[-1]), "the gradient of the last example, X[-1], alone"),
        (np.outer(X[1], D[1]), "the gradient of example 1, X[1], alone"),
        (np.outer(D[3], X[3]), "the gradient of example 3, X[3], alone"),
        (np.outer(np.arange(1.0, 6), np.ones(5)), "of rank one, like that of a single example"),
        (np.outer([1.0, 2, 0, 0, 0], np.ones(5)), None),
        (np.outer(np.ones(5), [1.0, 2, 0, 0, 0]), None),
        (np.zeros((5, 5)), None),
    ],
    ids=["first", "last", "second", "turned", "unnamed", "two rows", "two columns", "zero"],
)
def test_which_example_counts_alone_is_told(claim, words):
    """Where the claim is of rank one, and the right gradient of more; of two rows it may be by chance."""
    found = missing_term.single_example(suspect(claim, EXAMPLES, data={"X": X}))
    assert found is None if words is None else found.sentence.startswith(words)
    if words:
        assert missing_term.single_example(suspect(claim, EXAMPLES, data={"X": X}, measured=range(24))) is None
        assert missing_term.single_example(suspect(claim, np.outer(X[5], D[2]), data={"X": X})) is None
        assert missing_term.single_example(suspect(claim[:1], EXAMPLES[:1], data={"X": X})) is None


def test_an_example_that_stands_twice_among_the_data_is_not_named():
    """It may be either."""
    twice = np.vstack([X, X[2]])
    found = missing_term.single_example(suspect(np.outer(X[2], D[2]), EXAMPLES, data={"X": twice}))
    assert found.sentence.startswith("of rank one")


@pytest.mark.parametrize(("second", "higher"), [(0.5e-4, False), (2e-4, True)])
def test_a_gradient_that_is_nearly_of_rank_one_may_be_that_of_one_example(second, higher):
    """Where its second singular value is a ten-thousandth of the first, or less."""
    u, _, v = np.linalg.svd(EXAMPLES)
    for scale in (1.0, 1e3):
        right = scale * (u[:, :2] * [1.0, second]) @ v[:2]
        found = missing_term.single_example(suspect(2 * scale * np.outer(X[2], D[2]), right, data={"X": X}))
        assert (found is not None) is higher


@pytest.mark.parametrize(
    ("row", "times", "turned", "words"),
    [(-1, 1, False, "X[-1]"), (0, 1, False, "X[0]"), (2, -1, False, "X[2]"), (2, 1, True, "X[2]")],
)
def test_which_example_is_skipped_is_told(row, times, turned, words):
    """Or counted twice; whichever way the weight is written."""
    right, missing = EXAMPLES, np.outer(X[row], D[row])
    right, missing = (right.T, missing.T) if turned else (right, missing)
    for scale in (1.0, 1e3, 1e-3):
        found = missing_term.example_missing(suspect(scale * (right - times * missing), scale * right, data={"X": X}))
        assert found.kind is Slip.EXAMPLE_MISSING
        assert f"what is missing is one example, {words}:" in found.sentence


def test_what_is_missing_by_way_of_one_output_is_no_example():
    """Nor what is of rank two, nor in a vector, nor of two numbers, nor what is known of a sample."""
    one = np.outer(X[2], np.eye(5)[1])
    data = {"data": {"X": X}}
    assert missing_term.example_missing(suspect(EXAMPLES - one, EXAMPLES, **data)) is None
    two = np.outer(X[2], D[2]) + 1e-6 * np.outer(X[3], D[3])
    assert missing_term.example_missing(suspect(EXAMPLES - two, EXAMPLES, **data)) is None
    skipped = EXAMPLES - np.outer(X[2], D[2])
    assert missing_term.example_missing(suspect(skipped, EXAMPLES, measured=range(24), **data)) is None
    assert missing_term.example_missing(suspect(skipped[0], EXAMPLES[0], **data)) is None
    assert missing_term.example_missing(suspect(0 * EXAMPLES, np.outer(X[2], D[2]), **data)) is None
    for columns, told in ((2, False), (3, True)):
        x = X[:, :columns]
        right = x.T @ D
        found = missing_term.example_missing(suspect(right - np.outer(x[2], D[2]), right, data={"x": x}))
        assert (found is not None) is told
    for rows, told in ((1, False), (2, True)):
        right, lacking = (X.T @ D)[:, :rows], np.outer(X[2], D[2])[:, :rows]
        found = missing_term.example_missing(suspect(right - lacking, right, **data))
        assert (found is not None) is told


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ([0, 1, 1, 3, 3, 2], True),
        ([[0, 1, 1], [3, 3, 2]], True),
        ([1, 1, 3, 3, 2], False),
        ([0.0, 1, 1, 3, 3, 2], False),
        ([0, 1, 1, 3, 3, 2, 5], False),
        ([0, 1, 1, 3, 3, 2, -1], False),
        ([0, 1, 1, 3, 2], False),
        ([0, 1, 1, 3, 3, 2, 4, 4], False),
        ([], False),
    ],
    ids=["two twice", "of two axes", "one once", "no index", "too large", "negative", "one twice", "more", "none"],
)
def test_which_rows_an_index_names_twice_is_compared(ids, told):
    """All of those are wrong, and of those that it names once two or more are right."""
    evidence = suspect(changed([1, 3], 9.0), data={"ids": np.array(ids, dtype=None if ids else int)})
    assert (missing_term.repeated_index(evidence) is not None) is told
    assert missing_term.repeated_index(suspect(np.float64(1.0), 2.0, data={"ids": np.array([0, 0])})) is None


def test_where_the_gradient_is_a_multiple_of_the_weight_a_factor_is_wrong():
    """Not a part of its decay."""
    assert missing_term.decay(suspect(0.6 * V, V, values={"W": V})) is None


def test_labels_of_places_are_rows_along_the_last_axis():
    """As many numbers as there are classes, for each place of each example."""
    labels = np.array([[0, 3, 1], [2, 2, 0]])
    right = np.random.default_rng(3).normal(size=(2, 3, 4))
    found = missing_term.truth(suspect(right + 0.1 * np.eye(4)[labels], right, data={"labels": labels}))
    assert found.sentence.startswith("what is missing is -0.1 times labels as one-hot rows:")


def test_a_slope_left_out_where_all_examples_pull_alike_is_no_product_of_means():
    """The claim is one as well, since a sum of outputs gives each example the same cotangent."""
    point = {"W": np.random.default_rng(8).normal(size=(3, 4)) / 2, "V": np.random.default_rng(7).normal(size=(4, 2))}
    inputs = np.random.default_rng(6).normal(size=(6, 3))

    def grad(p):
        ones = np.ones((6, 2))
        return {"W": inputs.T @ (ones @ p["V"].T), "V": np.tanh(inputs @ p["W"]).T @ ones}

    report = check_gradients(lambda p: np.sum(np.tanh(inputs @ p["W"]) @ p["V"]), point, grad=grad)
    assert report.diagnosis[0].startswith("W: the derivative of tanh is missing")


@pytest.mark.parametrize(("times", "told"), [(9, True), (11, False)])
def test_what_is_missing_is_of_rank_one_to_ten_times_what_is_not_known(times, told):
    """The second singular value of what is uncertain is at most its norm; the slopes scatter by some of it."""
    skipped, slack = np.outer(X[2], D[2]), np.full((5, 5), 1e-6)
    u, _, v = np.linalg.svd(skipped)
    second = times * float(np.linalg.norm(slack)) * np.outer(u[:, 1], v[1])
    evidence = replace(suspect(EXAMPLES - skipped - second, EXAMPLES, data={"X": X}), slack=slack)
    assert (missing_term.example_missing(evidence) is not None) is told


@pytest.mark.parametrize(("times", "told"), [(900, False), (1100, True)])
def test_what_is_missing_stands_a_hundred_times_above_that(times, told):
    """Else its direction is known to less than a hundredth, which many an example has."""
    skipped, slack = np.outer(X[2], D[2]), np.full((5, 5), 1e-6)
    skipped *= times * np.linalg.norm(slack) / np.linalg.norm(skipped)
    evidence = replace(suspect(EXAMPLES - skipped, EXAMPLES, data={"X": X}), slack=slack)
    assert (missing_term.example_missing(evidence) is not None) is told
