"""The face of the package."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import sys

import pytest

import gradcheck.networks
from gradcheck.networks import Dense

PACKAGE = sys.modules[sys.modules[Dense.__module__].__package__]  # `networks`, here or in the wheel
MODULES = [
    PACKAGE.__name__,
    *(f"{PACKAGE.__name__}.{m.name}" for m in pkgutil.iter_modules(PACKAGE.__path__)),
]


@pytest.mark.parametrize("name", MODULES)
def test_every_example_runs(name):
    """What a docstring shows is what comes out."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_examples_are_found():
    """The story is told with an example that runs, and is not the only one."""
    finder = doctest.DocTestFinder()
    modules = map(importlib.import_module, MODULES)
    assert sum(bool(test.examples) for module in modules for test in finder.find(module)) >= 3


def test_every_public_name_is_there_and_says_what_it_is():
    """Every name in `__all__` exists, and everything that can have a docstring has one."""
    for name in PACKAGE.__all__:
        thing = getattr(gradcheck.networks, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert inspect.getdoc(thing), name
            assert not (thing.__doc__ or "").startswith(f"{name}("), name  # a dataclass's default


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_which_question_it_answers(name):
    """In its first line."""
    assert len(importlib.import_module(name).__doc__.splitlines()[0]) > 20
