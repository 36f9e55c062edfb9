"""What the user handed in is put back where it changed, and what cannot be seen through is left alone and named."""

from __future__ import annotations

import io
import random
import weakref
from collections import Counter, OrderedDict, deque
from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck._model.restore import Kept, preserved

X = np.array([1.0, 2.0, 3.0])


class FrozenList(list):
    """As that of pandas: it can be emptied, and not filled again."""

    def _refuse(self, *_):
        raise TypeError

    append = extend = insert = pop = remove = __setitem__ = __delitem__ = _refuse


class Registry(dict):
    """It forbids to be emptied, and to be read by items."""

    def _refuse(self, *_):
        raise TypeError

    clear = update = items = values = keys = __setitem__ = _refuse


class Irreps(tuple):
    """As that of e3nn: a tuple without a length."""

    __slots__ = ()

    def __len__(self):
        raise NotImplementedError


class Answering:
    """It answers every attribute with an error, and says that it is of no class."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    @property
    def __class__(self):
        raise RuntimeError


class Buffer(io.BytesIO):
    """A table whose state is in C."""

    def __array__(self, dtype=None, copy=None):
        return np.zeros(3)


class Table:
    """A table that holds what it knows in a thing of which nothing can be seen."""

    def __init__(self):
        self.manager, self.cache = Buffer(), {}

    def __array__(self, dtype=None, copy=None):
        return np.zeros(3)


def dead():
    """Return what is left of a weak reference."""
    return weakref.proxy(Answering())


MAKERS = {
    "a frozen list": lambda: FrozenList(["p", "q"]),
    "a dict without clear": lambda: Registry(a=1),
    "a tuple without a length": lambda: Irreps([1, 2]),
    "a dead proxy": dead,
    "an object that answers with errors": Answering,
    "a table": Table,
    "a generator without a state": random.SystemRandom,
    "an array of objects": lambda: np.array([X, None], dtype=object),
}


class Network:
    """A network that holds something, and caches."""

    def __init__(self, thing, factor=1.0):
        self.params, self.thing, self.factor = {"w": X.copy()}, thing, factor

    def loss(self):
        self.cache = self.params["w"] ** 2
        return float(self.cache.sum()), {"w": 2 * self.factor * self.params["w"]}


def closure(thing, factor):
    return check_gradients(lambda x: float(x @ x) + 0 * (thing is None), X, grad=lambda x: 2 * factor * x)


def attribute(thing, factor):
    return check_gradients(Network(thing, factor))


def nested(thing, factor):
    return check_gradients(Network([{"key": SimpleNamespace(thing=thing, W=X)}], factor))


def default(thing, factor):
    return check_gradients(lambda x, t=thing: float(x @ x) + 0 * (t is None), X, grad=lambda x: 2 * factor * x)


@pytest.mark.parametrize("where", [closure, attribute, nested, default])
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_what_lies_within_reach_changes_no_verdict(make, where):
    """A wrong gradient is found and a right one passes, whatever foreign thing the function sees."""
    assert where(make(), 1.01).verdict is Verdict.WRONG
    report = where(make(), 1.0)
    assert report.verdict is Verdict.CORRECT
    assert report.problems == ()


@pytest.mark.parametrize("make", [lambda: FrozenList(["p", "q"]), lambda: Registry(a=1)], ids=["list", "dict"])
def test_a_container_that_forbids_to_be_written_to_keeps_what_is_in_it(make):
    """It is not emptied to be filled again."""
    thing = make()
    attribute(thing, 1.0)
    assert thing == make()


@pytest.mark.parametrize(
    ("make", "spoil"),
    [
        (lambda: FrozenList([1, 2]), lambda t: list.append(t, 3)),
        (lambda: Registry(a=1), lambda t: dict.update(t, b=2)),
        (lambda: OrderedDict(a=1, b=2), lambda t: t.move_to_end("a")),
        (lambda: Counter(a=1), lambda t: t.update("ab")),
        (lambda: deque([1, 2], maxlen=2), lambda t: t.append(3)),
        (lambda: {1, 2}, lambda t: t.add(3)),
        (lambda: [1, 2], lambda t: t.reverse()),
    ],
    ids=["frozen list", "dict without clear", "ordered dict", "counter", "deque", "set", "list"],
)
def test_a_container_that_was_changed_is_put_back(make, spoil):
    """By the methods of its base type, in its order."""
    net = Network(make())
    with preserved(net):
        spoil(net.thing)
        assert net.thing != make() or list(net.thing) != list(make())
    assert net.thing == make()
    assert list(dict.keys(net.thing) if isinstance(net.thing, dict) else net.thing) == list(
        dict.keys(make()) if isinstance(make(), dict) else make()
    )


def test_nothing_is_written_where_nothing_changed(monkeypatch):
    """Arrays that are right already are not even touched."""
    monkeypatch.setattr(np, "copyto", lambda *_: pytest.fail("written"))
    net = Network([X.copy()])
    with preserved(net):
        pass


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "u1", "?", "c16", "g", "M8[s]", "O", "S3"])
def test_an_array_is_put_back_bit_for_bit(dtype):
    """Of any type; the sign of a zero, and the bits of a nan, are bits."""
    old = np.zeros(3, dtype="f8" if dtype == "S3" else "i8").astype(dtype)
    net = Network(old.copy())
    with preserved(net):
        net.thing[1] = -0.0 if dtype in {"f8", "f4", "f2"} else np.ones(1, "i8").astype(dtype)[0]
        assert net.thing.tobytes() != old.tobytes()
    assert net.thing.tobytes() == old.tobytes()


def test_an_array_that_was_locked_is_put_back():
    """And may be written to again."""
    net = Network(X.copy())
    with preserved(net):
        net.thing += 1
        net.thing.flags.writeable = False
    assert np.array_equal(net.thing, X)
    assert net.thing.flags.writeable


def test_a_matrix_and_a_masked_array_are_put_back():
    """Subclasses of arrays, with what they hold besides."""
    net = Network([X.copy().reshape(1, 3).view(np.matrix), np.ma.array(X.copy(), mask=[0, 1, 0])])
    with preserved(net):
        net.thing[0][0, 0] = 7
        net.thing[1][0] = np.ma.masked
    assert net.thing[0][0, 0] == X[0]
    assert net.thing[1].mask.tolist() == [False, True, False]


def test_a_table_whose_state_is_not_known_is_named_and_left_alone():
    """Half of its state is not put back, since the other half cannot be; the numbers in plain sight are."""
    net = Network({"key": Table()})
    net.thing["key"].numbers = X.copy()
    cache = net.thing["key"].cache
    with preserved(net) as kept:
        cache["new"] = 1
        net.thing["key"].numbers += 1
    assert cache == {"new": 1}
    assert np.array_equal(net.thing["key"].numbers, X)
    assert kept.notes == (
        "if the function changes thing.key (Table), it cannot be put back: what is in there cannot be read",
    )
    assert kept.notes[0] in check_gradients(net).notes


def test_what_cannot_be_put_back_is_a_note_and_hides_no_result():
    """The keys of a dict may raise; everything else is put back all the same."""

    class Key:
        angry = False

        def __hash__(self):
            if self.angry:
                msg = "no"
                raise ValueError(msg)
            return 0

    class Careless(Network):
        def loss(self):
            self.thing.clear()
            self.history.append(1)
            Key.angry = True
            return super().loss()

    net = Careless({Key(): 1})
    net.history = []
    report = check_gradients(net)
    assert report.verdict is Verdict.CORRECT
    assert "thing could not be put back: ValueError: no" in report.notes
    assert net.history == []


def test_an_interrupt_waits_until_everything_is_put_back():
    """Ctrl-C in the midst of it leaves nothing half done."""

    def interrupt():
        raise KeyboardInterrupt

    kept = Kept()
    kept.also("first", interrupt)
    kept.contents(content := [1], "content")
    content.append(2)
    with pytest.raises(KeyboardInterrupt):
        kept.put_back()
    assert content == [1]


def test_another_dict_in_the_place_of_its_own_is_taken_away():
    """An object is given back the very dict of attributes that it had."""
    net = Network(None)
    own = vars(net)
    with preserved(net):
        net.__dict__ = {"thing": 1}
    assert vars(net) is own
