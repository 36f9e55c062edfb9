"""What does a call leave in the attributes of a model? The next call is spared it, and the user has it as it was."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from gradcheck._adapters.torch.attributes import Attributes  # noqa: E402


class Thing:
    """A thing with a list in it."""

    def __init__(self):
        self.seen = [1]


def model():
    """Return a module that holds things."""
    made = nn.Linear(2, 2)
    made.count, made.log, made.inner = 0, [], {"deep": [Thing()]}
    return made


def test_what_a_call_changes_is_put_back():
    """Attributes, also new ones and those that are gone; what is in containers, and in objects within them."""
    made = model()
    log, inner = made.log, made.inner
    kept = Attributes([made], made)
    made.count, made.new = 3, 1
    made.log.append(2)
    made.inner["deep"][0].seen.append(5)
    made.inner = {}
    del made.log
    kept.notice()
    kept.begin(wide=False)
    assert (made.count, made.log, made.inner) == (0, [], inner)
    assert (made.log is log, hasattr(made, "new")) == (True, False)
    assert inner["deep"][0].seen == [1]


def test_what_every_module_has_is_left_alone():
    """Its parameters, its hooks and its mode; a buffer that is replaced is put back."""
    made = nn.BatchNorm1d(2)
    mean = made.running_mean
    kept = Attributes([made], made)
    made.eval()
    made.running_mean = torch.ones(2)
    made.register_forward_hook(lambda *_: None)
    kept.notice()
    kept.restore()
    assert made.running_mean is mean
    assert not made.training
    assert len(made._forward_hooks) == 1


def test_a_graph_that_was_given_is_left_out_and_given_back():
    """In the precision of the call, in a pair as well."""
    made = model()
    made.state = pair = (torch.ones(2, requires_grad=True) * 2, None)
    kept = Attributes([made], made)
    assert [*kept.left()] == [("Linear", "state[0]", pair[0])]
    kept.begin(wide=True)
    assert made.state[0].grad_fn is None
    assert made.state[0].dtype == torch.float64
    kept.restore()
    assert made.state is pair


def test_a_set_and_a_callable_object():
    """An object that is no module, whose method is called."""

    class Called:
        def __init__(self):
            self.seen = {1}

        def step(self, x):
            return x

    called = Called()
    for f in (called.step, called):
        kept = Attributes([], f)
        called.seen.add(2)
        kept.notice()
        kept.begin(wide=False)
        assert called.seen == {1}
    assert Attributes([], torch.tanh).places == []


@pytest.mark.filterwarnings("ignore:.*torch.jit.script.* is deprecated")
def test_what_is_long_or_goes_round_or_is_no_dict():
    """A vocabulary is data, a loop has an end, and the buffers of a compiled module are its own affair."""
    made = model()
    made.vocabulary = {str(n): n for n in range(5000)}
    made.loop = {"me": [made]}
    made.loop["again"] = made.loop
    made.empty = None
    kept = Attributes([made], made)
    assert not any(place.thing is made.vocabulary for place in kept.places)
    assert sum(place.thing is made.loop for place in kept.places) == 1
    assert Attributes([torch.jit.script(nn.BatchNorm1d(2))], None).given == []
