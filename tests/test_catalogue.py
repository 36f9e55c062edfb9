"""Does the page of causes show every mistake that the diagnosis knows, and what it says of each?"""

from __future__ import annotations

import pytest
from pages import DOCS, _loaded, structure

from gradcheck import Verdict
from gradcheck._diagnose.cause import Slip

catalogue = _loaded(DOCS / "catalogue.py")
TEXT = catalogue.PAGE.read_text(encoding="utf-8")
NEEDS = {Slip.LEFT_OUT: "torch"}


def test_every_mistake_has_a_case_and_a_place_on_the_page():
    """One case each, and none that the diagnosis does not know."""
    shown = [name for names in catalogue.GROUPS.values() for name in names.split()]
    assert sorted(shown) == sorted(slip.name for slip in Slip)
    assert {file.stem.upper() for file in catalogue.CASES.glob("*.py")} == set(shown)
    assert {block[3] for block in catalogue.BLOCK.finditer(TEXT)} == set(catalogue.GROUPS)


@pytest.mark.parametrize("slip", Slip, ids=lambda slip: slip.name.lower())
def test_it_is_named_before_and_gone_after(slip):
    """The program with the mistake is wrong for this reason, and the one that is mended passes."""
    pytest.importorskip(NEEDS.get(slip, "gradcheck"))
    case = catalogue.case(slip.name)
    report, causes = case.run(right=False)
    assert report.verdict is Verdict.WRONG
    assert slip in {cause.kind for cause in causes}
    assert case.run(right=True)[0].verdict is Verdict.CORRECT


@pytest.mark.parametrize("slip", Slip, ids=lambda slip: slip.name.lower())
def test_the_page_shows_the_change_and_what_is_said(slip):
    """Run `python docs/catalogue.py` if this fails."""
    pytest.importorskip(NEEDS.get(slip, "gradcheck"))
    assert "\n".join(structure(catalogue.case(slip.name).section)) in "\n".join(structure(TEXT))
