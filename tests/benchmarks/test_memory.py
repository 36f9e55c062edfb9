"""Is the memory of a check measured beside that of its model?"""

from __future__ import annotations

import numpy as np

from benchmarks import memory
from benchmarks.large import network


def test_a_row_is_of_a_process_of_its_own():
    """What was judged, and the peaks."""
    name, judged, own, above, times = memory.row("2e5")
    assert name == "a function of 200,000 entries"
    assert judged.endswith(" of 200,000, CORRECT")
    assert float(own) > 0.02  # an interpreter with NumPy
    assert float(times) * 1.6e6 / 2**30 < float(above) + 0.01


def test_a_network_takes_its_weights():
    """And its loss."""
    case = memory.network(*network("W1"))
    assert case.weights == 2_410 * 8
    case.model()
    assert case.check().verdict.name == "CORRECT"


def test_a_box_reads_all_that_it_is_given():
    """Piece by piece."""
    case = memory.box(memory.PIECE + 3)
    value, slopes = case.model()
    assert len(slopes) == memory.PIECE + 3
    assert np.isfinite(value)
