"""What is said of a model that a test checked? Plain data, since it may cross to another process."""

from __future__ import annotations

from typing import TypedDict

ROWS = "gradcheck"  # the attribute of a TestReport that pytest, and pytest-xdist, carry along


class Row(TypedDict):
    """What is said of all checks that one test made of one model."""

    severity: int
    verdict: str
    name: str
    text: str
    checks: int
    expected: bool  # it failed, and its test did not
    page: str  # the whole report as JSON, if any --gradcheck-report wants it
