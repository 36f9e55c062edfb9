"""Is what grows measured as it is said? The calls are counted; seconds are for people."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import curves
from benchmarks.curves import AXES, FUNCTION, JAX, LAYERS, LOOP, SLOW, Axis, CheckCost, GrowthRow, Network, Pieces

SMALL = (3, 4, 2)


class Spoiled(Network):
    """A network in whose gradient an entry is off."""

    def grad(self, p):
        found = super().grad(p)
        next(iter(found.values()))[0, 0] *= 1.01
        return found


def test_whoever_does_not_pass_a_case_is_shown_to():
    """A false pass or a false alarm is no cost beside which others can be compared in silence."""
    axis = Axis("width", "", (1,), lambda _: Spoiled(SMALL, 5))
    found = curves.row(axis, 1, {FUNCTION: curves.as_function, LAYERS: curves.by_layers})
    assert not found.costs[FUNCTION].passed
    assert found.costs[LAYERS].passed  # its gradient is that of the layers
    assert curves.section(axis, [found], "").count("a false alarm") == 1


@pytest.mark.parametrize("case", [Network(SMALL, 5), Network((3, 2), 4), Network((2, 3, 4, 3, 2), 3), Pieces(4)])
def test_the_gradient_is_right_and_the_calls_are_counted(case):
    """By everybody who has the function alone; each says how often it was called."""
    assert curves.as_function(case)
    assert case.calls > 2 * curves.size_of(case)
    case.calls = 0
    assert curves.of_peer(LOOP)(case)
    assert case.calls == 2 * curves.size_of(case) + 1


def test_a_network_is_the_same_by_its_layers():
    """The same value, and the same gradient."""
    case = Network(SMALL, 5)
    loss = curves.CrossEntropy(case.labels)
    y, back = case.layers.forward(case.x)
    value, back_of_loss = loss.forward(y)
    assert case.value(case.point) == pytest.approx(value, rel=1e-12)
    for name, claim in curves.parameters(back(back_of_loss()[0])[1]).items():
        assert np.allclose(case.grad(case.point)[name], claim, rtol=1e-10)
    assert curves.by_layers(case)
    assert curves.by_layers(Pieces(2)) is None


def test_a_peer_is_not_asked_what_would_take_too_long():
    """Its cell is a dash, and nothing is compared with it."""
    asked = {FUNCTION: curves.as_function, LAYERS: curves.by_layers, SLOW: curves.of_peer(LOOP, limit=10)}
    axis = Axis("width", "", (2, 4), lambda n: Network((2, n, 2), 3))
    costs = curves.row(axis, 4, asked).costs
    assert set(costs) == {FUNCTION, LAYERS, LOOP}
    assert set(curves.row(Axis("tensors", "", (1,), Pieces), 1, {LAYERS: curves.by_layers}).costs) == {LOOP}


def test_a_row_says_calls_times_and_ratios():
    """In the order of the legend; ours by layers where there are any, else as a function."""
    costs = {LOOP: CheckCost(20.0, 40.0, passed=True), FUNCTION: CheckCost(30.0, 10.0, passed=True)}
    lines = curves.section(AXES[0], [GrowthRow(3, 12, 1e-3, costs)], "a.png").splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")]
    assert cells == [
        ["n", "entries", "a call", FUNCTION, LOOP, f"times {LOOP}"],
        ["3", "12", "1 ms", "30 (10)", "20 (40)", "4.0"],
    ]
    layers = costs | {LAYERS: CheckCost(5.0, 0.5, passed=True)}
    assert (
        curves.section(AXES[0], [GrowthRow(3, 12, 1e-3, layers)], "a.png")
        .splitlines()[-1]
        .endswith("| 80                    |")
    )


def test_the_pictures_are_drawn(tmp_path):
    """One for each axis, and different ones where the costs differ."""
    pytest.importorskip("matplotlib")
    rows = [GrowthRow(n, n, 1e-3, {LOOP: CheckCost(2.0 * n, 2.0 * n, passed=True)}) for n in (1, 2)]
    more = [GrowthRow(n, n, 1e-3, {**rows[0].costs, JAX: CheckCost(5.0, 9.0, passed=True)}) for n in (1, 2)]
    for name, shown in (("a", rows), ("b", rows), ("c", more)):
        curves.draw(AXES[1], shown, tmp_path / f"{name}.png")
    a, b, c = ((tmp_path / f"{name}.png").read_bytes() for name in "abc")
    assert a == b != c
    assert a.startswith(b"\x89PNG")


def test_without_matplotlib_the_pictures_stay_as_they_are(tmp_path, monkeypatch, capsys):
    """And that is said."""
    monkeypatch.setattr(curves, "AXES", (Axis("width", "Small", (2, 3, 4), lambda n: Network((2, n, 2), 3)),))
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    page = curves.sections(tmp_path, quick=True)
    assert "matplotlib is not installed: growth-width.png stays as it is" in capsys.readouterr().out
    assert "![width](growth-width.png)" in page
    assert page.count("\n| 2 ") == page.count("\n| 3 ") == 1
    assert "\n| 4 " not in page
