"""The smallest example that fails likewise, and what was seen on the way to the first."""

from __future__ import annotations

from hypothesis import strategies as st

from gradcheck._fuzz.shrink import Finding, smallest


def test_the_search_makes_small_what_fails_and_shows_the_way_there_alone():
    """Only what was drawn before the first failure, and that, is counted; the smallest that fails is returned."""
    seen, tried = [], []

    def judge(n):
        tried.append(n)
        return Finding(n, "large" if n > 10 else "")

    found = smallest(
        st.integers(0, 1000), judge, examples=200, seed=0, seen=lambda finding: seen.append(finding.example)
    )
    assert found.example == 11
    assert [n for n in seen if n > 10] == seen[-1:]
    assert len(seen) < len(tried)


def test_the_search_keeps_to_one_failure():
    """It does not slip from the failure that was found to another one."""

    def judge(n):
        return Finding(n, "odd" if n % 2 else "large" if n > 100 else "")

    found = smallest(st.integers(0, 1000), judge, examples=200, seed=1)
    assert found.failure == judge(found.example).failure
    assert found.example in {1, 102}


def test_the_search_ends():
    """After so many tries what was found by then is good enough; without a failure there is none."""
    tried = []

    def judge(n):
        tried.append(n)
        return Finding(n, "large" if n > 10 else "")

    found = smallest(st.integers(0, 10**9), judge, examples=100, seed=0, tries=0)
    assert found.example > 10
    assert len(tried) <= 100
    assert smallest(st.integers(0, 9), judge, examples=50, seed=0) is None
