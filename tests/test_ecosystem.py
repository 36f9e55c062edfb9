"""What do the pages on public packages say? Of calls of our own: the packages themselves are not installed here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import ecosystem as packages
import numpy as np
from ecosystem import derivative

from benchmarks import ecosystem

FILES = Path(packages.__file__).parent
x = np.array([0.3, 0.7])


def asked(call):
    return ecosystem.ask(replace(call, package="numpy"))


def test_every_answer_is_told_with_its_numbers_and_its_truth():
    """A wrong gradient by its entries, a right one plainly, a refusal and a failure by their sentences."""
    right = asked(derivative("right", lambda x: x @ x, x, grad=lambda x: 2 * x))
    wrong = asked(derivative("wrong", lambda x: x @ x, x, grad=lambda x: 3 * x, truth="a slip"))
    refused = asked(derivative("refused", lambda x: x @ x, x, grad="no function"))
    fails = asked(derivative("fails", lambda x: x @ x, x, grad=lambda x: 1 / 0))
    assert [s.answer for s in (right, wrong, refused, fails)] == ["CORRECT", "WRONG", "refused", "fails"]
    assert "x[1] claims 2.1, measured 1.4" in wrong.why
    page = ecosystem.page([right, wrong, refused, fails], ["absent"])
    unplain = page[page.index("## Neither") : page.index("## Every call")]
    assert "a slip" in unplain
    assert "| right " not in unplain
    assert unplain.count("not worked out") == 2
    assert "Not installed: absent." in page


def test_what_is_not_installed_is_named_and_left_out(monkeypatch):
    """Each file is one package, and says so by its name."""

    def imported(name):
        if name.endswith(".timm"):
            raise ModuleNotFoundError(name="torchvision")
        return SimpleNamespace(CASES=[derivative("something", np.sin)])

    monkeypatch.setattr(packages, "import_module", imported)
    found, missing = packages.collect()
    assert missing == ["torchvision"]
    assert [call.package for call in found] == sorted(f.stem for f in FILES.glob("[a-z]*.py") if f.stem != "timm")
