"""Options of the check are its keywords; one that makes no sense says what to write."""

from __future__ import annotations

import pytest

from gradcheck import check_gradients


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--seed", "x"), "argument --seed: write a whole number, 0 or more, not 'x'"),
        (("--seed=-1",), "argument --seed: write a whole number, 0 or more, not '-1'"),
        (("--entries", "0"), "argument --entries: write auto, all, or how many entries of each tensor, not '0'"),
        (("--entries", "most"), "argument --entries: write auto, all, or how many"),
        (("--workers", "0"), "argument --workers: write how many processes, or joblib, not '0'"),
        (("--rtol", "2"), "argument --rtol: write a number between 0 and 1, such as 1e-4, not '2'"),
        (("--rtol", "x"), "argument --rtol: write a number between 0 and 1"),
        (("--order", "3"), "argument --order: write 1 or 2, not '3'"),
        (("--format", "latex"), "argument --format: invalid choice"),
    ],
)
def test_an_option_that_makes_no_sense_says_what_to_write(run, argv, message):
    """In words, before anything is checked."""
    done = run("check", "models:wrong", *argv)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize(
    ("argv", "keywords"),
    [
        ((), {}),
        (("--seed", "7"), {"seed": 7}),
        (("--entries", "5"), {"entries": 5}),
        (("--entries", "all"), {"entries": "all"}),
        (("--wrt", "x", "--wrt", "W*"), {"wrt": ["x", "W*"]}),
        (("--rtol", "1e-4"), {"rtol": 1e-4}),
        (("--neighbours", "0"), {"neighbours": 0}),
        (("--order", "2"), {"order": 2}),
        (("--max-evaluations", "500"), {"max_evaluations": 500}),
        (("--precision", "as-is"), {"precision": "as-is"}),
        (("--workers", "2"), {"workers": 2}),
        (("--workers", "joblib"), {"workers": "joblib"}),
        (("--quiet",), {"progress": False}),
    ],
)
def test_an_option_is_a_keyword(run, monkeypatch, argv, keywords):
    """Each reaches check_gradients as it is called there, and nothing else does."""
    seen = {}

    def spy(model, *args, grad, **given):
        seen.update(given)
        return check_gradients(model, *args, grad=grad)

    monkeypatch.setattr("gradcheck.check_gradients", spy, raising=False)
    assert run("check", "models:wrong", *argv).code == 1
    assert seen == keywords
