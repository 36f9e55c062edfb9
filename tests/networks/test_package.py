"""The face of the package."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import sys

import numpy as np
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


def _constructors():
    """Return everything public that draws or fills parameters, by name."""
    found = {}
    for name in PACKAGE.__all__:
        thing = getattr(gradcheck.networks, name)
        if inspect.isclass(thing):
            made = {way: getattr(thing, way, None) for way in ("random", "plain", "begin")}
            found |= {f"{name}.{way}": make for way, make in made.items() if make}
        elif inspect.isfunction(thing) and "rng" in inspect.signature(thing).parameters:
            found[name] = thing
    return found


CONSTRUCTORS = _constructors()


def misplaced(make):
    """Name the arguments that stand where they should not."""
    kept = [p for p in inspect.signature(make).parameters.values() if p.kind is not p.VAR_KEYWORD]
    required = [p.name for p in kept if p.default is p.empty]
    optional = [p.name for p in kept if p.default is not p.empty]
    late = [name for name in required if "rng" in required and name != "rng" and required[-1] != "rng"]
    by_place = [p.name for p in kept if p.name in optional and p.kind is not p.KEYWORD_ONLY]
    return late + by_place + [name for name in optional[:-1] if name == "dtype"]


@pytest.mark.parametrize("make", CONSTRUCTORS.values(), ids=CONSTRUCTORS)
def test_constructors_are_alike(make):
    """What must be given, `rng` the last of it; what may be left out is written by name, `dtype` last."""
    assert misplaced(make) == []


def test_a_constructor_that_is_otherwise_is_seen():
    """The order, a place that is not a name, and a dtype that is not the last."""
    assert len(CONSTRUCTORS) > 25
    assert misplaced(lambda rng, width: None) == ["width"]
    assert misplaced(lambda width, rng, dtype=float: None) == ["dtype"]
    assert misplaced(lambda width, rng, *, dtype=float, bias=True: None) == ["dtype"]


def test_layers_begin_in_the_dtype_asked_for():
    """Those that take the same sizes, at least: a width in, and one out."""
    for kind in ("Dense", "SimpleCell", "GRUCell", "LSTMCell", "Embedding", "PositionEmbedding", "SwiGLU"):
        layer = getattr(gradcheck.networks, kind).random(4, 6, np.random.default_rng(0), dtype=np.float32)
        arrays = gradcheck.networks.parameters(layer).values()
        assert {a.dtype for a in arrays} == {np.dtype(np.float32)}, kind
