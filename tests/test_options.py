"""Every keyword of a call: said once, and refused in one way wherever it is said."""

from __future__ import annotations

import inspect
import subprocess
import sys
from dataclasses import fields
from fractions import Fraction

import numpy as np
import pytest

from gradcheck import InputError, assert_gradients, check_gradients
from gradcheck._options import DEFAULTS, KEYWORDS, Keywords, Options, options, typed
from gradcheck._plugin.fixture import Gradcheck


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("seed", -1, "seed=-1: write a non-negative integer"),
        ("seed", True, "seed=True: write a non-negative integer"),
        ("seed", 1.0, "seed=1.0: write a non-negative integer"),
        ("entries", 0, "entries=0: write 'auto', 'all', 'directions', or a positive number of entries per tensor"),
        ("entries", "some", "entries='some': write 'auto', 'all', 'directions', or a positive number of entries"),
        ("neighbours", -1, "neighbours=-1: write how many further points to screen, 0 for none"),
        ("max_evaluations", 0, "max_evaluations=0: write how many calls of the function the whole check may make"),
        ("max_evaluations", 1e3, "max_evaluations=1000.0: write how many calls of the function the whole check may"),
        ("order", 3, "order=3: write 1 for the gradient, 2 for the gradient and the gradient of that"),
        ("precision", "single", "precision='single': write 'double' or 'as-is'"),
        (
            "rtol",
            1,
            "rtol=1: the smallest relative error that matters lies between 0 and 1, such as 1e-4; leave it out",
        ),
        ("rtol", "small", "rtol='small': the smallest relative error that matters lies between 0 and 1"),
        ("workers", 0, "workers=0: write how many processes, 'joblib', or an object with a method map"),
        ("wrt", 2, "wrt=2: write a pattern of names such as 'W*', or a list of them; leave it out to check all"),
        ("wrt", ["x", 2], "wrt=['x', 2]: write a pattern of names such as 'W*'"),
        ("detached", 1, "detached=1: write a pattern of names such as 'W*', or a list of them"),
        ("inputs", {1: 2}, "inputs={1: 2}: write a dict, from the names of the model's own keyword arguments"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(name, value, message):
    """With what to write instead."""
    with pytest.raises(InputError) as caught:
        Options(**{name: value})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", np.int64(7)),
        ("entries", np.int32(3)),
        ("entries", "all"),
        ("entries", "directions"),
        ("neighbours", 0),
        ("max_evaluations", np.int64(100)),
        ("order", np.uint8(2)),
        ("precision", "as-is"),
        ("rtol", np.float32(1e-3)),
        ("rtol", Fraction(1, 10)),
        ("workers", "joblib"),
        ("inputs", {"mask": None}),
    ],
)
def test_numbers_of_every_kind_fit(name, value):
    """Those of NumPy too, of which this module knows nothing."""
    assert getattr(Options(**{name: value}), name) is value


@pytest.mark.parametrize(
    ("name", "text"), [("seed", "-1"), ("max_evaluations", "0"), ("entries", "most"), ("order", "3"), ("rtol", "x")]
)
def test_what_was_typed_and_does_not_fit_is_refused(name, text):
    """The message says what to type."""
    with pytest.raises(ValueError, match=f"^write {KEYWORDS[name].typed}$"):
        typed(name, text)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("seed", "7", 7),
        ("entries", "all", "all"),
        ("entries", "12", 12),
        ("rtol", "1e-4", 1e-4),
        ("precision", "as-is", "as-is"),
        ("workers", "joblib", "joblib"),
        ("order", "2", 2),
    ],
)
def test_what_was_typed_is_of_the_type_that_the_check_wants(name, text, value):
    """Words stay words."""
    assert typed(name, text) == value


def test_a_keyword_that_is_not_ours_is_an_input_of_the_model():
    """Be it in `inputs`, beside it, or of that very name."""
    assert options({"seed": 1, "mask": 2, "inputs": {"bias": 3}}).inputs == {"bias": 3, "mask": 2}
    assert options({"inputs": 4}).inputs == {"inputs": 4}
    with pytest.raises(InputError, match=r"^mask= is given twice, in inputs= and beside it; leave out one of them"):
        options({"mask": 1, "inputs": {"mask": 1}})


def test_an_input_by_keyword_reaches_the_model():
    """Named in `inputs` or by itself: the same check."""
    given = {"grad": lambda x, power: power * x ** (power - 1)}
    reports = [
        check_gradients(lambda x, power: np.sum(x**power), np.ones(2), **given, **how)
        for how in ({"power": 3}, {"inputs": {"power": 3}})
    ]
    assert [report.tensors["x"].checked for report in reports] == [2, 2]
    assert not any(report.wrong for report in reports)


def test_the_types_are_those_of_the_options():
    """The list for type checkers names the same keywords, in the same order, of the same types."""
    listed = {name: hint.__forward_arg__ for name, hint in Keywords.__annotations__.items()}
    assert [*listed.items()] == [(f.name, f.type) for f in fields(Options) if f.name in KEYWORDS]


@pytest.mark.parametrize("function", [check_gradients, assert_gradients, Gradcheck.__call__])
def test_the_signature_lists_every_keyword_with_its_default(function):
    """So help() does, too."""
    shown = inspect.signature(function).parameters
    assert {n: p.default for n, p in shown.items() if p.kind is p.KEYWORD_ONLY} == dict(DEFAULTS)
    assert shown["seed"].annotation == "int"


@pytest.mark.parametrize("name", KEYWORDS)
def test_the_docstring_tells_what_each_keyword_means(name):
    """None is left out."""
    assert f"`{name}`" in check_gradients.__doc__ or f"`{name}=" in check_gradients.__doc__


def test_nothing_heavy_is_loaded():
    """The table serves `gradcheck --help` and every start of pytest."""
    code = "import sys, gradcheck._options; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
