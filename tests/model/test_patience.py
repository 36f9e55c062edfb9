"""A call that has no end is broken off where f need not have a value, and one that takes its time is not."""

from __future__ import annotations

import signal
import sys
import threading
from time import perf_counter

import numpy as np
import pytest

from gradcheck._model import patience as module
from gradcheck._model.patience import EndlessError, may_be_endless, patience
from gradcheck._model.tally import Tally

ALARM = signal.SIGALRM


def busy(seconds=60.0):
    """Run for a minute, for want of patience."""
    start = perf_counter()
    while perf_counter() - start < seconds:
        pass
    return "an end"


@may_be_endless
def elsewhere(seconds=60.0):
    """Call it where it need not have a value."""
    return busy(seconds)


@pytest.fixture
def tally(monkeypatch):
    """Have little patience, after a thousand calls that took no time."""
    monkeypatch.setattr(module, "PATIENT", 0.05)
    monkeypatch.setattr(module, "SHORT", 0.02)
    return Tally()


def called(tally, number=1000):
    tally.call(number)
    return tally


def free():
    return signal.getsignal(ALARM) is signal.SIG_DFL and signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_call_without_an_end_is_broken_off(tally):
    """In a line of its own; nobody looks on afterwards."""
    with patience(tally):
        called(tally)
        with pytest.raises(EndlessError, match=r"no end in sight after 0\.\d+ s"):
            elsewhere()
    assert free()


def test_the_next_one_is_broken_off_sooner(tally):
    """Where one had no end, others have none: the alarm rings more often."""
    with patience(tally):
        called(tally)
        for every in (0.05, 0.02):
            assert signal.getitimer(signal.ITIMER_REAL)[1] == pytest.approx(every / 20, abs=1e-5)
            start = perf_counter()
            with pytest.raises(EndlessError):
                elsewhere()
            assert perf_counter() - start >= every
    assert free()


def test_a_call_with_an_end_comes_to_it(tally, monkeypatch):
    """Where f must have a value; where the others are as long; and where it is short."""
    with patience(tally):
        called(tally)
        assert busy(0.2) == "an end"
    tally = Tally()
    with patience(tally):
        tally.call()
        busy(0.1)
        tally.call()
        assert elsewhere(0.3) == "an end"
    monkeypatch.setattr(module, "PATIENT", 5.0)
    with patience(called(Tally())):
        assert elsewhere(0.2) == "an end"


@may_be_endless
def rings(watch, clock, times):
    """Let the alarm of a watch ring at such times, while one call is made."""
    for clock[0] in times:
        watch.ring(0, sys._getframe())


def test_calls_that_take_far_longer_use_up_the_patience(monkeypatch):
    """They come to an end, and what they took is none of what calls take on average."""
    clock = [0.0]
    monkeypatch.setattr(module, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(module.signal, "setitimer", lambda *_: None)
    tally = Tally()
    watch = module._Watch(tally)
    watch.wait(module.PATIENT)
    tally.call(1000)  # a millisecond each, so that a tenth of a second is far longer
    rings(watch, clock, np.arange(1.0, 4.0, 0.25))
    tally.gradients += 1  # another call
    rings(watch, clock, np.arange(4.0, 4.5, 0.25))
    tally.gradients += 1
    with pytest.raises(EndlessError, match="after 2 s"):
        rings(watch, clock, np.arange(4.5, 60.0, 0.25))
    with pytest.raises(EndlessError, match=r"after 0\.3 s"):
        rings(watch, clock, np.arange(7.0, 60.0, 0.1))


def test_nothing_of_a_call_is_kept_alive():
    """What is in its frame, or in those of its callers, may be as large as a gradient."""
    gone = []

    class Large:
        def __del__(self):
            gone.append("gone")

    watch = module._Watch(Tally())

    @may_be_endless
    def call():
        _large = Large()
        watch.ring(0, sys._getframe())

    call()
    assert watch.call is not None
    assert gone == ["gone"]


def test_the_first_call_may_take_longer(tally, monkeypatch):
    """Nothing is known yet of how long others take."""
    with patience(tally):
        tally.call()
        assert elsewhere(0.3) == "an end"
    monkeypatch.setattr(module, "FIRST", 0.1)
    with patience(tally):
        tally.call()
        with pytest.raises(EndlessError):
            elsewhere()


def test_nothing_is_broken_off_where_somebody_else_has_set_an_alarm(tally):
    """What he set stays set; so too within another check, and in another thread."""

    def other(*_):
        return None

    signal.signal(ALARM, other)
    try:
        with patience(called(tally)):
            assert elsewhere(0.2) == "an end"
            assert signal.getsignal(ALARM) is other
    finally:
        signal.signal(ALARM, signal.SIG_DFL)
    with patience(tally):
        mine = signal.getsignal(ALARM)
        with patience(Tally()):
            assert signal.getsignal(ALARM) is mine
        assert signal.getsignal(ALARM) is mine
    ended = []

    def beside():
        with patience(called(tally)):
            ended.append(elsewhere(0.2))

    thread = threading.Thread(target=beside)
    thread.start()
    thread.join()
    assert (ended, free()) == (["an end"], True)


def test_where_there_are_no_alarms_nobody_looks(tally, monkeypatch):
    """As on Windows."""
    monkeypatch.delattr(signal, "setitimer")
    with patience(called(tally)):
        assert elsewhere(0.2) == "an end"
