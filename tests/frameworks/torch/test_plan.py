"""Is a model called as ever, of a plan? Each call has arguments of its own, where the point is by then."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from gradcheck._adapters.torch.call import TorchCall  # noqa: E402
from gradcheck._adapters.torch.choice import chosen, named  # noqa: E402
from gradcheck._adapters.torch.plan import Plan, flat, floats  # noqa: E402
from gradcheck._adapters.torch.state import Constants  # noqa: E402


class Pair(NamedTuple):
    a: Any
    b: Any


def planned(f, *args):
    """Return the plan of a call, the call, and the arrays of its point."""
    arguments = {f"x{k}": arg for k, arg in enumerate(args)}
    moved, _ = chosen([*named(f, arguments, None)], arguments, None)
    modules = [*f.modules()] if isinstance(f, nn.Module) else []
    call = TorchCall(f, (args, {}), moved, loss=None, modules=modules, constants=Constants([]), others=[])
    point = {path: np.array(array) for one in moved for path, array in one.arrays().items()}
    return call, point


def test_arguments_follow_the_arrays_and_are_copies():
    """In whatever they stand; the same tensor is the same in both its places; what is no tensor is left as it is."""
    seen = []

    def f(x, parts, pair, again, n):
        seen.append((x is again, type(parts), type(pair), n))
        x += 1
        return x * parts["a"][0] * pair.a + pair.b

    x, y, z, w = (torch.full((2,), float(k)).double() for k in range(1, 5))
    call, point = planned(f, x, {"a": [y]}, Pair(z, w), x, 7)
    with call.guard(), torch.no_grad():
        plan = Plan(call, point)
        assert plan.result().tolist() == [2 * 2 * 3 + 4] * 2
        point["x0 = x3"][...] = 9
        assert plan.result().tolist() == [10 * 2 * 3 + 4] * 2
    assert point["x0 = x3"].tolist() == [9, 9]
    assert seen == [(True, dict, Pair, 7)] * 2


def test_parameters_are_laid_into_the_arrays_again():
    """Where another call, or the model itself, has given them other memory."""
    model = nn.Linear(2, 1, bias=False).double()
    call, point = planned(model, torch.ones(1, 2).double())
    other = {path: array.copy() for path, array in point.items()}
    with call.guard(), torch.no_grad():
        plan = Plan(call, point)
        point["weight"][...] = 3
        assert plan.result().item() == 6
        call.variables(other)
        assert plan.result().item() == 6
        model.weight.data = torch.zeros(1, 2).double()
        assert plan.result().item() == 6


def test_all_floats_in_one_row():
    """Complex ones as pairs; integers are none."""
    result = {"a": torch.tensor([1 + 2j]), "b": [torch.tensor([[3.0]]), torch.tensor([4])], "c": "text"}
    assert [t.shape for t in floats(result)] == [(1,), (1, 1)]
    assert flat(result).tolist() == [1, 2, 3]
    assert flat(torch.tensor([[1.0], [2.0]]).double()).tolist() == [1, 2]
