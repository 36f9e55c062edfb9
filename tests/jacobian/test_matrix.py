"""How many evaluations a Jacobian takes, what lies outside of its pattern, and what is wrong nearby alone."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import GradientError, InputError, Verdict, check_gradients

RNG = np.random.default_rng(0)
N = 1000
X = RNG.normal(size=N)
B = RNG.normal(size=(200, 50))
Z = RNG.normal(size=50) / 10


class Counted:
    """A function that counts its calls."""

    def __init__(self, f):
        self.f, self.calls = f, 0

    def __call__(self, x):
        self.calls += 1
        return self.f(x)


def chain(x):
    y = 2 * np.sin(x)
    y[1:] += x[:-1] ** 2
    y[:-1] += np.exp(x[1:] / 3)
    return y


def tridiagonal(x, factor=1.0):
    rows = np.concatenate([np.arange(N), np.arange(1, N), np.arange(N - 1)])
    columns = np.concatenate([np.arange(N), np.arange(N - 1), np.arange(1, N)])
    values = np.concatenate([2 * np.cos(x), 2 * x[:-1], np.exp(x[1:] / 3) / 3])
    values[N + 6] *= factor  # J[7, 6]
    return rows, columns, values


def wide(x):
    return np.tanh(B @ x)


def d_wide(x):
    return (1 - np.tanh(B @ x) ** 2)[:, None] * B


def test_a_tridiagonal_one_takes_twelve_evaluations():
    """Of a thousand columns, three groups; every entry of the pattern is looked at."""
    f = Counted(chain)
    report = check_gradients(f, X, jac=tridiagonal)
    assert report.verdict is Verdict.CORRECT
    assert report.tensors["J"].checked == 3 * N - 2
    assert f.calls == report.evaluations <= 12


def test_a_dense_one_takes_two_evaluations_a_column_and_some():
    """And every entry is looked at."""
    f = Counted(wide)
    report = check_gradients(f, Z, jac=d_wide)
    assert report.verdict is Verdict.CORRECT
    assert report.tensors["J"].checked == B.size
    assert f.calls == report.evaluations <= 2.3 * B.shape[1]


def test_a_wrong_entry_of_a_pattern_is_named():
    """It alone."""
    report = check_gradients(chain, X, jac=lambda x: tridiagonal(x, 1.001))
    assert [e.name for e in report.wrong] == ["J[7,6]"]


def test_what_is_outside_of_the_pattern_is_wrong():
    """A dependence that the pattern has not is found among a thousand columns, and named."""

    def f(x):
        y = chain(x)
        y[500] += 0.1 * x[3]
        return y

    report = check_gradients(f, X, jac=tridiagonal)
    assert [(e.name, e.claim, round(e.estimate, 6)) for e in report.wrong] == [("J[500,3]", 0.0, 0.1)]
    assert report.diagnosis[0] == "not zero, and outside of the sparsity pattern: J[500, 3]"


def test_what_is_wrong_nearby_alone_is_found():
    """At zero nothing shows: the square of x has no slope there."""
    report = check_gradients(lambda x: x**2, np.zeros(4), jac=lambda x: np.diag(3 * x))
    assert {e.name for e in report.wrong} == {f"J[{k},{k}]" for k in range(4)}
    assert {e.where for e in report.wrong} == {"neighbour 1"}
    assert "at neighbour 1 (x = [" in " ".join(str(report).split())
    fixed = check_gradients(lambda x: x**2 + x, np.zeros(4), jac=np.eye(4))
    assert fixed.verdict is Verdict.CORRECT  # a matrix is claimed at the given point alone


KINKS = {"inside": (0.5, Verdict.KINK), "outside": (1.5, Verdict.WRONG)}


@pytest.mark.parametrize(("claim", "verdict"), KINKS.values(), ids=KINKS)
def test_a_kink_is_recognised(claim, verdict):
    """A claim between the slopes of the sides is legal."""
    report = check_gradients(
        lambda x: np.array([x[0] * x[1], abs(x[1])]), [2.0, 0.0], jac=np.array([[0.0, 2.0], [0.0, claim]])
    )
    assert report.verdict is verdict


def hashed(x):
    """Return what looks random, and is the same at the same point."""
    return np.random.default_rng(x.view(np.uint64)).standard_normal(200)


NOISES = {
    "a solver that stops early": lambda x: wide(x) + 1e-9 * hashed(x),
    "rounded to nine digits": lambda x: np.round(wide(x), 9),
}


@pytest.mark.parametrize("noisy", NOISES.values(), ids=NOISES)
@pytest.mark.parametrize("factor", [1.0, 1.01])
def test_noise_is_measured_where_it_is_suspected(noisy, factor):
    """It is no reason to accuse a right Jacobian, and hides no wrong one."""
    f = Counted(noisy)
    report = check_gradients(f, Z, jac=lambda x: d_wide(x) * (1 + (factor - 1) * (np.arange(50) == 4)))
    assert {e.index[1] for e in report.wrong} == ({4} if factor > 1 else set())
    assert factor > 1 or f.calls < 2000


@pytest.mark.parametrize("factor", [1.0, 1.02])
def test_single_precision_is_looked_at_as_it_is(factor):
    """Its rounding is that of its outputs."""
    report = check_gradients(
        lambda x: wide(x.astype("f")).astype("f"), Z.astype("f"), jac=lambda x: factor * d_wide(x).astype("f")
    )
    assert report.verdict is (Verdict.WRONG if factor > 1 else Verdict.CORRECT)


def test_transposed_and_doubled_ones_are_recognised():
    """By what they are."""
    report = check_gradients(wide, Z, jac=lambda x: 2 * d_wide(x))
    assert report.diagnosis[0].startswith("J: every entry is exactly twice the measured value")
    square = RNG.normal(size=(5, 5))
    turned = check_gradients(lambda x: square @ x, Z[:5], jac=square.T)
    assert turned.diagnosis[0].startswith("J is transposed")


def test_what_cannot_be_judged_is_said():
    """A function that changes, one that is not finite, and a budget that is spent."""
    state = iter(range(10**6))
    assert check_gradients(lambda x: x + next(state), Z, jac=np.eye(50)).verdict is Verdict.BROKEN
    with pytest.raises(InputError, match=r"log\[2\] is -inf at the given point; give a finite point"):
        check_gradients(np.log, np.array([1.0, 2.0, 0.0]), jac=np.eye(3))
    few = check_gradients(wide, Z, jac=d_wide, max_evaluations=20)
    assert few.evaluations <= 20
    assert few.verdict is Verdict.UNDECIDED
    assert few.notes[-1] == "left undone: the rest of J; max_evaluations=20 allows no more calls"


def test_an_error_that_does_not_matter_to_the_user_passes():
    """Rtol is the smallest that does."""
    off = lambda x: 1.001 * d_wide(x)  # noqa: E731
    assert check_gradients(wide, Z, jac=off).verdict is Verdict.WRONG
    assert check_gradients(wide, Z, jac=off, rtol=0.01).verdict is Verdict.CORRECT


def test_single_precision_that_stands_still_is_not_taken_for_zero():
    """Where the outputs are saturated, their last digits hide the slope."""
    claims = lambda x: (1 - np.tanh(x) ** 2)[:, None] * np.eye(4)  # noqa: E731
    report = check_gradients(lambda x: np.tanh(x).astype("f"), np.array([9.0, 0.1, 10.0, -9.5]), jac=claims)
    assert report.verdict is not Verdict.WRONG


def doubled(x):
    x *= 2
    return x


def doubling(x):
    x *= 1
    x += 0.5
    return 2 * np.eye(3)


@pytest.mark.parametrize(
    ("f", "jac", "said"),
    [
        (doubled, lambda x: 2 * np.eye(3), "the function changes its own input x in place; let it work on a copy"),
        (lambda x: 2 * x, doubling, "the gradient function changes its input x in place; let it work on a copy"),
    ],
    ids=["function", "Jacobian"],
)
def test_what_changes_its_input_is_broken(f, jac, said):
    """Its caller would go on with other numbers; a right one that works on a copy passes."""
    report = check_gradients(f, np.ones(3), jac=jac)
    assert (report.verdict, [p.sentence for p in report.problems]) == (Verdict.BROKEN, [said])
    assert (
        check_gradients(lambda x: doubled(x.copy()), np.ones(3), jac=lambda x: 2 * np.eye(3)).verdict is Verdict.CORRECT
    )


def test_outputs_of_different_lengths_are_stacked():
    """A list of arrays has a row for each number in it."""
    ragged = lambda x: [x, x[:1]]  # noqa: E731
    wrong = check_gradients(ragged, np.arange(1.0, 3), jac=lambda x: np.eye(3, 2))
    assert [entry.name for entry in wrong.wrong] == ["J[2,0]"]
    assert check_gradients(ragged, np.arange(1.0, 3), jac=lambda x: np.eye(2)[[0, 1, 0]]).verdict is Verdict.CORRECT


@pytest.mark.parametrize("by", [1e-2, 1e-5])
def test_a_jacobian_that_changes_from_call_to_call_is_broken(by):
    """A drift looks like the rounding of a claim, and a right one of a factor is no reason."""
    calls = []

    def jac(x):
        calls.append(1)
        return np.diag(2 * x) * (1 + by * len(calls))

    report = check_gradients(np.square, np.array([0.3, -0.5, 0.7]), jac=jac)
    assert report.verdict is Verdict.BROKEN
    assert "J changes from call to call: [" in report.problems[0].sentence
    assert report.tensors == {}


def test_a_jacobian_of_another_pattern_at_every_call_is_broken():
    """As of a product that is sampled."""
    sparse = pytest.importorskip("scipy.sparse")
    calls = []

    def jac(x):
        calls.append(1)
        return sparse.csr_matrix(np.diag(3 * x) * (np.arange(3) != len(calls) % 3))

    report = check_gradients(np.square, np.array([0.3, -0.5, 0.7]), jac=jac)
    assert "J has other entries at every call" in report.problems[0].sentence


def test_a_right_jacobian_is_asked_for_no_more_than_before():
    """Once at the point, and once at each neighbour."""
    calls = []

    def jac(x):
        calls.append(1)
        return np.diag(2 * x)

    before = check_gradients(np.square, np.array([0.3, -0.5, 0.7]), jac=jac)
    assert before.verdict is Verdict.CORRECT
    assert before.gradients == 3


def raising(error, at):
    """Return a function of five numbers that raises at one of its calls, and its calls."""
    calls = []

    def f(x):
        calls.append(1)
        if len(calls) == at:
            raise error
        return np.sin(B[:4, :5] @ x)

    return f, calls


def d_raising(x, factor=1.0):
    return factor * np.cos(B[:4, :5] @ x)[:, None] * B[:4, :5]


@pytest.mark.parametrize("factor", [1.5, 1.0], ids=["wrong", "right"])
@pytest.mark.parametrize("error", [MemoryError("1 GiB"), TimeoutError("1 s")], ids=["memory", "time"])
def test_at_whatever_call_time_and_memory_end_the_check(factor, error):
    """They are no edge of a domain: nothing more is called, and the report is of what was measured by then."""
    f, calls = raising(error, 0)
    check_gradients(f, Z[:5], jac=lambda x: d_raising(x, factor))
    for at in range(1, len(calls) + 1, 1 if factor == 1 else 7):
        f, calls = raising(error, at)
        with pytest.raises(GradientError, match=f"the function raised {type(error).__name__}: 1 ") as caught:
            check_gradients(f, Z[:5], jac=lambda x: d_raising(x, factor))
        assert len(calls) == at
        report = caught.value.report
        assert Verdict.BROKEN in [problem.verdict for problem in report.problems]
        assert report.verdict in {Verdict.BROKEN, Verdict.WRONG}
    assert f"the check ended there, after {report.evaluations} evaluations" in " ".join(report.notes)
    assert report.tensors["J"].checked == 20


def test_an_interrupt_says_what_was_measured():
    """It passes through, with a note."""
    f, calls = raising(KeyboardInterrupt(), 9)
    with pytest.raises(KeyboardInterrupt) as caught:
        check_gradients(f, Z[:5], jac=d_raising)
    assert len(calls) == 9
    assert caught.value.__notes__ == ["gradcheck was measuring J, after 9 evaluations"]


@pytest.mark.parametrize("factor", [1.5, 1.0], ids=["wrong", "right"])
def test_what_is_raised_elsewhere_is_counted_and_shown(factor):
    """The first of them; one value less is no reason for another verdict."""
    f, calls = raising(ArithmeticError("no value"), 0)
    verdict = check_gradients(f, Z[:5], jac=lambda x: d_raising(x, factor)).verdict
    for at in range(4, len(calls) + 1, 1 if factor == 1 else 7):
        f, _ = raising(ArithmeticError("no value"), at)
        report = check_gradients(f, Z[:5], jac=lambda x: d_raising(x, factor))
        assert report.verdict in {verdict, Verdict.UNDECIDED}
        assert "the function raised ArithmeticError: no value, at 1 of " in " ".join(report.notes)


@pytest.mark.parametrize("seed", range(3))
def test_an_error_above_the_resolution_is_seen_in_what_is_computed_in_single_precision(seed):
    """What noise lets pass on two evaluations is part of it."""
    rng = np.random.default_rng(seed)
    A, x = rng.normal(size=(5, 4)), rng.normal(size=4)
    f = lambda x: np.tanh(A.astype(np.float32) @ x.astype(np.float32)).astype(np.float64)  # noqa: E731
    J = lambda x: (1 - np.tanh(A @ x)[:, None] ** 2) * A  # noqa: E731
    right = check_gradients(f, x, jac=J).tensors["J"]
    assert right.verdict is Verdict.CORRECT
    worst = np.unravel_index(np.argmax(np.abs(J(x))), J(x).shape)
    off = np.zeros(J(x).shape)
    off[worst] = 1.5 * right.resolution * np.abs(J(x)).max()
    assert check_gradients(f, x, jac=lambda x: J(x) + off).verdict is Verdict.WRONG
