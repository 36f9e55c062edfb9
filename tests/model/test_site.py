"""Which tensors does a site speak of?"""

from __future__ import annotations

import numpy as np

from gradcheck._model.site import WeightSite


def test_a_site_names_the_tensors_that_it_has():
    """One of an input alone has no weight and no bias."""
    x = np.zeros((2, 3))
    alone = WeightSite(None, None, "x", None, x, x, np.zeros(2), turned=False, at_once=1, shifted=lambda _, s: s)
    assert alone.paths == ["x"]
