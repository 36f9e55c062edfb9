"""What a fuzz found out, as plain data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from fuzzing import fuzzed

from gradcheck import (
    Verdict,
    check_gradients,
    networks,
)
from gradcheck._fuzz.faces import render
from gradcheck._fuzz.rows import told
from gradcheck._fuzz.search import Fuzz
from gradcheck.strategies import Case
from gradcheck.strategies.architectures import FAMILIES


def test_what_was_drawn_is_told(spoil):
    """How often each kind of layer, in how many networks, how deep; and every failure with its code and report."""
    spoil(networks.Dense, lambda dx, grad: (dx, replace(grad, b=2 * grad.b)))
    fuzz = fuzzed(examples=6)
    page = json.loads(json.dumps(told(fuzz)))
    kinds = {kind["kind"]: kind for kind in page["kinds"]}
    assert kinds["dense"]["layers"] == sum(row.kinds.count("dense") for row in fuzz.rows) > 0
    twice = told(Fuzz(1, rows=[fuzz.rows[0]._replace(kinds=("dense", "tanh", "dense"))]))["kinds"]
    assert twice[0] == {"kind": "dense", "layers": 2, "networks": 1}
    assert sum(page["depths"].values()) == 6
    assert page["all"]["entries"] == sum(family["entries"] for family in page["families"])
    assert page["failures"][0]["report"]["verdict"] == page["verdict"] == "WRONG"
    model, *inputs = Case.read(page["failures"][0]["case"])
    assert check_gradients(model, *inputs).verdict is Verdict.WRONG


@pytest.mark.parametrize("wrong", [True, False])
def test_the_schema_in_the_documentation_fits(spoil, wrong):
    """It accepts what is written, with a failure and without, and refuses what is not."""
    if wrong:
        spoil(networks.Dense, lambda dx, grad: (dx, replace(grad, b=2 * grad.b)))
    text = (Path(__file__).parents[2] / "docs" / "fuzz.schema.json").read_text(encoding="utf-8")
    checker = jsonschema.Draft202012Validator(json.loads(text))
    checker.check_schema(checker.schema)
    fuzz = fuzzed(len(FAMILIES))
    page = json.loads(render(fuzz, "json", paths=[Path("case.json")]))
    checker.validate(page)
    checker.validate(json.loads(render(fuzz, "json")))
    assert bool(page["failures"]) is wrong
    for spoilt in ({"verdict": "KINK"}, {"schema": 2}, {"more": 1}, {"failures": [{"failure": "WRONG"}]}):
        assert not checker.is_valid(page | spoilt)
