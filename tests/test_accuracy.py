"""How near the truth are the estimates, and do they say so? A hundred random networks, and the cost of one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.calibration import ROUGH, SCALINGS, SMOOTH, Counts, found, network, plant, visible
from gradcheck import Verdict, check_gradients
from networks import GELU, CrossEntropy, ReLU, Tanh, mlp

NETWORKS = 25  # under each of the four scalings; `python -m benchmarks calibration` takes more, and larger ones
WIDEST = 7


@pytest.fixture(scope="module", params=SCALINGS)
def tally(request):
    """Check right networks under one scaling; then put one weight of each off by one part in 1e5."""
    scale, shift = SCALINGS[request.param]
    tally = Counts()
    for n in range(NETWORKS):
        rng = np.random.default_rng([len(request.param), n])
        case = replace(network(rng, SMOOTH, widest=WIDEST), scale=scale, shift=shift)
        report = check_gradients(case.oracle())
        tally.add(report, case.gradient(case.point))
        name, flat = plant(case, report, rng)
        seen = visible(report.tensors[name], flat)
        tally.visible += seen
        tally.found += seen and found(case, name, flat)
    return tally


def test_a_weight_off_by_one_part_in_1e5_is_found(tally):
    assert tally.found == tally.visible


def test_it_could_be_seen_nearly_everywhere(tally):
    """An offset of 1e6 leaves ten digits of the loss, and hides the smallest."""
    assert tally.visible >= 0.8 * NETWORKS


def test_no_right_gradient_is_accused(tally):
    assert tally.verdicts.keys() <= {Verdict.CORRECT, Verdict.UNTESTED}


def test_the_true_error_is_at_most_the_stated_uncertainty(tally):
    assert tally.entries > 1000
    assert tally.over <= 1e-3 * tally.entries


@pytest.mark.parametrize(
    ("kind", "seeds"), [(ROUGH, (8, 12, 22, 44, 51)), (SMOOTH, (33, 36, 56, 66))], ids=["kinked", "smooth"]
)
def test_what_the_report_promises_to_see_beside_kinks_and_under_an_offset_is_seen(kind, seeds):
    """Where every look is limited, by noise from afar and by a kink from near, the sharpest one counts."""
    seen = 0
    for seed in seeds:
        case = replace(network(np.random.default_rng([0, seed]), kind), shift=1e6)
        report = check_gradients(case.oracle())
        rng = np.random.default_rng(seed)
        for _ in range(3):
            name, flat = plant(case, report, rng)
            if visible(report.tensors[name], flat):
                seen += 1
                assert found(case, name, flat), (seed, name, flat)
    assert seen >= len(seeds)


@pytest.mark.parametrize("activation", [Tanh(), ReLU(), GELU()], ids=lambda a: type(a).__name__)
def test_a_right_network_costs_little_more_than_two_evaluations_an_entry(activation):
    rng = np.random.default_rng(0)
    net, x = mlp((64, 32, 10), activation, rng), rng.random((32, 64))
    report = check_gradients(net, x, loss=CrossEntropy(rng.integers(0, 10, 32)))
    assert report.verdict is Verdict.CORRECT
    assert report.checked == 64 * 32 + 32 + 32 * 10 + 10 + x.size
    assert report.evaluations <= 2.3 * report.checked
