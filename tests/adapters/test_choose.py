"""Who knows what the user handed in? An adapter of a framework that is there, else that of NumPy."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest

from gradcheck import InputError, Oracle
from gradcheck._adapters import choose as choosing
from gradcheck._adapters.choose import choose
from gradcheck._options import Options

X = np.ones(3)
ORACLE = Oracle(X, np.sum, np.ones_like)


def f(x, scale=1.0):
    return float(np.sum(x)) * scale


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("eps", "the step comes from the measured noise; leave it out"),
        ("atol", "the tolerance comes from the uncertainty; rtol= is"),
        ("neighbors", r"did you mean neighbours=\?"),
        ("scales", r"did you mean scale=\?"),
        ("banana", "check_gradients takes .*seed"),
    ],
)
def test_a_keyword_that_nobody_takes_is_refused(name, hint):
    """With the nearest of ours or of the model's own, or what to do without it."""
    with pytest.raises(
        InputError, match=f"unknown keyword {name}=, which neither check_gradients nor the model takes.*{hint}"
    ):
        choose(f, (X,), Options(grad=np.ones_like, inputs={name: 1}))


@pytest.mark.parametrize(
    ("args", "said", "message"),
    [
        ((X,), {}, "an Oracle brings its own point"),
        ((), {"grad": f, "loss": f}, "an Oracle brings its own gradient; leave out grad= and loss="),
        ((), {"order": 2, "inputs": {"y": 1}}, "leave out y= and order="),
    ],
)
def test_what_an_oracle_brings_itself_is_refused(args, said, message):
    """Each by its name."""
    with pytest.raises(InputError, match=message):
        choose(ORACLE, args, Options(**said))


def test_an_oracle_is_taken_as_it_is():
    """Nothing is put around it."""
    assert choose(ORACLE, (), Options()) is ORACLE


def test_a_framework_is_asked_only_where_it_was_imported(monkeypatch):
    """One that does not know the model leaves it to NumPy's; of one that does, the oracle says the version."""
    asked, toy = [], ModuleType("toy")
    toy.__version__ = "1.2"

    def adapter(model, args, options):
        asked.append(model)
        return ORACLE if model is min else None

    monkeypatch.setattr(choosing, "_ADAPTERS", {"toy": adapter})
    options = Options(grad=np.ones_like)
    assert choose(f, (X,), options).name == "f"
    assert asked == []
    monkeypatch.setitem(sys.modules, "toy", toy)
    assert choose(f, (X,), options).versions == {}
    assert choose(min, (X,), options).versions == {"toy": "1.2"}
    assert asked == [f, min]


def test_a_model_that_takes_any_keyword_is_not_asked_which():
    """It may take eps as well as we; and what has no signature takes what it takes."""

    def anything(x, **more):
        return float(np.sum(x))

    with pytest.raises(InputError, match="takes eps by keyword alone"):  # of the next in turn
        choose(anything, (X,), Options(grad=np.ones_like, inputs={"eps": 1}))
    with pytest.raises(InputError, match="max cannot be called like this"):
        choose(max, (X,), Options(grad=np.ones_like, inputs={"eps": 1}))
