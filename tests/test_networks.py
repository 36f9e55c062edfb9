"""Where are the reference networks? Under the name that users write, in the repository as in the wheel."""

from __future__ import annotations

import importlib

import pytest

import gradcheck.networks
import networks


def test_a_layer_that_there_is_not_cannot_be_imported():
    """The stand-in makes nothing up."""
    with pytest.raises(AttributeError, match="Dance"):
        _ = gradcheck.networks.Dance
    with pytest.raises(ImportError, match="cannot import name 'Dance'"):
        exec("from gradcheck.networks import Dance")


def test_every_name_of_the_package_is_that_of_the_stand_in():
    """The very same thing: a layer of one is a layer of the other."""
    names = networks.__all__
    assert len(names) > 50
    assert [name for name in names if getattr(gradcheck.networks, name) is not getattr(networks, name)] == []


def test_the_stand_in_has_nothing_of_its_own():
    """Imported anew it is the same again."""
    own = {name for name in vars(importlib.reload(gradcheck.networks)) if not name.startswith("_")}
    assert own == set(networks.__all__)
