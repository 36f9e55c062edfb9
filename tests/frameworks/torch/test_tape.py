"""Is what a model does written down, so that it can be done again from any place on? Or refused?"""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from gradcheck._adapters.torch.tape import CannotReplayError, Recorder  # noqa: E402

X = torch.linspace(-1, 2, 12, dtype=torch.float64).reshape(3, 4)


def replayed(f, shift=0.25):
    """Return what a function gives elsewhere, called there and done again there."""
    x = X.clone()
    with Recorder() as recorder:
        y = f(x.clone())
    tape = recorder.tape
    start = next(step.outs[0] for step in tape.steps if step.name == "clone")
    steps, dependent = tape.dependents(start)
    assert tape.slot(y) in dependent
    return f(X + shift), tape.again(steps, start, X + shift)[tape.slot(y)]


def in_place(x):
    y = x * 2
    y.sin_()
    return y.add_(x).relu_()


def in_parts(x):
    first, second = (x * 3).unsafe_split(2, 1)
    first.sigmoid_()
    return first * second.tanh_()


def turned_in_place(x):
    return (x * 2).transpose_(0, 1) @ x


@pytest.mark.parametrize("f", [torch.tanh, in_place, in_parts, turned_in_place, lambda x: torch.stack(x.unbind(1))])
def test_what_comes_after_is_done_again(f):
    """Also where it is done in place, or in parts of memory that do not overlap."""
    there, again = replayed(f)
    assert torch.equal(there, again)


def test_masks_stay_those_that_were_drawn():
    """They are made of a shape alone."""
    torch.manual_seed(0)
    with Recorder() as recorder:
        x = X.clone()
        y = torch.nn.functional.dropout(x, 0.5)
    steps, _ = recorder.tape.dependents(recorder.tape.slot(x))
    again = recorder.tape.again(steps, recorder.tape.slot(x), 2 * X)[recorder.tape.slot(y)]
    assert torch.equal(again, 2 * y)


def filled(x):
    y = torch.zeros(3, 4, dtype=x.dtype)
    y[1] = x[0]
    return y.exp()


def read_as_a_number(x):
    return x * float(x.sum())


def in_single_precision(x):
    return x.float().sin().double()


def drawn(x):
    return x * torch.bernoulli(x.sigmoid())


@pytest.mark.parametrize("f", [filled, read_as_a_number, in_single_precision, drawn])
def test_what_cannot_be_done_again_is_refused(f):
    """Memory of which nobody knows what lies in it, numbers taken out, other precisions, random draws of values."""
    with pytest.raises(CannotReplayError):
        replayed(f)
