"""Is everything as it was after a check, bit for bit? Parameters, buffers, gradients, hooks, flags, random numbers."""

from __future__ import annotations

import contextlib
import random
import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch")
checkpoint = pytest.importorskip("torch.utils.checkpoint").checkpoint

from torch import nn  # noqa: E402

from gradcheck import check_gradients  # noqa: E402
from gradcheck._adapters.torch.state import sources  # noqa: E402
from gradcheck._model.rng import Pins  # noqa: E402


def picture(model):
    """Return all that can be seen of a module, bit for bit, and where it lies in memory."""
    tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return {
        "bits": {n: (t.dtype, t.detach().clone().view(-1).numpy().tobytes()) for n, t in tensors.items()},
        "memory": {n: (id(t), t.data_ptr(), t.stride()) for n, t in tensors.items()},
        "gradients": {n: None if t.grad is None else (id(t.grad), t.grad.tolist()) for n, t in tensors.items()},
        "flags": {n: (t.requires_grad, t.is_leaf) for n, t in tensors.items()},
        "training": {n: m.training for n, m in model.named_modules()},
        "hooks": {n: (len(m._forward_hooks), len(m._backward_hooks)) for n, m in model.named_modules()},
        "attributes": {n: {k: id(v) for k, v in m.__dict__.items()} for n, m in model.named_modules()},
        "keys": [*model.state_dict()],
    }


def surroundings():
    """Return the state of the world that a module lives in."""
    return (
        torch.get_rng_state().tolist(),
        np.random.get_state()[1].tolist(),  # noqa: NPY002  it is the one that others draw from
        random.getstate(),
        torch.is_grad_enabled(),
        torch.get_num_threads(),
        torch.get_default_dtype(),
    )


class Changing(nn.Module):
    """A module that a call changes in every way."""

    def __init__(self):
        super().__init__()
        self.linear, self.norm, self.dropout = nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5)
        self.register_buffer("average", torch.zeros(4))
        self.calls, self.seen, self.last = 0, [], None

    def forward(self, x):
        h = self.dropout(self.norm(self.linear(x)))
        self.calls += 1
        self.seen.append(h)
        self.last = h.detach()
        self.average.mul_(0.9).add_(0.1 * h.detach().mean(0))
        return torch.tanh(h + torch.randn_like(h))


def lstm():
    return nn.LSTM(3, 2, num_layers=2, dropout=0.2)


def weight_norm():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.utils.weight_norm(nn.Linear(3, 2))


def spectral_norm():
    return nn.utils.parametrizations.spectral_norm(nn.Linear(3, 2))


def frozen():
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2))
    model[0].weight.requires_grad_(False)
    return model


def channels_last():
    return nn.Sequential(nn.Unflatten(1, (3, 1, 1)), nn.Conv2d(3, 2, 1)).to(memory_format=torch.channels_last)


MODELS = [Changing, lstm, weight_norm, spectral_norm, frozen, channels_last]


@pytest.mark.parametrize("make", MODELS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("precision", ["double", "as-is"])
def test_a_module_is_bit_for_bit_what_it_was(make, precision):
    """And its numbers lie where they lay: optimisers and hooks hold on to them."""
    torch.manual_seed(0)
    model, x = make(), torch.randn(5, 3)
    model.register_forward_hook(lambda *_: None)
    loss = model(x)
    (loss[0] if isinstance(loss, tuple) else loss).sum().backward()
    before, world, input_before = picture(model), surroundings(), x.clone()
    check_gradients(model, x, precision=precision, entries=3)
    after = picture(model)
    for what, seen in before.items():
        assert after[what] == seen, what
    assert surroundings() == world
    assert torch.equal(x, input_before)
    assert x.grad is None
    assert not x.requires_grad


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("calls", [0, 1, 5, 40])
def test_also_where_it_ends_early(kind, calls):
    """By an exception of the model's own, or by the user."""
    torch.manual_seed(0)
    left = [calls]

    class Failing(Changing):
        def forward(self, x):
            y = super().forward(x)
            left[0] -= 1
            if left[0] < 0:
                raise kind
            return y

    model, x = Failing(), torch.randn(5, 3)
    before, world = picture(model), surroundings()
    with contextlib.suppress(kind, AssertionError):
        check_gradients(model, x)
    assert picture(model) == before
    assert surroundings() == world


@pytest.mark.parametrize(("kind", "every"), [(ValueError, 7), (KeyboardInterrupt, 1), (MemoryError, 5)])
def test_at_whatever_call_it_ends(kind, every):
    """The first, the second, ..., the last of all that a check makes: parameters, buffers, random numbers, flags."""
    torch.manual_seed(0)
    calls, at = [0], [0]

    class Ticking(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear, self.norm, self.dropout = nn.Linear(2, 1), nn.BatchNorm1d(1), nn.Dropout(0.5)

        def forward(self, x):
            y = self.dropout(self.norm(self.linear(x)))  # statistics have moved, numbers were drawn
            calls[0] += 1
            if calls[0] == at[0]:
                raise kind
            return y

    model, x = Ticking(), torch.randn(4, 2)

    def check():
        calls[0] = 0
        with contextlib.suppress(kind, AssertionError):
            check_gradients(model, x, entries=1, neighbours=1)

    before, world = picture(model), surroundings()
    check()
    total = calls[0]
    assert total > 50
    for at[0] in range(1, total + 1, every):
        check()
        assert calls[0] >= at[0]
        assert picture(model) == before, f"call {at[0]} of {total}"
        assert surroundings() == world, f"call {at[0]} of {total}"


def test_an_optimiser_goes_on_as_if_nothing_had_been():
    """It holds the parameters, and their gradients."""
    torch.manual_seed(0)

    def train(*, checked):
        torch.manual_seed(1)
        model, x = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.3), nn.Linear(4, 1)), torch.ones(6, 3)
        optimiser = torch.optim.Adam(model.parameters(), 0.1)
        for _ in range(3):
            optimiser.zero_grad()
            model(x).square().sum().backward()
            if checked:
                check_gradients(model, x)
            optimiser.step()
        return torch.cat([p.flatten() for p in model.parameters()])

    assert torch.equal(train(checked=True), train(checked=False))


