"""Is what a billion weights would cost computed from what was measured, and held against what it took?"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import cluster
from benchmarks.cluster import HandedOut, Prices, predicted, predictions
from benchmarks.curves import Network, size_of
from gradcheck._workers.blocks import blocks_of

pytestmark = pytest.mark.filterwarnings("ignore:.*fork")  # what Python and JAX, where it was imported, say of it
KNOWN = Prices(
    per_weight=1e-10,
    extra=1e-5,
    more=100,
    trip=1e-3,
    start=0.5,
    byte=1e-9,
    looks=50,
    move=1e-9,
    shift=1e-8,
    memory={"one by one": 2.0**30 / 1e9, "directions": 2.0, "shifts": 3.0},
)


def test_workers_share_what_they_can_and_cost_what_they_must():
    """Two evaluations a weight are shared, some others are not; each block and its bytes cost."""
    known = replace(KNOWN, extra=1.0, trip=0.5, start=7.0, byte=0.25)
    assert predicted(known, 1_000, 2.0, HandedOut()) == (100 + 2_000) * 3.0
    assert (
        predicted(known, 1_000, 2.0, HandedOut(4, 10, 8.0)) == 100 * 3.0 + 2_000 * 3.0 / 4 + 10 * 0.5 + 8 * 0.25 + 7.0
    )


def test_the_rows_are_of_a_billion_weights():
    """A forward pass takes 6.4 s; the unit is what a person would say."""
    rows = {(means, workers): (time, memory) for means, workers, time, memory in predictions(KNOWN)}
    assert rows["shifts of pre-activations", "1"] == ("11 min", "3 GB")
    assert rows["directions", "1"] == ("8.9 h", "2 GB")
    assert rows["one by one", "1"] == ("406 years", "1 GB")
    assert rows["one by one", "8"] == ("51 years", "1 GB")
    assert rows["one by one", "32"] == ("13 years", "1 GB")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1.5, "1.5 s"), (90, "1.5 min"), (5_400, "1.5 h"), (86_400 * 200, "200 days"), (1e11, "3,171 years")],
)
def test_a_time_is_said_in_its_unit(seconds, said):
    """To two digits, or to the last one before the point."""
    assert cluster._time(seconds) == said


def test_two_workers_are_really_asked(monkeypatch):
    """What they were given is counted; a wrong gradient is found there as well."""
    pytest.importorskip("cloudpickle")  # for classes made in functions
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)

    class Spoiled(Network):
        def grad(self, p):
            return {name: 1.01 * g for name, g in super().grad(p).items()}

    alone, shared = (cluster.one_by_one(Spoiled((8, 8, 4), 4), workers) for workers in (1, 2))
    assert len(alone.report.wrong) == len(shared.report.wrong) == size_of(Network((8, 8, 4), 4))
    assert alone.report.evaluations == shared.report.evaluations
    assert alone.handed == HandedOut()
    assert shared.handed.workers == 2
    assert shared.handed.blocks > 1
    assert shared.handed.sent > 1_000 * shared.handed.blocks


def test_the_page_is_written(tmp_path, monkeypatch, capsys):
    """Prices, predictions, and what they are held against, in this order; every number is a number."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    cluster.main(tmp_path / "cluster.md", quick=True)
    page = (tmp_path / "cluster.md").read_text(encoding="utf-8")
    assert page == capsys.readouterr().out.removesuffix("\n")
    assert [row.split("|")[1].strip() for row in page.splitlines() if row.startswith("| ")] == [
        *("constant", "f / (N B)", "e", "s", "h", "w", "p", "k", "d", "c", "g"),
        *("means", "shifts of pre-activations", "directions", *["one by one"] * 3),
        *("means", *["one by one"] * 4),
    ]
    assert not re.search(r"nan|inf\b", page)


def test_the_page_kept_is_of_the_same_models():
    """Run `python -m benchmarks cluster --output reports/cluster.md` if this fails."""
    page = (Path(__file__).parents[2] / "reports" / "cluster.md").read_text(encoding="utf-8")
    models = [f"{size_of(Network((units, units, 10), 32)):,}" for units in cluster.HELD for _ in range(2)]
    assert re.findall(r"^\| one by one +\| ([\d,]+) +\| [12] +\| [^|]+ s +\|", page, re.MULTILINE) == models
    assert [row[0] for row in predictions(KNOWN)] == re.findall(
        r"^\| ([\w -]+?) +\|[^|]+\|[^|]+\| [\d,]+ GB", page, re.MULTILINE
    )


def test_a_tensor_is_handed_out_in_as_many_blocks_as_it_says():
    """However many entries it has."""
    assert blocks_of(cluster.BILLION) == cluster.BLOCKS
