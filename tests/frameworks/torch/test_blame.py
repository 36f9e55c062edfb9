"""Whose backward is it? The first that makes something else of the same cotangents."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from models.torches.cube import Cube  # noqa: E402
from models.torches.handwritten import cube, slope  # noqa: E402
from models.torches.places import place  # noqa: E402

from gradcheck._adapters.torch.blame import blamed  # noqa: E402


def contiguous(x, dy):
    assert dy.is_contiguous()
    return slope(x) * dy


def flat(x, dy):
    return slope(x) * (dy if dy.is_contiguous() else 2 * dy)


def turned(us):
    return tuple(u.t().contiguous().t() for u in us)


@pytest.mark.parametrize("backward", [contiguous, flat])
def test_the_one_that_raises_or_differs(backward):
    """What is below it differs as well, but is given other cotangents."""
    bad = cube(backward)
    here, _ = place(lambda x: Cube.apply(bad.apply(Cube.apply(x))), torch.randn(3, 4))
    assert blamed(here.called(), here.called(), turned) == " of Other"
    assert blamed(here.called(), here.called()) == ""
    assert blamed(here.called(), here.called(), turned, turned) in {"", " of Other"}
