"""Each second opinion is needed, is asked at its moment, and is tested when it speaks and when not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tested import ONE, SLOPE, looked_at, on_the_sine, with_noise
from traps import collect

from gradcheck import check_gradients
from gradcheck._entries.second_opinions import opinions
from gradcheck._entries.second_opinions.averaging import averaged_or_not
from gradcheck._entries.second_opinions.opinions import OPINIONS, Moment, asked, sharpened
from gradcheck._entries.second_opinions.other_steps import below_the_kink

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", [opinion.name for opinion in OPINIONS])
def test_of_every_opinion_is_tested_when_it_speaks_and_when_not(name):
    """A new one needs two tests: with a case where it knows better, and one where it must not meddle."""
    text = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    assert all(f"def test_{name}_{does}(" in text for does in ("speaks", "is_silent"))


@pytest.mark.parametrize("opinion", OPINIONS, ids=[opinion.name for opinion in OPINIONS])
def test_every_opinion_has_a_trap_that_fails_without_it(opinion, monkeypatch):
    """It is answered rightly with all of them; what nothing needs is not kept."""
    trap = next(trap for trap in collect() if trap.id == opinion.trap)

    def answered():
        with np.errstate(all="ignore"):
            report = check_gradients(trap.f, *trap.args, **trap.keywords)
        named = {entry.name for entry in report.wrong} if trap.named else set()
        return report.verdict in trap.verdicts and named == set(trap.named)

    assert answered()
    monkeypatch.setattr(opinions, "OPINIONS", tuple(other for other in OPINIONS if other is not opinion))
    assert not answered()


def test_they_are_asked_at_their_moment_in_their_order():
    """None twice, and none never."""
    order = [ask for moment in Moment for ask in asked(moment)]
    assert order == [opinion.ask for opinion in OPINIONS]
    assert len(set(order)) == len(OPINIONS)
    assert asked(Moment.ACQUITTED) == [below_the_kink]


def test_what_is_blunt_is_sharpened_and_what_is_not_stays():
    """By whoever knows better; the very estimate comes back where nobody does."""
    look, estimate = on_the_sine()
    assert sharpened(look, estimate) is estimate
    assert averaged_or_not(look).value == estimate.value
    look, blunt = looked_at(with_noise(1e-7), np.array([SLOPE]), ONE, sigma=1e-7)
    assert sharpened(look, blunt).uncertainty < blunt.uncertainty / 2
    assert averaged_or_not(look).uncertainty < blunt.uncertainty / 2
