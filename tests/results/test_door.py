"""Results know their renderers by one door, and hand on what those return."""

from __future__ import annotations

import pytest
from made import report, tensor

from gradcheck import Check, Report, Run, Verdict
from gradcheck._results.door import DOOR, Door

FOUND = report(tensor([Verdict.WRONG], [1.0]))


class Renderers:
    """Whoever is asked says what for."""

    def __init__(self):
        self.asked = []

    def shown(self, thing):
        return f"shown {thing.verdict}"

    def fragment(self, thing):
        return f"fragment {thing.verdict}"

    def save(self, thing, path):
        self.asked.append((thing, path))

    def load(self, path):
        return path


@pytest.fixture
def renderers(monkeypatch):
    """Put others instead of the renderers."""
    own = Renderers()
    monkeypatch.setattr(DOOR, "open", lambda: own)
    return own


def test_a_door_that_nobody_hung_cannot_be_opened():
    """The package hangs it; a result printed before that would be silent about it."""
    with pytest.raises(AttributeError, match="open"):
        Door().open()


@pytest.mark.parametrize("thing", [FOUND, Run((Check(FOUND),))], ids=["report", "run"])
def test_whatever_shows_a_result_is_behind_the_door(thing, renderers):
    """As text, in a notebook, and in a file."""
    assert (str(thing), thing._repr_html_()) == ("shown WRONG", "fragment WRONG")
    thing.save("x.md")
    assert renderers.asked == [(thing, "x.md")]


@pytest.mark.usefixtures("renderers")
def test_what_is_no_report_is_refused():
    """Whatever was read: a run is named, and where to find the report in it."""
    assert Report.load(FOUND) is FOUND
    with pytest.raises(ValueError, match=r"holds a whole run; write Run\.load"):
        Report.load(Run((Check(FOUND),)))
