"""Is what README.md shows what the examples print?"""

from __future__ import annotations

from pages import readme, structure


def test_the_page_is_what_its_examples_print():
    """Run `python docs/readme.py` if this fails."""
    text = readme.README.read_text(encoding="utf-8")
    assert structure(readme.written(text)) == structure(text)


def test_every_block_is_filled_by_something():
    """A word that nobody knows would be left as it is."""
    text = readme.README.read_text(encoding="utf-8")
    assert {block[2] for block in readme.BLOCK.finditer(text)} == set(readme.WORDS)
    assert text.count("<!-- end -->") == len(readme.BLOCK.findall(text))


def test_every_call_that_the_page_shows_runs():
    """The list of what a user types is a program."""
    assert "claimed" in readme.run("calls.py", readme.sys.executable, "-W", "error")


def test_a_number_differs_only_in_its_digits():
    """What depends on the machine is left out of the comparison, and nothing else."""
    assert structure("b1[7]  -22.2378  -0.69 ± 7e-13") == structure("b1[7]  -22.23  -0.7 ± 1e-12")
    assert structure("b1[7]  wrong") != structure("b1[7]  right")
