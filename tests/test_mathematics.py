"""Does docs/mathematics.md speak of the code as it is?"""

from __future__ import annotations

import re

import pytest
from pages import DOCS, _loaded, readme, structure

from benchmarks.ablation.constants import constants
from gradcheck import Verdict

mathematics = _loaded(DOCS / "mathematics.py")
TEXT = mathematics.PAGE.read_text(encoding="utf-8")
PLAIN = {
    "d",
    "_measure",
    "rtol",
    "atol",
    "docs/mathematics.py",
    *(str(v) for v in Verdict),
}  # code, but no name in the numerics


def test_the_page_is_what_the_command_says():
    """Run `python docs/mathematics.py` if this fails."""
    assert structure(mathematics.written(TEXT)) == structure(TEXT)


def test_every_block_is_filled_by_something():
    """A word that nobody knows would be left as it is."""
    assert {block[2] for block in readme.BLOCK.finditer(TEXT)} == set(mathematics.WORDS)
    assert TEXT.count("<!-- end -->") == len(readme.BLOCK.findall(TEXT))


def test_every_constant_stands_in_it_with_its_value():
    """A new one needs no more than a room that has a table."""
    for constant in constants():
        room, _, name = constant.place.partition(".")
        row = re.search(rf"^\| `{re.escape(name)}` +\| `(.*?)` +\|", _table(room), re.MULTILINE)
        assert row, constant.place
        assert row[1] == constant.text


def _table(room):
    return TEXT.partition(f"<!-- constants {room} -->")[2].partition("<!-- end -->")[0]


SAID = re.sub(r"<!-- .*?<!-- end -->", "", TEXT, flags=re.DOTALL)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([\w.]+)`", SAID)) - PLAIN))
def test_every_name_in_the_text_is_one_in_the_code(name):
    """A formula stands beside what realises it, under the name that it has today."""
    assert mathematics.named(name) is not None


def test_nothing_has_a_name_that_is_not_there():
    """What was renamed is missed, and not taken for something else."""
    with pytest.raises(LookupError, match="NO_SUCH"):
        mathematics.named("noise.NO_SUCH")


def test_a_name_that_two_have_needs_its_file():
    """Else it would be read for the other."""
    with pytest.raises(LookupError, match=r"\d in the numerics"):
        mathematics.named("DEVIATIONS")
