"""Each block is answered once, in turn and as it is here; whatever else comes back is refused with a sentence."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from waves import X, one_off, slope, waves

from gradcheck import GradientError, InputError, Oracle, Verdict, check_gradients
from gradcheck._model.subject import Subject
from gradcheck._render.faces import render
from gradcheck._workers import shared
from gradcheck._workers.blocks import Places, done


class InTurn(Executor):
    """The least that `concurrent.futures` asks of an executor."""

    def submit(self, f, /, *args, **keywords):
        future = Future()
        future.set_result(f(*args, **keywords))
        return future


class Answering:
    """A pool whose map answers as it likes."""

    def __init__(self, answer):
        self.answer = answer

    def map(self, task, blocks):
        return self.answer([task(block) for block in blocks])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda done: done[:-1], "answered 3 of the 4 blocks"),
        (lambda done: [], "answered 0 of the 4 blocks"),
        (lambda done: done + done[:1], "answered more than the 4 blocks"),
        (lambda done: done[::-1], "answered block 3 where block 0 was due"),
        (lambda done: [done[0], *done[:3]], "answered block 0 where block 1 was due"),
        (lambda done: [None] * 4, "answered NoneType where a block was to be done"),
        (lambda done: [0.0, *done], "answered float where a block was to be done"),
        (
            lambda done: [replace(done[0], taken=done[0].taken[:, 1:]), *done[1:]],
            "answered block 0 with something else",
        ),
        (lambda done: [replace(each, taken=each.taken + 1j) for each in done], "answered block 0 with something else"),
        (
            lambda done: [replace(each, taken=each.taken.tolist()) for each in done],
            "answered block 0 with something else",
        ),
        (lambda done: [replace(each, value="1.0") for each in done], "answered block 0 with something else"),
    ],
    ids=["short", "nothing", "long", "disorder", "twice", "None", "a number", "cut", "complex", "lists", "a text"],
)
def test_a_map_that_answers_something_else_is_refused(answer, message):
    """Short, long, in another order, twice, or garbage: never a number in the wrong place."""
    with pytest.raises(InputError, match=rf"workers=<Answering>: its map {message}.*; write a map that answers once"):
        check_gradients(waves, X, grad=slope, workers=Answering(answer))


def test_a_map_may_answer_futures():
    """As a client of Dask does, and an executor of which somebody wraps `submit`."""

    class Submitting:
        def map(self, task, blocks):
            return [InTurn().submit(task, block) for block in blocks]

    serial = render(check_gradients(waves, X, grad=one_off), "json")
    assert render(check_gradients(waves, X, grad=one_off, workers=Submitting()), "json") == serial


class Absent:
    """A function that raises wherever it is unpickled, away from the given point."""

    def __init__(self, home=True):
        self.home = home

    def __call__(self, x):
        if not self.home and not np.array_equal(x, X):
            msg = "table.csv"
            raise FileNotFoundError(msg)
        return waves(x)

    def __reduce__(self):
        return Absent, (False,)


def test_a_worker_that_only_raises_is_no_edge_of_a_domain():
    """It lacks what is here: that is said, and not found by ten times the evaluations."""
    calls = []

    class Counted(Absent):
        def __call__(self, x):
            calls.append(1)
            return super().__call__(x)

    with pytest.raises(InputError, match=r"in a worker, and not here, the function raised FileNotFoundError: t"):
        check_gradients(Counted(), X, grad=slope, workers=Answering(list))
    assert len(calls) < 200


def test_a_worker_that_has_no_value_is_no_edge_of_a_domain_either():
    """It need not raise: what it lacks may make all of it nan, which ten times the evaluations would replace here."""

    def blind(done):
        return [replace(each, taken=each.taken * np.nan) for each in done]

    with pytest.raises(InputError, match="in a worker, and not here, the function is not finite; leave workers= out"):
        check_gradients(waves, X, grad=slope, workers=Answering(blind))


def test_time_that_is_up_while_workers_are_waited_for_ends_the_check():
    """An alarm may go off then as well; it is no fault of a worker, or of what it is given."""

    class Waiting:
        def map(self, task, blocks):
            msg = "2 s"
            raise TimeoutError(msg)

    with pytest.raises(GradientError, match=r"^the function raised TimeoutError: 2 s$") as caught:
        check_gradients(waves, X, grad=slope, workers=Waiting())
    assert caught.value.report.verdict is Verdict.BROKEN


def test_what_raises_here_too_is_counted_as_it_is_without_workers():
    """An edge of the domain is one everywhere; the report is the same, with what was raised."""
    serial = render(check_gradients(roots, np.append(X, 1e-9), grad=of_roots), "json")
    shared = render(check_gradients(roots, np.append(X, 1e-9), grad=of_roots, workers=2), "json")
    assert "the function raised ValueError: below zero" in serial
    assert shared == serial


def roots(x):
    if np.any(x[-1] < 0):
        msg = "below zero"
        raise ValueError(msg)
    return float(np.sin(x[:-1]).sum() + x[-1] ** 1.5)


def of_roots(x):
    return np.append(np.cos(x[:-1]), 1.5 * x[-1] ** 0.5)


class Counted(Answering):
    """A pool that does its blocks in turn, and keeps them."""

    def __init__(self):
        super().__init__(list)
        self.given = []

    def map(self, task, blocks):
        blocks = list(blocks)
        self.given += blocks
        return super().map(task, blocks)

    @property
    def lines(self):
        """The blocks that are places on a line."""
        return [block for block in self.given if isinstance(block, Places)]


@pytest.fixture
def worth_it(monkeypatch):
    """Let all lines be shared out, however cheap the function is."""
    monkeypatch.setattr(shared.Pace, "worth_it", lambda *_: True)


def kinked(x):
    return float(np.abs(x).sum() + np.sin(x).sum())


def beside_kinks(x):
    d = np.sign(x) + np.cos(x)
    d.flat[::5] += 0.01
    return d


def stairs(x):
    return float(np.sin(x).astype(np.float32).sum())


def idle(x):
    return float((x**2).sum())


def stale(x):
    return 3 * x  # right at zero alone


def on_the_edge(x):
    return roots(x.ravel())


def of_the_edge(x):
    return of_roots(x.ravel())


LINES = {
    "one wrong entry": (waves, one_off, X),
    "all right": (waves, slope, X),
    "kinks": (kinked, beside_kinks, np.append(X, 0.0)),
    "hidden single precision": (stairs, one_off, X),
    "wrong nearby alone": (idle, stale, np.zeros(40)),
    "an edge of the domain": (on_the_edge, of_the_edge, np.append(X, 1e-9)),
}


@pytest.mark.usefixtures("worth_it")
@pytest.mark.parametrize("keywords", [{}, {"max_evaluations": 150}, {"entries": "directions"}], ids=str)
@pytest.mark.parametrize("case", LINES.values(), ids=list(LINES))
def test_lines_are_shared_out_bit_for_bit(case, keywords):
    """Ladders, second looks, noise and neighbours: what is found, and how many evaluations it took."""
    f, grad, x = case
    pool = Counted()
    serial = render(check_gradients(f, x, grad=grad, **keywords), "json")
    assert render(check_gradients(f, x, grad=grad, workers=pool, **keywords), "json") == serial
    assert pool.lines or "max_evaluations" in keywords


@pytest.mark.usefixtures("worth_it")
def test_what_stays_behind_is_little():
    """Of a wrong gradient as of a right one: half of all beyond the sweep goes to the workers at least."""
    pytest.importorskip("cloudpickle")  # for functions made in functions
    for grad in (slope, lambda x: 1.01 * np.cos(x)):
        pool, here = Counted(), []

        def counting(x, here=here):
            here.append(1)
            return waves(x)

        report = check_gradients(counting, X, grad=grad, workers=pool)
        shared_out = sum(len(block.places) for block in pool.lines)
        assert shared_out > (report.evaluations - 2 * X.size) / 2
    assert {block.stand.away for block in pool.lines} == {False}  # wrong here: nobody asks nearby
    assert any(isinstance(block.along, tuple) for block in pool.lines)


@pytest.mark.usefixtures("worth_it")
def test_neighbours_are_shared_out():
    """With where they are; the workers come back from there."""
    pool = Counted()
    report = check_gradients(idle, np.zeros(40), grad=stale, workers=pool)
    assert report.tensors["x"].wrong == 40
    nearby = [block for block in pool.lines if block.stand.away]
    assert nearby
    assert all(block.stand.moved["x"].any() for block in nearby)


def test_a_quick_function_is_asked_here():
    """A trip to the workers costs more than eleven calls of it."""
    pool = Counted()
    check_gradients(waves, X, grad=slope, workers=pool)
    assert pool.given
    assert not pool.lines


def test_a_trip_is_worth_what_it_costs():
    """As far as it was seen: a function that takes a millisecond, eleven places, six of them by each."""
    pace = shared.Pace(call=1e-3, trip=4e-3)
    assert pace.worth_it(11, 6)
    assert not pace.worth_it(8, 4)
    pace.went(16e-3, 6)  # 10 ms more than the calls: once may be an accident
    assert pace.trip == pytest.approx(8e-3)
    assert not pace.worth_it(11, 6)
    pace.went(9e-3, 6)
    assert pace.trip == pytest.approx(3e-3)
    assert not shared.Pace().worth_it(100, 50)


@pytest.mark.usefixtures("worth_it")
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda done: done[::-1], "answered block 3 where block 0 was due"),
        (lambda done: done[:-1], "answered 3 of the 4 blocks"),
        (
            lambda done: [replace(done[0], taken=done[0].taken[:, 1:]), *done[1:]],
            "answered block 0 with something else",
        ),
    ],
)
def test_values_of_a_line_are_not_mixed_up(answer, message):
    """What is answered in another order, or not whole, is refused here as well."""
    with pytest.raises(InputError, match=message):
        check_gradients(waves, X[0], grad=slope, workers=Answering(answer))


@pytest.mark.usefixtures("worth_it")
def test_lines_of_another_scalar_stay_here():
    """The workers have the cotangent of the call, and tensors of which a copy is not too much to send."""
    subject = Subject.of(Oracle(X, waves, slope), promote=False).settled()
    pool = Counted()
    crew = shared.Shared(subject, pool.map, partial(done, subject), "2", 2, shared.Pace(call=1.0))
    (path,) = subject.leaves

    def ask(subject, along=(path, 3)):
        line = subject.entry(subject.leaves[path], 3) if isinstance(along, tuple) else subject.direction(along)
        return crew.together(subject, line, along, [1.0, 2.0, 3.0, 4.0])

    assert [step for step, _ in ask(subject)] == [1.0, 2.0, 3.0, 4.0]
    assert len(pool.lines) == 2
    assert ask(subject.changed(cotangent=np.ones(()))) is None
    assert ask(subject, {path: np.broadcast_to(0.0, (shared.SENT + 1,))}) is None
    assert len(pool.lines) == 2
