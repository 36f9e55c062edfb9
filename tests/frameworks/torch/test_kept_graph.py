"""Does a model keep the graph of one call in an attribute, and go on from there in the next? It is said where."""

from __future__ import annotations

from collections import deque

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402

X = torch.randn(2, 3)


class Cache:
    """A thing of the user's that is no module."""

    def __init__(self):
        self.h = 0

    def put(self, h):
        """Keep it."""
        self.h = h
        return h


class Stateful(nn.Module):
    """A cell that does with its state what it is told."""

    def __init__(self, state, step):
        super().__init__()
        self.cell = nn.Linear(3, 3)
        self.state = state
        self.step = step

    def forward(self, x):
        return self.step(self, self.cell(x).tanh())


def put(model, h):
    model.state = h
    return h


def append(model, h):
    model.state.append(h)
    return sum(model.state)


KEEPING = {
    "a tensor": (lambda: torch.zeros(2, 3), lambda m, h: put(m, h + m.state), "state"),
    "a pair": (lambda: (torch.zeros(2, 3), None), lambda m, h: put(m, (h + m.state[0], h))[0], "state[0]"),
    "a list": (list, append, "state[0]"),
    "a deque": (lambda: deque(maxlen=3), append, "state[0]"),
    "a dict": (dict, lambda m, h: m.state.setdefault("k", m.cell.weight.exp()).sum() * h, "state['k']"),
    "an object": (Cache, lambda m, h: m.state.put(h + m.state.h), "state.h"),
    "in place": (lambda: torch.zeros(2, 3), lambda m, h: m.state.add_(h) + h, "state"),
}


@pytest.mark.parametrize(("state", "step", "name"), KEEPING.values(), ids=KEEPING)
def test_a_state_with_its_graph_is_named(state, step, name):
    """And nothing else is blamed: each call begins with what was given, so the gradient of one call is right."""
    model = Stateful(state(), step)
    report = check_gradients(model, X, neighbours=0, entries=3)
    assert report.verdict is Verdict.BROKEN
    (problem,) = report.problems
    assert f"Stateful keeps a tensor with its graph in `{name}`" in problem.sentence
    assert {t.verdict for t in report.tensors.values()} == {Verdict.CORRECT}


@pytest.mark.parametrize("name", ["a tensor", "a pair"])
def test_a_model_that_was_called_before(name):
    """It holds the graph of that call already; it is given back as it was."""
    state, step, _ = KEEPING[name]
    model = Stateful(state(), step)
    model(X)
    before = model.state
    report = check_gradients(model, X, neighbours=0, entries=3)
    assert "keeps a tensor with its graph in `state" in report.problems[0].sentence
    assert model.state is before


def test_a_cache_that_was_filled_before():
    """No call writes to it any more."""
    model = Stateful(None, lambda m, h: (put(m, m.cell.weight.exp()) if m.state is None else m.state).sum() * h)
    model(X)
    (problem,) = check_gradients(model, X, neighbours=0, entries=3).problems
    assert "keeps a tensor with its graph in `state`" in problem.sentence


def test_a_buffer_and_a_part_of_a_model():
    """Replaced by a call, within a larger model, or reached from a function."""

    class Mean(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("mean", torch.zeros(3))

        def forward(self, x):
            self.mean = 0.9 * self.mean + 0.1 * x.mean(0)
            return x - self.mean

    part = Mean()
    for model in (nn.Sequential(nn.Linear(3, 3), part, nn.Linear(3, 2)), lambda x: part(2 * x)):
        (problem,) = check_gradients(model, X, neighbours=0, entries=3).problems
        assert "Mean keeps a tensor with its graph in `mean`" in problem.sentence


RIGHT = {
    "detached": (lambda: torch.zeros(2, 3), lambda m, h: (put(m, h.detach()), h)[1]),
    "only looked at": (lambda: None, put),
    "set anew": (dict, lambda m, h: m.state.update(h=h) or m.state["h"] * 2),
    "a counter": (lambda: 0, lambda m, h: (put(m, m.state + 1), h)[1]),
    "a mask": (dict, lambda m, h: m.state.setdefault(len(h), torch.ones(2, 2, dtype=h.dtype).tril()) @ h),
}


@pytest.mark.parametrize(("state", "step"), RIGHT.values(), ids=RIGHT)
def test_right_ones_pass(state, step):
    """What a call leaves behind and the next has no use for is nobody's fault."""
    report = check_gradients(Stateful(state(), step), X, neighbours=0, entries=3)
    assert (report.verdict, report.problems) == (Verdict.CORRECT, ())


def test_a_constant_with_a_graph_of_others_is_none_of_its_business():
    """What a function sees was made of something that is not differentiated here."""
    made = torch.randn(3, 3, requires_grad=True).exp()
    model = Stateful(made, lambda m, h: h @ m.state.to(h.dtype))
    assert check_gradients(model, X, neighbours=0, entries=3).problems == ()
