"""What a class computes of its numbers when it is made is found, and computed anew in a copy with others."""

from __future__ import annotations

import copy
from dataclasses import InitVar, dataclass, field
from functools import cached_property

import numpy as np
import pytest

from gradcheck import check_gradients
from gradcheck._model.computed import computed, renew, stuck

X = np.array([1.0, 2.0, 4.0])


@dataclass
class Kept:
    w: object
    n: int = field(init=False)
    rest: float = field(init=False, default=2.0)

    def __post_init__(self):
        self.n = len(self.w)
        self.total = float(np.sum(self.w[0]))
        self.pair = (self.w, self.total)

    @cached_property
    def square(self):
        return self.total**2


@dataclass
class Projects:
    w: object

    def __post_init__(self):
        self.total = float(np.sum(self.w))
        self.w = self.w / self.total


@dataclass
class Refuses:
    w: object
    scale: InitVar[float]

    def __post_init__(self, scale):
        self.total = scale * float(np.sum(self.w))


@dataclass
class Plain:
    w: object


@dataclass
class Functions:
    w: object

    def __post_init__(self):
        w = self.w.copy()
        self.of_record, self.of_numbers, self.method = lambda x: x @ self.w, lambda x: x @ w, self.at
        self.of_others = np.sum

    def at(self, x):
        return x @ self.w


class Summed(list):
    def __init__(self, parts):
        super().__init__(parts)
        self.total = sum(map(np.sum, parts))


class Own(dict):
    pass


def test_what_follows_the_fields_is_computed_anew():
    """A sum and a pair that holds it follow; what was put there afterwards stays, and frees nothing else."""
    kept = Kept(X)
    kept.square  # noqa: B018  which is no attribute of its own
    assert computed(kept) == {"n", "total", "pair"}
    twin = copy.copy(kept)
    twin.w, twin.rest = 3 * X, 5.0
    renew(twin, kept)
    assert (twin.total, twin.pair[1], twin.n, twin.rest) == (3.0, 3.0, 3, 5.0)
    assert kept.total == 1.0


def test_functions_that_are_made_with_a_record_are_made_anew():
    """They see the record, or its numbers; one from elsewhere is nobody's result."""
    kept = Functions(X)
    assert computed(kept) == {"of_record", "of_numbers", "method"}
    twin = copy.copy(kept)
    twin.w = 2 * X
    renew(twin, kept)
    assert twin.of_record(X) == twin.of_numbers(X) == twin.method(X) == 2 * X @ X


@pytest.mark.parametrize("within", [[X], (X,), {0: X}, [Plain(X)]], ids=["list", "tuple", "dict", "record"])
def test_numbers_are_moved_in_any_depth(within):
    """A result follows what stands in a list or record among the fields."""

    @dataclass
    class Length:
        parts: object

        def __post_init__(self):
            first = self.parts[0]
            self.size = float(np.sum(getattr(first, "w", first)))

    assert computed(Length(within)) == {"size"}


def test_a_list_of_the_users_keeps_its_results():
    """The sum that a list of the user's keeps is that of what stands in it now."""
    parts = Summed([X, X])
    twin = copy.copy(parts)
    twin[:] = [X, 2 * X]
    renew(twin, parts)
    assert (parts.total, twin.total) == (14.0, 21.0)


@pytest.mark.parametrize(
    "thing", [Projects(X), Refuses(X, 2.0), Plain(X), Own(w=X), X, 1.5, [X]], ids=lambda thing: type(thing).__name__
)
def test_what_cannot_be_made_of_its_numbers_is_left_alone(thing):
    """A class that changes its numbers, wants more than them, or computes nothing has no results."""
    assert computed(thing) == frozenset()


def test_what_cannot_be_made_again_is_told():
    """Its sum stays what it was, and a check says so; what is no number, or a field, is nobody's result."""
    assert stuck(Refuses(X, 2.0)) == ["total"]
    assert stuck(Kept(X)) == stuck(Plain(X)) == stuck(X) == stuck([X]) == []
    said = (
        "total: the same at every point, since a Refuses is not made of its fields alone; if it is computed of them, "
    )
    report = check_gradients(lambda p: np.sum(p.w**2) + p.total, Refuses(X, 2.0), grad=lambda p: Plain(2 * p.w))
    assert f"{said}compute it in the function" in report.notes


def test_a_thing_without_numbers_tells_nothing_of_its_class():
    """What the first object of a class cannot show, another one does."""

    @dataclass
    class Late:
        w: object

        def __post_init__(self):
            self.total = 0.0 if self.w is None else float(np.sum(self.w))

    assert computed(Late(None)) == frozenset()
    assert computed(Late(X)) == {"total"}


def test_results_of_classes_of_attrs_are_found():
    """A default that is computed of other fields is a result, under whatever name the field is given."""
    attrs = pytest.importorskip("attrs")

    @attrs.frozen
    class WithDefault:
        _w: object
        total: float = attrs.field(init=False)

        @total.default
        def _sum(self):
            return float(np.sum(self._w))

    thing = WithDefault(X)
    assert computed(thing) == {"total"}
    twin = copy.copy(thing)
    object.__setattr__(twin, "_w", 2 * X)
    renew(twin, thing)
    assert twin.total == 14.0
