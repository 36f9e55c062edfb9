"""Is a constant factor named, and where it comes from?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import NOISE, E, changed, suspect

from gradcheck import check_gradients
from gradcheck._diagnose import constant_factor
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.constant_factor import factor, factor_in_part, unknown


@pytest.mark.parametrize(
    ("claim", "context", "words"),
    [
        (-E, {}, "every entry is minus the measured value: the sign is wrong"),
        (2 * E, {}, "exactly twice"),
        (E / 2, {}, "exactly half"),
        (6 * E, {"sizes": {"the batch size": 6}}, "6 times the measured value: 6 is the batch size: a sum"),
        (E * 0.7, {"numbers": {"rate": 0.3}}, "1 - rate with rate = 0.3"),
        (E / np.linalg.norm(E), {}, "its norm is 1"),
        (-7 * E, {"sizes": {"the batch size": 7}}, "wrong sign, and 7 is the batch size"),
    ],
)
def test_a_factor_that_comes_from_somewhere_is_named(claim, context, words):
    """With what it comes from."""
    found = factor(suspect(claim, **context))
    assert found.kind is Slip.FACTOR
    assert words in found.sentence


def test_the_batch_is_named_before_other_sizes_and_no_width_is_an_alternative():
    """Both an axis and the batch may be 5; that a weight has 5 columns as well says nothing."""
    sizes = {"axis 1 of T": 5, "the batch size": 5}
    assert (
        "5 is the batch size: a sum where the mean over the batch is meant"
        in factor(suspect(5 * E, sizes=sizes)).sentence
    )
    assert "(or" not in factor(suspect(5 * E, sizes=sizes)).sentence
    two = {"axis 1 of T": 5, "axis 2 of T": 5}
    assert factor(suspect(5 * E, sizes=two)).sentence.endswith("(or 5 is axis 2 of T)")


def test_a_factor_of_unknown_origin_is_left_to_the_end():
    """The likelier patterns come first; then it is said as it is."""
    odd = suspect(1.37 * E)
    assert factor(odd) is None
    assert unknown(odd).kind is Slip.UNKNOWN_FACTOR
    assert unknown(odd).sentence == "every entry is 1.37 times the measured value: a constant factor wrong or forgotten"
    assert unknown(suspect(-1.37 * E)).sentence.endswith("wrong sign, and a constant factor wrong or forgotten")


def test_a_factor_of_the_wrong_entries_alone_is_named():
    """With the place where they are."""
    found = factor_in_part(suspect(changed(2, 3 * E[2])))
    assert found.kind is Slip.FACTOR_IN_PART
    assert found.sentence.startswith("the wrong entries (in row 2 alone) are 3 times the measured value")


@pytest.mark.parametrize("pattern", [factor, unknown])
@pytest.mark.parametrize("claim", [2 * E * (1 + NOISE), E, E.T], ids=["nearly", "right", "transposed"])
def test_what_has_no_factor_is_left_to_others(pattern, claim):
    """Nothing is guessed."""
    assert pattern(suspect(claim)) is None


def test_of_one_number_there_is_always_a_factor():
    """So that only a simple one is believed; of two numbers the same factor is one."""
    assert factor(suspect(1.37, 1.0)) is unknown(suspect(1.37, 1.0)) is None
    assert factor(suspect(2.0, 1.0)).kind is Slip.FACTOR
    assert unknown(suspect([1.37, 2.74], [1.0, 2.0])).kind is Slip.UNKNOWN_FACTOR


@pytest.mark.parametrize("ratio", [1e-10, 1e10])
def test_what_is_nothing_beside_the_other_is_no_multiple_of_it(ratio):
    """One of them is rounding."""
    assert unknown(suspect(ratio * E)) is None


@pytest.mark.parametrize(("x", "said"), [(3.0, "x: it is exactly twice"), (np.arange(1.0, 4), "x: every entry is")])
def test_of_one_number_it_is_not_said_that_every_entry_is(x, said):
    """There is but one."""
    found = check_gradients(lambda x: np.sum(x * x), x, grad=lambda x: 4 * x)
    assert found.diagnosis[0].startswith(said)


@pytest.mark.parametrize("dtype", [">f8", np.longdouble, np.float32])
def test_a_factor_is_named_whatever_the_claims_are_stored_as(dtype):
    """The order of the bytes is no matter, and more digits are no fewer."""
    x = np.array([0.3, -0.7, 1.1, 0.4]).astype(dtype)
    report = check_gradients(lambda x: np.sum(np.sin(x)), x, grad=lambda x: 1.25 * np.cos(x))
    assert "x: every entry is 1.25 times the measured value" in report.diagnosis[0]


def test_a_buffer_that_the_gradient_is_written_to_is_no_term():
    """It holds the claim itself: what is missing is a multiple of it."""
    buffer = np.zeros(4)

    def grad(x):
        buffer[:] = 1.25 * np.cos(x)
        return buffer

    report = check_gradients(lambda x: np.sum(np.sin(x)), np.array([0.3, -0.7, 1.1, 0.4]), grad=grad)
    assert "x: every entry is 1.25 times the measured value" in report.diagnosis[0]


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (-1.0, "minus"),
        (2.0, "exactly twice"),
        (0.5, "exactly half"),
        (3.0, "3 times"),
        (-3.0, "-3 times"),
        (300.0 * (1 + 0.9e-6), "300 times"),
        (0.3, "0.3 times"),
        (1234567.0, "1234567 times"),
        (1.00005, "1.00005 times"),
        (1.0000021, "1.0000021 times"),
        (-1.0000021, "-1.0000021 times"),
        (0.4999, "0.4999 times"),
        (1e-7, "1e-07 times"),
    ],
)
def test_a_number_is_said_as_short_as_it_is_true(ratio, said):
    """A whole one to a millionth of itself; one near 1 with as many digits as it takes."""
    assert constant_factor._number(ratio) == said


@pytest.mark.parametrize(
    ("ratio", "name", "value", "said"),
    [
        (0.3, "rate", 0.3, "rate = 0.3, which is forgotten, or taken twice"),
        (0.09, "rate", 0.3, "rate^2 with rate = 0.3, which is forgotten, or taken twice"),
        (0.7, "rate", 0.3, "1 - rate with rate = 0.3, which is forgotten, or taken twice"),
        (1.3, "rate", 0.3, "1 + rate with rate = 0.3, which is forgotten, or taken twice"),
        (1 / 0.3, "rate", 0.3, "1/rate, with rate = 0.3, which is forgotten, or taken twice"),
        (1 / 0.7, "rate", 0.3, "1/(1 - rate) with rate = 0.3, which is forgotten, or taken twice"),
        (3.0, "kernel", 3.0, "kernel = 3, which is forgotten, or taken twice"),
        (4.0, "kernel", 3.0, None),
        (0.5, "rate", 2.5, None),
        (0.0, "rate", 0.0, None),
    ],
)
def test_a_factor_is_read_as_a_number_that_is_held(ratio, name, value, said):
    """Itself, its square, what it lacks of one and what it is beyond, or one over it; of whole ones no neighbours."""
    if ratio:
        assert constant_factor._read_as(ratio, [(name, value)]) == said
    else:
        assert constant_factor._read_as(1.0, [(name, value)]) is None


def test_numbers_that_the_function_sees_are_read():
    """Those of one entry, but for the tensor itself; counts only where they are wanted, and what is no number never."""
    evidence = suspect(
        E, numbers={"k": 3, "rate": 0.5}, values={"W": np.array([7.0]), "t": np.array([[2.5]]), "v": np.ones(2)},
        data={"n": np.array(4), "z": np.array([1 + 2j]), "name": np.array(["relu"])},
    )  # fmt: skip
    assert dict(constant_factor.numbers_seen(evidence)) == {"k": 3.0, "rate": 0.5, "t": 2.5, "n": 4.0}
    assert dict(constant_factor.numbers_seen(evidence, whole=False)) == {"rate": 0.5, "t": 2.5}


def test_a_number_of_the_same_list_is_another_parameter():
    """And no factor that is forgotten; of another list it may be."""
    values = {"W[0]": np.array(2.0), "W[1]": np.array(0.5), "k[0]": np.array(3.0)}
    evidence = replace(suspect(E, values=values), name="W[0]")
    assert dict(constant_factor.numbers_seen(evidence)) == {"k[0]": 3.0}


@pytest.mark.parametrize(("off", "said"), [(0.5e-6, True), (2e-6, False)])
def test_a_gradient_of_norm_one_was_normalised(off, said):
    """To a millionth; of a sample nobody knows."""
    claim = E / np.linalg.norm(E) * (1 + off)
    assert (factor(suspect(claim)) is not None) is said
    assert factor(suspect(claim, measured=range(20))) is None


@pytest.mark.parametrize(("entries", "told"), [(1, False), (2, True)])
def test_of_one_entry_that_moves_there_is_always_a_factor(entries, told):
    """Of two it is one, whatever it comes from; a norm of one is that of the sign, where one entry alone moves."""
    right = np.where(np.arange(3) < entries, [1.0, 2.0, 0.0], 0.0)
    assert (unknown(suspect(1.37 * right, right)) is not None) is told
    unit = right / np.linalg.norm(right)
    assert (factor(suspect(unit, 1.37 * unit)) is not None) is told


def test_of_sizes_those_of_one_say_nothing():
    """Everything is once as large as it is."""
    found = factor(suspect(2.0 * E, sizes={"axis 0 of T": 2, "axis 1 of T": 1}))
    assert "1 is" not in found.sentence
    assert constant_factor._readings(2.0, suspect(E, sizes={"axis 1 of T": 1})) == []


def test_a_size_itself_is_likelier_than_a_number_and_half_a_size_is_not():
    """Of a number that a layer holds, and the size of something."""
    held = {"numbers": {"t": 6.0}}
    itself = factor(suspect(6 * E, sizes={"the batch size": 6}, **held)).sentence
    half = factor(suspect(6 * E, sizes={"the batch size": 12}, **held)).sentence
    assert itself.index("6 is the batch size") < itself.index("(or t = 6")
    assert half.partition(": ")[2].startswith("t = 6")


@pytest.mark.parametrize(("ratio", "sign"), [(-1.37, "wrong sign, and "), (1.37, "")])
def test_a_wrong_sign_is_told_beside_a_factor(ratio, sign):
    """Of those that are known nowhere too."""
    assert unknown(suspect(ratio * E)).sentence.endswith(f": {sign}a constant factor wrong or forgotten")


def test_what_is_no_number_or_nothing_has_no_factor():
    """Nor has what is not wrong."""
    for claim, right in (
        (np.where(np.arange(5) == 0, np.nan, E[0]), E[0]),
        (E[0], 0 * E[0]),
        (E[0] * (1 + 5e-7), E[0]),
    ):
        assert unknown(suspect(claim, right)) is None
    assert unknown(suspect(np.zeros(0), np.zeros(0))) is None


def test_a_factor_of_two_wrong_entries_must_be_a_plain_one_or_of_three():
    """A number that is fitted to two of them may be chance in one."""
    one, two = E.copy(), E.copy()
    one[1, 1] *= 1.37
    two[1, 1:4] *= 1.37
    assert factor_in_part(suspect(one)) is None
    assert factor_in_part(suspect(two)).sentence.startswith("the wrong entries (in row 1 alone) are 1.37 times")
    one[1, 1] = 2 * E[1, 1]
    assert "exactly twice" in factor_in_part(suspect(one)).sentence


@pytest.mark.parametrize(
    ("norm", "words"),
    [(0.5, "its norm is 0.5: the gradient was clipped to a norm"), (2.37, "its norm is 2.37, most: "), (2.36, "")],
)
def test_a_gradient_is_clipped_to_a_norm_of_one_digit_or_to_one_that_is_seen(norm, words):
    """To the last digits."""
    claim = E / np.linalg.norm(E) * norm
    found = factor(suspect(claim, numbers={"most": 2.37}))
    assert words in found.sentence if words else found is None
    assert factor(suspect(claim * (1 + 1e-7), numbers={"most": 2.37})) is None


@pytest.mark.parametrize(("p", "words"), [(0.3, "1 - p where p is meant"), (0.7, "p where 1 - p is meant")])
def test_a_probability_may_stand_for_the_other(p, words):
    """What is kept, and what is dropped."""
    assert words in factor(suspect(7 / 3 * E, numbers={"p": p})).sentence


@pytest.mark.parametrize(("matrices", "told"), [(2, True), (1, False)])
def test_twice_may_be_the_root_of_a_width_that_two_matrices_share(matrices, told):
    """As of the scores of attention; both causes are said."""
    data = {f"K{k}": np.ones((6, 4)) for k in range(matrices)}
    for ratio in (2.0, 0.5):
        said = factor(suspect(ratio * E, data=data)).sentence
        assert ("(or the square root of 4, a width: a scale by it is forgotten, or taken twice)" in said) is told
        assert "of a square" in said


def test_twice_may_be_a_mean_over_the_wrong_axis():
    """All that explains a plain factor is said: of eight examples of four classes, divided by four."""
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(8, 3)), np.eye(4)[rng.integers(0, 4, 8)]

    def shares(W):
        return np.exp(X @ W) / np.exp(X @ W).sum(axis=1, keepdims=True)

    said = check_gradients(
        lambda W: -np.sum(labels * np.log(shares(W))) / 8,
        rng.normal(size=(3, 4)),
        grad=lambda W: X.T @ (shares(W) - labels) / 4,
    ).diagnosis[0]
    assert "the 2 of a square too many" in said
    assert "divided by 4 where 8 is meant" in said


@pytest.mark.parametrize(("ratio", "words"), [(0.25, "once too often"), (4.0, "1/4, is left out")])
def test_where_all_weights_are_zero_a_quarter_is_the_slope_of_a_sigmoid(ratio, words):
    """Elsewhere it is not."""
    said = factor(suspect(ratio * E, values={"W": np.zeros((5, 5))})).sentence
    assert "the derivative of a sigmoid at 0" in said
    assert words in said
    elsewhere = factor(suspect(ratio * E, values={"W": np.eye(5)}))
    assert elsewhere is None or "sigmoid" not in elsewhere.sentence


@pytest.mark.parametrize(("off", "known"), [(5e-5, True), (2e-3, False)])
def test_a_factor_is_a_whole_number_where_no_more_is_known(off, known):
    """As single precision measures: a batch size, not 63.997 of unknown origin."""
    evidence = suspect(64 * E, E * (1 + off), sizes={"the batch size": 64})
    cause = factor(replace(evidence, slack=1e-4 * np.abs(E)))
    assert ("64 times the measured value: 64 is the batch size" in cause.sentence) if known else cause is None
    assert factor(evidence) is None


def test_a_number_that_is_zero_is_no_norm_and_hides_no_other():
    """Nor is the norm of nothing one."""
    claim = E / np.linalg.norm(E) * 2.37
    found = constant_factor._norm(suspect(claim, numbers={"none": 0.0, "most": 2.37}))
    assert found.startswith("its norm is 2.37, most: ")
    assert constant_factor._norm(suspect(0 * E)) is None


@pytest.mark.parametrize(("factor_taken", "words"), [(-1, "minus"), (0.5, "exactly half"), (1.37, "cause not")])
def test_one_number_in_single_precision_tells_a_plain_factor(factor_taken, words):
    """To seven digits, where a thousand mistakes would fit one; a factor that is not plain is any number."""
    report = check_gradients(np.exp, np.float32(0.7), grad=lambda x: np.float32(factor_taken * np.exp(x)))
    assert words in report.diagnosis[0]


@pytest.mark.parametrize(
    ("rate", "amplitude", "words"),
    [
        (-0.71, 2.0137, "1/p[1], with p[1] = 2.0137, which is forgotten, or taken twice"),
        (-0.71, -1.731, "1/p[1], with p[1] = -1.731, which is forgotten"),
        (-0.71, 2.0, "the 2 of a square is forgotten, or half of the uses"),
        (-0.71, 2.5, "a constant factor wrong"),
    ],
)
@pytest.mark.parametrize("many", [False, True], ids=["a gradient", "a Jacobian"])
def test_a_factor_is_read_as_an_entry_of_the_point(rate, amplitude, words, many):
    """The amplitude before an exponential; a number that is a quotient of small ones is not said: many are."""
    t = np.linspace(0, 3, 7)
    p = np.array([0.37, amplitude, rate])

    def f(p):
        return p[0] + p[1] * np.exp(p[2] * t)

    def jac(p):
        return np.column_stack([np.ones(7), np.exp(p[2] * t), t * np.exp(p[2] * t)])

    if many:
        said = check_gradients(f, p, jac=jac).diagnosis[0]
    else:
        said = str(check_gradients(lambda p: f(p) @ np.cos(t), p, grad=lambda p: np.cos(t) @ jac(p)).diagnosis)
    assert words in said or words.startswith("a constant")
    assert ("p[1]" in said) is ("p[1]" in words)


def test_an_entry_that_is_there_twice_is_read_after_one_that_is_forgotten():
    """Both could be meant; of a long vector no entry is read."""
    short, long = np.array([0.37123, 1 / 0.37123]), np.linspace(0.37123, 9, 99)
    assert constant_factor.entry_of(0.37123, suspect(E, values={"p": short})).startswith("1/p[1], with p[1] = 2.69")
    assert constant_factor.entry_of(0.37123, suspect(E, values={"p": short[:1]})) is None
    assert constant_factor.entry_of(0.37123, suspect(E, values={"p": long[:16]})) == (
        "p[0] = 0.37123, which is forgotten, or taken twice"
    )
    assert constant_factor.entry_of(-0.37123, suspect(E, values={"p": long[:16]})).startswith("wrong sign, and p[0]")
    assert constant_factor.entry_of(0.37123, suspect(E, values={"p": long[:17]})) is None


@pytest.mark.parametrize(("norm", "measured", "told"), [
    (5.0, 4.0, True), (5.0, 4.49, True), (5.0, 4.51, False), (5.0, 4.99, False), (5.0, 5.1, True),
    (0.5, 0.44, True), (0.5, 0.46, False),
])  # fmt: skip
def test_a_slope_just_below_a_norm_was_not_made_longer(norm, measured, told):
    """By a tenth: it is of that norm by itself, but for an epsilon."""
    unit = E / np.linalg.norm(E)
    found = factor(suspect(norm * unit, measured * unit))
    assert (found is not None and f"its norm is {norm:g}: the gradient was clipped" in found.sentence) is told


@pytest.mark.parametrize(("ratio", "said"), [(7, "7 times"), (1234567, "1234567 times"), (1.37, "1.37 times")])
def test_a_whole_number_is_written_in_full(ratio, said):
    """Though six digits of others will do."""
    assert f"every entry is {said} the measured value" in unknown(suspect(ratio * E)).sentence


@pytest.mark.parametrize(("ratio", "number"), [(1.9998, 2.0), (-3.0006, -3.0), (0.50005, 0.5), (-0.24998, -0.25)])
def test_a_factor_next_to_a_whole_number_may_be_it(ratio, number):
    """Or one over it, whichever side of 1 it lies on; single precision knows it to a thousandth."""
    assert list(constant_factor._whole(ratio)) == [pytest.approx(number, rel=1e-15)]
    assert list(constant_factor._whole(number)) == []  # which it is already
