"""Which kinds of layers are there, what does each take, and what does it make of it?"""

from __future__ import annotations

import numpy as np
import pytest
from drawn import some
from hypothesis import given
from hypothesis import strategies as st

from gradcheck import networks
from gradcheck.strategies import networks_and_inputs
from gradcheck.strategies.architectures import FORMS
from gradcheck.strategies.kinds import NUMERIC, TABLE, Site, after, built, every, kind_of, parts_within, step


@pytest.mark.parametrize("told", [("densest", 3), ()])
def test_a_kind_that_there_is_not_is_refused(told):
    """With those that there are; wherever it stands."""
    with pytest.raises(ValueError, match=r"no layer is of the kind .*; there are .*dense, .*conv"):
        kind_of(told)
    with pytest.raises(ValueError, match="no layer is of the kind"):
        after(("row", 2), (("dense", 3), told))


@some
@given(networks_and_inputs())
def test_the_form_that_is_foretold_comes_out(case):
    """Each step says what it makes of what it is given, before it is built."""
    network, (x,), _ = case.build()
    end = after(case.takes, case.layers)
    assert network.forward(x)[0].shape == (case.batch, *end[1:])


@some
@given(st.data())
def test_a_layer_within_another_keeps_the_form(data):
    """And holds none itself: what is nested is no deeper than that."""
    form = data.draw(st.sampled_from([form for name in NUMERIC for form in FORMS[name]]))
    one = data.draw(step(form, within=True))
    assert after(form, (one,)) == form
    assert list(every((one,))) == [one]


def test_layers_within_layers_are_met():
    """Those of each branch together; numbers that stand in a tuple are no layers."""
    conv = ("conv", 1, (2, 2), (1, 1), 0, 1, 1)
    branches = ("parallel", "sum", (("tanh",), ("relu",)), (conv,))
    assert parts_within(branches) == [(("tanh",), ("relu",)), (conv,)]
    assert [one[0] for one in every((branches, conv))] == ["parallel", "tanh", "relu", "conv", "conv"]
    assert parts_within(conv) == []


def test_a_layer_of_rows_meets_a_sequence_row_by_row():
    """Each layer is built where the one before ends."""
    site = Site(("sequence", 3, 2), 4, np.random.default_rng(0), "float32")
    dense, last, tanh = built(site, (("dense", 5), ("last-step",), ("tanh",)))
    assert (type(dense), type(last), type(tanh)) == (networks.Pointwise, networks.LastStep, networks.Tanh)
    assert last.forward(dense.forward(*site.inputs())[0])[0].shape == (4, 5)
    assert TABLE["dense"].same(("row", 2)) is not None
    assert TABLE["flatten"].same is None


def test_a_place_draws_numbers_away_from_kinks():
    """Of either sign, in its type; words are whole numbers."""
    site = Site(("row", 100), 2, np.random.default_rng(0), "float32")
    (x,) = site.inputs()
    assert (x.shape, x.dtype) == ((2, 100), np.float32)
    assert np.abs(x).min() >= 0.1
    assert x.min() < 0 < x.max()
    (words,) = Site(("tokens", 3, 5), 2, np.random.default_rng(0), "float64").inputs()
    assert words.shape == (2, 5)
    assert {*words.flat} <= {0, 1, 2}
