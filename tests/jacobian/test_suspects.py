"""How entries that seem wrong are measured: with ladders, and no accusation rests on less."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import check_gradients
from gradcheck._jacobian.probe import Probe
from gradcheck._jacobian.suspects import suspected
from gradcheck._model.questions import Entries, Matrix
from gradcheck._model.tally import Tally
from gradcheck._results.verdict import Verdict

X = np.array([0.5, -1.0, 2.0])


def measured(f, matrix, *places):
    claimed = Entries.full(np.asarray(matrix))
    m, n = claimed.shape
    ask = Probe(Matrix("J", "f", f, lambda _: claimed, X, (m,), (n,), ("f", "x"), constant=True), Tally())
    found = suspected(ask, X, claimed, places, claimed, seed=0)
    return {place: (round(numbers[0], 8), Verdict(numbers[-1])) for place, numbers in found.items()}


@pytest.mark.parametrize(
    ("claim", "verdict"), [(np.exp(2.0), Verdict.CORRECT), (7.4, Verdict.WRONG)], ids=["right", "wrong"]
)
def test_a_suspect_is_acquitted_or_accused(claim, verdict):
    """By what a ladder shows of it."""
    found = measured(np.exp, np.diag([*np.exp(X[:2]), claim]), (2, 2))
    assert found == {(2, 2): (round(np.exp(2.0), 8), verdict)}


def test_an_entry_of_a_row_without_claims():
    """Where all is said to be zero."""
    assert measured(lambda x: x[:1] * 0 + 3 * x[1], [[0.0, 0.0, 0.0]], (0, 1)) == {(0, 1): (3.0, Verdict.WRONG)}


def test_stairs_are_no_slope():
    """What stands still nearby and jumps further away is not called wrong."""
    found = measured(lambda x: np.round(x * 1e5) / 1e5, np.eye(3), (0, 0))
    assert found[0, 0][1] is not Verdict.WRONG


N = 60
BAND = (np.arange(N), np.arange(N))


def check(claim, f=None):
    """Check a Jacobian with an entry in each row, and one beside it in every third."""
    calls = []

    def function(x):
        calls.append(1)
        return f(x) if f else np.sin(x) + np.where(np.arange(N) % 3, 0.0, 0.5 * np.roll(x, -1) ** 2)

    def jac(x):
        which = np.flatnonzero(np.arange(N) % 3 == 0)
        rows, columns = np.concatenate([BAND[0], which]), np.concatenate([BAND[1], (which + 1) % N])
        return rows, columns, claim(np.concatenate([np.cos(x), np.roll(x, -1)[which]]))

    return check_gradients(function, np.linspace(0.3, 1.4, N), jac=jac), len(calls)


def test_a_pattern_of_which_all_is_wrong_is_measured_in_groups():
    """Every entry is named, at far fewer calls than one by one: the columns climb their ladders together."""
    report, calls = check(lambda values: 2 * values)
    assert len(report.wrong) == N + N // 3
    assert calls < 5 * N


def test_what_is_right_beside_it_is_not_accused():
    """Nor is a row beside which another is wrong."""
    report, _ = check(lambda values: values * np.where(np.arange(len(values)) < N, 1.0, 3.0))
    assert {e.index for e in report.wrong} == {(i, i + 1) for i in range(0, N, 3)}


def test_what_lies_outside_is_found_beside_what_is_wrong():
    """Steps of other sizes tell a column that is wrong by itself from one with which another moves."""
    hidden = {(i, (i + 30) % N) for i in (4, 11)}

    def f(x):
        y = np.sin(x) + np.where(np.arange(N) % 3, 0.0, 0.5 * np.roll(x, -1) ** 2)
        for i, j in hidden:
            y[i] += 0.3 * x[j]
        return y

    report, _ = check(lambda values: 2 * values, f)
    assert hidden <= {e.index for e in report.wrong}
    assert len(report.wrong) == N + N // 3 + len(hidden)


def test_noise_accuses_nobody():
    """Where short ladders and long ones disagree, what was not measured alone stays open."""
    rng = np.random.default_rng(0)
    table = rng.standard_normal(1000)

    def f(x):
        noise = table[(np.abs(x * 1e9).astype(np.int64)) % 1000] * 1e-7
        return np.sin(x) + noise + np.where(np.arange(N) % 3, 0.0, 0.5 * np.roll(x, -1) ** 2)

    report, _ = check(lambda values: values, f)
    assert not report.wrong


A = np.random.default_rng(1).standard_normal((40, 12))


def test_a_dense_one_of_which_all_is_wrong_costs_two_steps_a_column():
    """Every entry is named; some are measured alone, and what bends is not told by two steps."""
    x = np.linspace(0.3, 1.4, 12)
    right = check_gradients(lambda x: np.sin(A @ x), x, jac=lambda x: np.cos(A @ x)[:, None] * A)
    assert right.verdict is Verdict.CORRECT
    doubled = check_gradients(lambda x: np.sin(A @ x), x, jac=lambda x: 2 * np.cos(A @ x)[:, None] * A)
    assert len(doubled.wrong) == A.size
    assert doubled.evaluations < right.evaluations + 2 * 12 + 400


@pytest.mark.parametrize(("claim", "verdict"), [(1.0, Verdict.KINK), (0.0, Verdict.KINK), (1.5, Verdict.WRONG)])
def test_kinks_are_not_told_by_two_steps(claim, verdict):
    """Each side is a valid derivative, though off by half from the mean of both."""
    x = np.zeros(40)
    report = check_gradients(lambda x: np.maximum(x, 0), x, jac=claim * np.eye(40), neighbours=0)
    assert report.tensors["J"].verdict is verdict
    assert len(report.wrong) == 40 * (verdict is Verdict.WRONG)
