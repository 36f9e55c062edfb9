"""Is what is judged of large networks what the page says, at the smallest of them?"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import large
from gradcheck import check_gradients


def test_a_spoiled_network_is_named_in_its_row():
    """One weight off by as much as a typical one: named in both draws, and nothing else accused."""
    row = large.wrong("W1", 1.0, "auto", 2)
    assert row[:5] == ["W1", "1", "auto", "2 of 2", "0"]


def test_every_weight_of_the_small_one_is_judged():
    """By shifts; costs are those of this machine."""
    name, judged, means, *costs = large.every("W1")
    assert (name, judged, means) == ("W1", "2,410 of 2,410, CORRECT", "shifts of pre-activations")
    assert len(costs) == 4


def test_the_row_of_a_network_is_of_the_quickest_turn():
    """Its time, as a multiple of a forward pass; and how many times as long the loop would take for all entries."""
    x = np.linspace(1, 2, 5)
    report = check_gradients(lambda x: float(np.sum(x**3)), x, grad=lambda x: 3 * x**2)
    row = large._judged("a", [(4.0, report), (2.0, report)], (0.5, 1.0), 1_000)
    assert row[:6] == ["a", "5 of 1,000, CORRECT", "one by one", "2 s", "4", "500"]


def test_a_network_of_jax_is_the_same_one():
    """The same value, compiled or not, and the same gradient; all of it is judged by shifts as well."""
    jax = pytest.importorskip("jax")
    from benchmarks.dense_jax import dense

    with large.jax_precision(double=True):
        net, x, loss = large.network("W1")
        y, back = net.forward(x)
        expected, of_loss = loss.forward(y)
        value, compiled, point = dense(large.parameters(net), x, loss.labels)
        assert compiled(point) == pytest.approx(expected, rel=1e-12)
        assert float(value(point)) == pytest.approx(expected, rel=1e-12)
        claims = jax.grad(value)(point)
        for name, claim in large.parameters(back(of_loss()[0])[1]).items():
            assert np.allclose(claims[name], claim, rtol=1e-9)

        @jax.custom_vjp
        def spoiled(p):
            return value(p)

        wrong = claims | {"layers[0].W": claims["layers[0].W"].at[3, 4].mul(1.01)}
        spoiled.defvjp(lambda p: (value(p), None), lambda _, dy: ({name: dy * g for name, g in wrong.items()},))
        found = check_gradients(spoiled, point, neighbours=0).wrong
        assert [entry.index for entry in found] == [(3, 4)]
    assert large.in_jax("W1")[:3] == ["W1, JAX", "2,410 of 2,410, CORRECT", "shifts of pre-activations"]


def test_boxes_of_which_nothing_is_known_are_told_right_from_wrong():
    """All entries of a small one; one wrong entry of it is named."""
    assert large.box(100, 0)[1:3] == ["0 of 0, 0 others", "100"]
    assert large.box(100, 1)[1] == "1 of 1, 0 others"
