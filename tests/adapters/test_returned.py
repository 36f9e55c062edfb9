"""Gradients that are returned together go to what they are called after, or alone fit; what is open stays open."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._adapters.returned import UnmatchedError, assigned, numeric_parts, returned_names

LAYER = {"x": (5, 3), "W": (3, 2), "b": (2,)}
SQUARE = {"x": (3, 3), "W": (3, 3), "b": (3,)}
LISTS = {"weights[0]": (3, 3), "weights[1]": (3, 3), "biases[0]": (3,), "biases[1]": (3,)}
NUMBERED = {"W1": (3, 3), "b1": (3,), "W2": (3, 3), "b2": (3,)}
OBJECTS = {"layers[0].W": (3, 3), "layers[0].b": (3,), "layers[1].W": (3, 3), "layers[1].b": (3,)}
DX, DW, DB = np.zeros((5, 3)), np.zeros((3, 2)), np.zeros(2)
S, V = np.zeros((3, 3)), np.zeros(3)


def paths(found):
    return {name: "".join(place) for name, place in found.items()}


FOUND = {
    "a tuple": ((DX, DW, DB), LAYER, {"x": "[0]", "W": "[1]", "b": "[2]"}),
    "in another order": ((DB, DX, DW), LAYER, {"x": "[1]", "W": "[2]", "b": "[0]"}),
    "one left out": ((DW, DX), LAYER, {"x": "[1]", "W": "[0]"}),
    "a dict": ({"dx": DX, "dW": DW, "db": DB}, LAYER, {"x": ".dx", "W": ".dW", "b": ".db"}),
    "a dict of the names": ({"b": V, "W": S, "x": S}, SQUARE, {"x": ".x", "W": ".W", "b": ".b"}),
    "a tuple in a tuple": ((DX, (DW, DB)), LAYER, {"x": "[0]", "W": "[1][0]", "b": "[1][1]"}),
    "a dict in a tuple": ((DX, {"dW": DW, "db": DB}), LAYER, {"x": "[0]", "W": "[1].dW", "b": "[1].db"}),
    "None among them": ((None, DW, DB), LAYER, {"W": "[1]", "b": "[2]"}),
    "two lists": (
        ([V, V], [S, S]),
        LISTS,
        {"weights[0]": "[1][0]", "weights[1]": "[1][1]", "biases[0]": "[0][0]", "biases[1]": "[0][1]"},
    ),
    "a list of pairs": (
        [(S, V), (S, V)],
        LISTS,
        {"weights[0]": "[0][0]", "weights[1]": "[1][0]", "biases[0]": "[0][1]", "biases[1]": "[1][1]"},
    ),
    "a list of dicts": (
        [{"W": S, "b": V}, {"W": S, "b": V}],
        OBJECTS,
        {"layers[0].W": "[0].W", "layers[0].b": "[0].b", "layers[1].W": "[1].W", "layers[1].b": "[1].b"},
    ),
    "a dict of numbered names": (
        {"dW2": S, "dW1": S, "db2": V, "db1": V},
        LISTS,
        {"weights[0]": ".dW1", "weights[1]": ".dW2", "biases[0]": ".db1", "biases[1]": ".db2"},
    ),
    "pairs of what is numbered": (
        [(S, V), (S, V)],
        NUMBERED,
        {"W1": "[0][0]", "b1": "[0][1]", "W2": "[1][0]", "b2": "[1][1]"},
    ),
    "a list of all": ([S, V], {"params[0]": (3, 3), "params[1]": (3,)}, {"params[0]": "[0]", "params[1]": "[1]"}),
    "lists of plain numbers": ([[1.0, 2.0], [3.0]], {"w": (2,), "c": (1,)}, {"w": "[0]", "c": "[1]"}),
    "of another shape, by its name": ({"dW": DW.T, "db": DB}, LAYER, {"W": ".dW", "b": ".db"}),
    "called after a part": (
        {"dW": S, "dU": S},
        {"weights": (3, 3), "update": (3, 3)},
        {"weights": ".dW", "update": ".dU"},
    ),
    "dx by its shape": ({"dx": DX, "dW": DW}, {"given": (5, 3), "W": (3, 2)}, {"given": ".dx", "W": ".dW"}),
    "all by other names": ({"kernel": DW, "offset": DB}, LAYER, {"W": ".kernel", "b": ".offset"}),
    "dotted names": (
        {"l1.W": S, "l2.W": S, "dx": S},
        {"x": (3, 3), "l1.W": (3, 3), "l2.W": (3, 3)},
        {"x": ".dx", "l1.W": ".l1.W", "l2.W": ".l2.W"},
    ),
    "the whole name": ({"dWx": S, "W_grad": S}, {"W": (3, 3), "Wx": (3, 3)}, {"W": ".W_grad", "Wx": ".dWx"}),
    "the longer name": ({"dWx": S, "dx": S}, {"x": (3, 3), "Wx": (3, 3)}, {"x": ".dx", "Wx": ".dWx"}),
}


@pytest.mark.parametrize(("returned", "wanted", "places"), FOUND.values(), ids=FOUND)
def test_each_gradient_goes_to_what_it_is_for(returned, wanted, places):
    """Whatever the structure, if there is one way only."""
    assert paths(assigned(returned, {}, wanted)) == places


OPEN = {
    "two of one shape": ((S, S, V), SQUARE, "2 gradients, each of which may be for x or W, of the same shape"),
    "two for one": ((DX, DW, DW), LAYER, "2 gradients, each of which may be for W"),
    "of another shape": ((DX, DW, np.zeros(7)), LAYER, r"an array of shape \(7,\) that fits no parameter"),
    "by another name": ({"dW": DW, "dz": np.zeros((5, 2))}, LAYER, r"an array of shape \(5, 2\), dz, that fits no"),
    "in a dict by another name": ({"dW": DW, "U": DB}, LAYER, r"an array of shape \(2,\), U, that fits no parameter"),
    "a flat list of equal layers": ([S, V, S, V], NUMBERED, "4 gradients, each of which"),
    "in columns of what is no list": ([(S, V), (S, V)], SQUARE, "4 gradients"),
}


@pytest.mark.parametrize(("returned", "wanted", "said"), OPEN.values(), ids=OPEN)
def test_what_could_be_for_several_things_or_is_for_none_is_left_open(returned, wanted, said):
    """And said."""
    with pytest.raises(UnmatchedError, match=said):
        assigned(returned, {}, wanted)


def test_names_of_variables_decide_where_shapes_do_not():
    """Those in the return statement of the way back."""
    labels = {("[0]",): "dx", ("[1]",): "dW"}
    assert paths(assigned((S, S), labels, SQUARE)) == {"x": "[0]", "W": "[1]"}
    rows = {"x": (3, 3), "first1.W": (3, 3), "first2.W": (3, 3)}
    labels = {("[0]",): "dx", ("[1]",): "dW2", ("[2]",): "dW1"}
    assert paths(assigned((S, S, S), labels, rows)) == {"x": "[0]", "first1.W": "[2]", "first2.W": "[1]"}
    assert paths(assigned((S, S), {("[0]",): "dW", ("[1]",): "dx"}, SQUARE)) == {"W": "[0]", "x": "[1]"}


def test_gradients_of_inputs_of_one_shape_stand_in_their_order():
    """As a way back returns them for each input."""
    wanted = {"h": (5, 3), "c": (5, 3), "W": (3, 2)}
    assert paths(assigned((DX, DX, DW), {}, wanted, ["h", "c"])) == {"h": "[0]", "c": "[1]", "W": "[2]"}
    with pytest.raises(UnmatchedError, match="h or c"):
        assigned((DX, DX, DW), {}, wanted)


class Ways:
    def named(self, dx, db):
        return dx, self.dW, self.grads["b_grad"], (db, dx)  # what a student writes

    def unnamed(self, x, W):
        return x, 2 * W, x @ W

    def differing(self, dx, dW, first):
        if first:
            return dx, dW
        return dW, dx

    def nested(self, dx):
        def inner(dy, dz):
            return dy, dz

        return inner(dx, dx)


def test_names_are_read_from_the_return_statement():
    """Only such as are those of gradients; none where two statements differ, and none of a function within."""
    named = returned_names(Ways().named)
    assert {"".join(place): name for place, name in named.items()} == {
        "[0]": "dx",
        "[1]": "dW",
        "[2]": "b_grad",
        "[3][0]": "db",
        "[3][1]": "dx",
    }
    assert returned_names(Ways().unnamed) == returned_names(Ways().differing) == returned_names(Ways().nested) == {}
    assert returned_names(len) == {}


def test_shapes_of_all_that_is_returned_are_seen():
    """Rows of plain numbers as one, and by themselves; nothing of what cannot be looked into."""
    assert numeric_parts((DX, {"dW": DW}, [[1.0, 2.0]], None)) == {(5, 3), (3, 2), (1, 2), (2,), ()}
    assert numeric_parts({"dW": DW}.values()) == numeric_parts("dW") == set()