def test_what_a_function_sees_is_as_it_was():
    """Modules and tensors in its closure are moved into float64 and back."""
    net, table = nn.BatchNorm1d(3), torch.randn(3)
    before, numbers, memory = picture(net), table.clone(), table.data_ptr()
    check_gradients(lambda x: net(x) * table, torch.randn(4, 3))
    assert picture(net) == before
    assert torch.equal(table, numbers)
    assert (table.dtype, table.data_ptr()) == (torch.float32, memory)


def test_random_generators_of_the_users_own_are_put_back():
    """A mask from one of them is the same at every call."""
    generator = torch.Generator().manual_seed(3)
    before = generator.get_state()
    report = check_gradients(lambda x: x * torch.rand(4, generator=generator), torch.randn(4))
    assert str(report.verdict) == "CORRECT"
    assert torch.equal(generator.get_state(), before)


def test_a_graph_of_the_users_that_is_alive_still_works():
    """Its saved tensors are not touched."""
    model, x = nn.Linear(3, 2), torch.randn(4, 3)
    loss = model(x).square().sum()
    expected = torch.autograd.grad(model(x).square().sum(), model.weight)[0]
    check_gradients(model, x)
    loss.backward()
    assert torch.equal(model.weight.grad, expected)
    assert check_gradients(model, x).verdict.name == "CORRECT"


def test_under_no_grad_and_with_another_default_dtype():
    """The setting of the moment matters neither to the check nor after it."""
    model, x = nn.Linear(3, 2), torch.randn(4, 3)
    with torch.no_grad():
        assert check_gradients(model, x).verdict.name == "CORRECT"
        assert not torch.is_grad_enabled()
    torch.set_default_dtype(torch.float64)
    try:
        assert check_gradients(model, x).verdict.name == "CORRECT"
    finally:
        torch.set_default_dtype(torch.float32)


class Replaced(nn.Module):
    """A running average that is another tensor after every call."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))
        self.register_buffer("average", torch.zeros(3))

    def forward(self, x):
        self.average = 0.9 * self.average + 0.1 * x.detach()
        return self.weight * x + self.average.detach().sign()


class Again(nn.Module):
    """A checkpoint of the kind that knows backward() alone."""

    def __init__(self):
        super().__init__()
        self.below, self.above = nn.Linear(3, 4), nn.Linear(4, 2)

    def forward(self, x):
        inner = checkpoint(lambda t: torch.tanh(self.below(t)), x, use_reentrant=True)
        return self.above(inner)


@pytest.mark.parametrize("make", [Replaced, Again])
def test_what_goes_its_own_way_is_checked_all_the_same(make):
    """And is as it was, gradients too."""
    torch.manual_seed(0)
    model, x = make(), torch.randn(3) if make is Replaced else torch.randn(2, 3)
    model(x.clone().requires_grad_()).sum().backward()
    before = picture(model)
    assert check_gradients(model, x).verdict.name == "CORRECT"
    assert picture(model) == before


def test_generators_that_were_found_are_not_looked_for_again():
    """The same, with the states that they have by now."""
    mine = torch.Generator()
    found = Pins(sources=sources([mine], []))
    torch.rand(2, generator=mine)
    later = found.afresh()
    assert later.sources is found.sources
    after = mine.get_state()
    torch.rand(2, generator=mine)
    later.restore()
    assert torch.equal(mine.get_state(), after)
