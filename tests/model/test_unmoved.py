"""A state is read once, and again whenever its generator has moved in any way."""

from __future__ import annotations

import random

import numpy as np
import pytest
from states import generators

from gradcheck import Verdict, check_gradients
from gradcheck._model import unmoved

pytestmark = pytest.mark.usefixtures("known_generators")

MAKE = {"numpy": np.random.RandomState, "python": random.Random}
OF = {"numpy": unmoved.of_numpy, "python": unmoved.of_python}
MOVES = {
    "numpy": [
        lambda rng: rng.random(),
        lambda rng: rng.normal(),
        lambda rng: rng.seed(8),
        lambda rng: rng.set_state(np.random.RandomState(8).get_state()),
        lambda rng: rng.bytes(1),
    ],
    "python": [
        lambda rng: rng.random(),
        lambda rng: rng.gauss(0, 1),
        lambda rng: rng.seed(8),
        lambda rng: rng.setstate(random.Random(8).getstate()),
        lambda rng: rng.getrandbits(1),
    ],
}


@pytest.mark.parametrize("kind", MAKE)
def test_the_same_object_is_handed_out_while_nothing_is_drawn(kind):
    read = OF[kind](MAKE[kind](7))
    assert read() is read()


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("which", range(5))
def test_every_way_to_move_a_generator_is_seen(kind, which):
    rng = MAKE[kind](7)
    read = OF[kind](rng)
    before = read()
    MOVES[kind][which](rng)
    after = read()
    assert after is not before
    assert repr(after) == repr(rng.get_state(legacy=False) if kind == "numpy" else rng.getstate())


@pytest.mark.parametrize("kind", MAKE)
def test_the_second_of_two_normal_numbers_is_seen_although_no_word_is_drawn_for_it(kind):
    """Both keep the second of a pair; to take it moves nothing but that."""
    rng = MAKE[kind](7)
    read = OF[kind](rng)
    normal = rng.normal if kind == "numpy" else lambda: rng.gauss(0, 1)
    normal()
    kept = read()
    normal()
    spent = read()
    assert repr(spent) != repr(kept)
    assert repr(read()) == repr(spent)


def test_another_generator_of_bits_is_seen_in_the_place_of_a_twister(monkeypatch):
    rng = np.random.RandomState(7)
    read = unmoved.of_numpy(rng)
    twister = read()
    swapped = np.random.RandomState(np.random.PCG64(3))
    monkeypatch.setattr(unmoved, "string_at", lambda *_: pytest.fail("its bytes are not those of a twister"))
    other = unmoved.of_numpy(swapped)()
    assert other["bit_generator"] != twister["bit_generator"]


def test_one_of_the_users_own_class_is_read_as_it_says():
    class Own(random.Random):
        def getstate(self):
            return "mine"

    assert unmoved.of_python(Own(7))() == "mine"


def test_without_the_bytes_every_state_is_read(monkeypatch):
    monkeypatch.setattr(unmoved, "BYTES", False)
    rng = np.random.RandomState(7)
    assert unmoved.of_numpy(rng)() is not unmoved.of_numpy(rng)()


@pytest.mark.parametrize(
    "draw",
    [lambda: np.random.normal(2.0, 0.1), lambda: random.gauss(2.0, 0.1)],  # noqa: NPY002
    ids=["numpy", "python"],
)
def test_a_check_whose_function_takes_only_what_was_kept_is_pinned_and_put_back(draw):
    """The first number of a pair was drawn by the user, the second is taken by the function."""
    draw()
    before = generators()
    report = check_gradients(lambda x: float(np.sum(x * x)) * draw(), np.array([1.0, 2.0]), grad=lambda x: 2 * x)
    assert any("drawn" in note or "draws from" in note for note in report.notes)
    assert report.verdict is Verdict.WRONG  # the gradient lacks the number
    assert generators() == before
