"""What cannot be checked is refused: the error names the argument, and what to write instead; nothing changes."""

from __future__ import annotations

import traceback

import numpy as np
import pytest

from gradcheck import GradientError, InputError, Oracle, Verdict, assert_gradients, check_gradients
from gradcheck.networks import Dense, MeanSquaredError

X = np.array([1.0, 2.0, 3.0])
POINT = {"W": np.ones((2, 3)), "b": np.ones(2)}
TARGET = MeanSquaredError(np.zeros((2, 2)))
DENSE = Dense(W=np.ones((3, 2)), b=np.zeros(2))
BATCH = np.ones((2, 3))


def square(x):
    return float(np.sum(np.asarray(x) ** 2))


def twice(x):
    return 2 * np.asarray(x)


def squares(p):
    return float(np.sum(p["W"] ** 2) + np.sum(p["b"] ** 2))


def claims(**changes):
    """Return a gradient of `squares` with some names changed; None leaves one out."""
    return lambda p: {k: v for k, v in ({"W": 2 * p["W"], "b": 2 * p["b"]} | changes).items() if v is not None}


class Net:
    def __init__(self, params=None, answer=None):
        self.params = {"W": BATCH.copy()} if params is None else params
        self.answer = answer

    def loss(self, x):
        W = self.params["W"]
        return (float(np.sum(W * x)), {"W": x}) if self.answer is None else self.answer


def boom(*_):
    msg = "boom"
    raise ZeroDivisionError(msg)


def snapshot(things):
    """Return the bits of all arrays in the arguments of a call, and the state of NumPy's generator."""
    arrays = []
    queue = list(things)
    while queue:
        thing = queue.pop()
        if isinstance(thing, np.ndarray) and thing.dtype != object:
            arrays.append((thing.tobytes(), thing.dtype.str, thing.shape, thing.flags.writeable))
        elif isinstance(thing, (list, tuple)):
            queue += thing
        elif isinstance(thing, dict):
            queue += thing.values()
        elif isinstance(thing, (Net, Dense)):
            queue += vars(thing).values()
    return arrays, np.random.get_state()[1].tobytes()  # noqa: NPY002


REFUSED = {
    # the gradient
    "a gradient that is too short": ((square, X), {"grad": lambda x: twice(x)[:2]}, r"gradient of x has shape \(2,\)"),
    "a transposed gradient": (
        (square, BATCH),
        {"grad": lambda x: twice(x).T},
        r"shape \(3, 2\) where x has \(2, 3\) \(it looks transposed\)",
    ),
    "a gradient with a name missing": ((squares, POINT), {"grad": claims(b=None)}, r"nothing for 'b' \(it has 'W'\)"),
    "a gradient with a surplus name": (
        (squares, POINT),
        {"grad": claims(c=1.0)},
        "has 'c', which the point does not have",
    ),
    "a gradient with a misspelt name": ((squares, POINT), {"grad": claims(w=1.0, W=None)}, "has 'w', which the point"),
    "a gradient of one name with a wrong shape": ((squares, POINT), {"grad": claims(b=np.ones(3))}, "gradient of b"),
    "a gradient that is None": ((square, X), {"grad": lambda _: None}, "nothing for 'x'.*zeros where the derivative"),
    "a gradient that is a string": ((square, X), {"grad": lambda _: "2x"}, "gradient of x is a str .* real floats"),
    "a gradient that is an object": ((square, X), {"grad": lambda _: object()}, "gradient of x is a object"),
    "a gradient that is a dict": ((square, X), {"grad": lambda x: {"dx": x}}, "gradient of x is a dict with 'dx'"),
    "a gradient that is a list for a dict": (
        (squares, POINT),
        {"grad": lambda _: [1.0]},
        r"has '\[0\]', which the point does not have",
    ),
    "a gradient of Nones": ((square, X), {"grad": lambda _: [None] * 3}, "gradient of x is a list"),
    "a ragged gradient": ((square, X), {"grad": lambda _: [[1.0, 2.0], [3.0]]}, "gradient of x"),
    "a complex gradient": ((square, X), {"grad": lambda x: twice(x) + 0j}, "complex128; return real floats"),
    "a list of gradients that is too short": (
        (lambda p: float(p[0] @ p[1]), [X, X]),
        {"grad": lambda p: [p[1]]},
        "has 1 parts where there are 2",
    ),
    "a number for a list of gradients": (
        (lambda p: float(p[0] @ p[1]), [X, X]),
        {"grad": lambda _: np.array(3.0)},
        "gradient of p",
    ),
    "too few gradients": (
        (lambda a, b, c: float(a @ b + c[0]), X, X, X),
        {"grad": lambda a, b, c: (b, a)},
        r"returned 2 gradient.* return the tuple \(da, db, dc\)",
    ),
    "no gradient from a pullback": ((twice, X), {"vjp": lambda _, __: None}, "nothing for 'x'"),
    # the point
    "integers": ((square, np.arange(3)), {"grad": twice}, r"x is an integer array \(int64\).*x\.astype\(float\)"),
    "a masked array": (
        (square, np.ma.masked_array([1.0, 2.0], [False, True])),
        {"grad": twice},
        r"x is a masked array.*x\.compressed\(\)",
    ),
    "truth values": ((square, np.array([True])), {"grad": twice}, r"x\.astype\(float\)"),
    "an empty array": ((square, np.zeros((0, 3))), {"grad": twice}, r"x is an empty array of shape \(0, 3\)"),
    "nan at the start": (
        (square, np.array([1, np.nan])),
        {"grad": twice},
        r"x\[1\] is nan at the given point; give a finite",
    ),
    "inf at the start": ((squares, POINT | {"b": np.array([0, np.inf])}), {"grad": claims()}, r"b\[1\] is inf"),
    "inf in a number": ((square, -np.inf), {"grad": twice}, "x is -inf at the given point"),
    "text": ((square, "abc"), {"grad": twice}, "no float arrays to differentiate"),
    "None": ((square, None), {"grad": twice}, "no float arrays to differentiate"),
    "an empty dict": ((squares, {}), {"grad": claims()}, "no float arrays to differentiate"),
    "an array of objects": ((square, np.array([1.0, None])), {"grad": twice}, "no float arrays to differentiate"),
    "no x": ((square,), {"grad": twice}, r"given no arguments; write check_gradients\(square, x, grad=\.\.\.\)"),
    "no x for a pullback": ((square,), {"vjp": twice}, "given no arguments"),
    "two names that look alike": (
        (lambda p: float(p["a"]["b"] @ p["a.b"]), {"a": {"b": X}, "a.b": 2 * X}),
        {"grad": lambda p: {"a": {"b": p["a.b"]}, "a.b": p["a"]["b"]}},
        "a.b",
    ),
    # the function
    "an array for a loss": (
        (lambda x: x[::-1] ** 2, X),
        {"grad": twice},
        r"returned an array of shape \(3,\) where a scalar is promised.*vjp=pullback.*sum or mean",
    ),
    "None for a loss": ((lambda _: None, X), {"grad": twice}, "returned 'NoneType' where a scalar"),
    "text for a loss": ((lambda _: "low", X), {"grad": twice}, "returned 'str' where a scalar"),
    "a complex loss": ((lambda x: np.sum(x) + 1j, X), {"grad": twice}, "where a scalar is promised"),
    "a ragged loss": ((lambda _: [[1.0], [2.0, 3.0]], X), {"grad": twice}, "where a scalar"),
    "integers for outputs": ((lambda x: x.astype(int), X), {"vjp": lambda x, u: u}, "no float array"),
    "no pair": ((square, X), {"value_and_grad": True}, r"square returned float where \(value, gradient\)"),
    "a triple": ((lambda x: (1.0, x, x), X), {"value_and_grad": True}, r"where \(value, gradient\) is promised"),
    # what is to be checked
    "a number": ((3, X), {}, r"unknown type \(int\); give a function with grad=.*Oracle\(point="),
    "an object": ((object(), X), {"grad": twice}, r"unknown type \(object\)"),
    "nothing": ((None,), {}, r"unknown type \(NoneType\)"),
    "params that are a list": ((Net(params=[X]), BATCH), {}, r"unknown type \(Net\).*a dict `params`"),
    "a network that returns no gradient": (
        (Net(answer=3.0), BATCH),
        {},
        r"Net\.loss returned a number alone; let it return \(loss, grads",
    ),
    "a network without gradients": ((Net(answer=(3.0, {})), BATCH), {}, "nothing for 'W'"),
    "a network of integers": ((Net(params={"W": np.arange(3)}), BATCH), {}, r"W is an integer.*W\.astype\(float\)"),
    "a network without params": ((Net(params={}), BATCH), {}, "Net has no float arrays"),
    "a layer without input": (
        (DENSE,),
        {},
        r"Dense was given no input; write check_gradients\(Dense\(\.\.\.\), x\)",
    ),
    "a layer with a function for a loss": ((DENSE, BATCH), {"loss": square}, "loss= must be a layer.*not square"),
    "a layer with a class for a loss": ((DENSE, BATCH), {"loss": MeanSquaredError}, "not MeanSquaredError"),
    "a function with a loss": ((square, X), {"grad": twice, "loss": TARGET}, "square is not one, so put the loss into"),
    "a class for a network": ((Net, BATCH), {}, "instance"),
    "a class for a layer": ((Dense, BATCH), {}, "instance"),
    "a layer and grad=": ((DENSE, BATCH), {"grad": twice}, "grad="),
    "a network and vjp=": ((Net(), BATCH), {"vjp": twice}, "vjp="),
    "an oracle and grad=": ((Oracle(X, square, twice),), {"grad": boom}, "grad="),
    "an oracle and an argument": ((Oracle(X, square, twice), X), {}, "point"),
    "an oracle with a cotangent of another shape": ((Oracle(X, twice, twice, cotangent=np.ones(2)),), {}, "cotangent"),
    # the keywords
    "grad= and vjp=": ((square, X), {"grad": twice, "vjp": twice}, "grad= and vjp= mean the same"),
    "grad= and value_and_grad=": ((square, X), {"grad": twice, "value_and_grad": True}, "give one of them"),
    "no gradient at all": ((square, X), {}, "square has no claimed gradient; write grad=df"),
    "a gradient for its function": (
        (square, X),
        {"grad": "twice"},
        "grad= must be a function .* not str; write grad=df",
    ),
    "an array for its function": ((square, X), {"grad": 2 * X}, "grad= must be a function"),
    "a number for a pullback": ((square, X), {"vjp": 3}, "vjp= must be a function"),
    "rtol=0": ((square, X), {"grad": twice, "rtol": 0}, "rtol=0: .* between 0 and 1, such as 1e-4; leave it out"),
    "rtol=2": ((square, X), {"grad": twice, "rtol": 2}, "rtol=2"),
    "rtol=nan": ((square, X), {"grad": twice, "rtol": np.nan}, "rtol=nan"),
    "rtol='a'": ((square, X), {"grad": twice, "rtol": "a"}, "rtol='a'"),
    "rtol of several": ((square, X), {"grad": twice, "rtol": X / 100}, "rtol="),
    "entries=0": ((square, X), {"grad": twice, "entries": 0}, "entries=0: write 'auto', 'all', 'directions', or"),
    "entries='some'": ((square, X), {"grad": twice, "entries": "some"}, "entries='some': write"),
    "entries=True": ((square, X), {"grad": twice, "entries": True}, "entries=True: write"),
    "entries=2.5": ((square, X), {"grad": twice, "entries": 2.5}, "entries=2.5: write"),
    "entries=None": ((square, X), {"grad": twice, "entries": None}, "entries=None: write"),
    "entries of several": ((square, X), {"grad": twice, "entries": np.arange(2)}, "entries="),
    "neighbours=-1": ((square, X), {"grad": twice, "neighbours": -1}, "neighbours=-1: write .* 0 for none"),
    "neighbours='a'": ((square, X), {"grad": twice, "neighbours": "a"}, "neighbours='a'"),
    "neighbours=1.5": ((square, X), {"grad": twice, "neighbours": 1.5}, "neighbours=1.5"),
    "seed=-1": ((square, X), {"grad": twice, "seed": -1}, "seed=-1: write a non-negative integer"),
    "seed=None": ((square, X), {"grad": twice, "seed": None}, "seed=None: write"),
    "seed=1.5": ((square, X), {"grad": twice, "seed": 1.5}, "seed=1.5: write"),
    "precision='single'": (
        (square, X),
        {"grad": twice, "precision": "single"},
        "precision='single': write 'double' or",
    ),
    "precision=None": ((square, X), {"grad": twice, "precision": None}, "precision=None"),
    "a pattern that matches nothing": (
        (squares, POINT),
        {"grad": claims(), "wrt": "V*"},
        r"wrt='V\*' matches none of W, b",
    ),
    "a pattern of two that matches nothing": (
        (squares, POINT),
        {"grad": claims(), "wrt": ["W", "c"]},
        "wrt='c' matches",
    ),
    "no pattern": ((squares, POINT), {"grad": claims(), "wrt": []}, "wrt="),
    "a number for a pattern": ((squares, POINT), {"grad": claims(), "wrt": 3}, "wrt=3"),
    "a list of numbers for patterns": ((squares, POINT), {"grad": claims(), "wrt": [0]}, "wrt="),
}


def test_a_wrong_gradient_is_not_a_bad_call():
    """It is judged, and found, by name: an AssertionError of the report, not an InputError."""
    with pytest.raises(GradientError, match=r"b\[1\]") as caught:
        assert_gradients(squares, POINT, grad=lambda p: {"W": 2 * p["W"], "b": np.array([2.0, 3.0])})
    assert not isinstance(caught.value, InputError)
    assert [e.name for e in caught.value.report.wrong] == ["b[1]"]


@pytest.mark.parametrize(("args", "keywords", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(args, keywords, message):
    """An InputError, from both calls, with a message to act upon; arrays, models and generators as they were."""
    before = snapshot([args, keywords])
    for call in (check_gradients, assert_gradients):
        with pytest.raises(InputError, match=f"(?s){message}"):
            call(*args, **keywords)
    assert snapshot([args, keywords]) == before


ACCEPTED = {
    "numbers for keys": ((lambda p: square(p[0]), {0: X}), {"grad": lambda p: {0: 2 * p[0]}}, "[0]"),
    "tuples for keys": (
        (lambda p: square(p[0, 1]), {(0, 1): X}),
        {"grad": lambda p: {(0, 1): 2 * p[0, 1]}},
        "[(0, 1)]",
    ),
    "an empty key": ((lambda p: square(p[""]), {"": X}), {"grad": lambda p: {"": 2 * p[""]}}, "x"),
    "a float": ((lambda x: x**2, 3.0), {"grad": lambda x: 2 * x}, "x"),
    "one integer": ((lambda x: x**2, 3), {"grad": lambda x: 2 * x}, "x"),
    "a list of integers": ((lambda x: float(x @ x), [1, 2]), {"grad": twice}, "x"),
    "an integer beside a float": (
        (lambda p: p[0] * p[1], [1.5, 2]),
        {"grad": lambda p: [p[1], p[0]]},
        "p[1]",
    ),
    "a float whose gradient is an array": ((lambda x: x**2, 3.0), {"grad": lambda x: np.array([2 * x])}, "x"),
    "a list of floats": ((square, [1.0, 2.0]), {"grad": lambda x: [2 * v for v in x]}, "x[0]"),
    "a list for an array": ((square, X), {"grad": lambda x: [2 * v for v in x]}, "x"),
    "a tuple of one gradient": ((square, X), {"grad": lambda x: (2 * x,)}, "x"),
    "integers for claims": ((square, X), {"grad": lambda _: np.array([2, 4, 6])}, "x"),
    "big-endian floats": ((square, X.astype(">f8")), {"grad": twice}, "x"),
    "half precision": ((square, X.astype(np.float16)), {"grad": twice}, "x"),
    "extended precision": ((square, X.astype(np.longdouble)), {"grad": twice}, "x"),
    "an array that is a view without memory of its own": ((square, np.broadcast_to(2.0, 3)), {"grad": twice}, "x"),
    "a column of a matrix": ((square, BATCH[:, 1]), {"grad": twice}, "x"),
    "things that are no floats": (
        (lambda p: square(p["a"]), {"a": X, "n": 3, "s": "text", "none": None}),
        {"grad": lambda p: {"a": 2 * p["a"]}},
        "a",
    ),
    "a NumPy integer for entries": ((square, X), {"grad": twice, "entries": np.int64(2), "seed": np.int64(3)}, "x"),
}


@pytest.mark.parametrize(("args", "keywords", "name"), ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(args, keywords, name):
    """What is unusual but clear is checked, under a name that can be found again; and a wrong claim is wrong."""
    assert check_gradients(*args, **keywords).tensors[name].verdict is Verdict.CORRECT
    wrong = keywords | {"grad": lambda p: tripled(keywords["grad"](p))}
    assert check_gradients(*args, **wrong).tensors[name].verdict is Verdict.WRONG


def tripled(gradient):
    if isinstance(gradient, dict):
        return {k: tripled(v) for k, v in gradient.items()}
    return type(gradient)(tripled(v) for v in gradient) if isinstance(gradient, (list, tuple)) else gradient * 3


# -------------------------------------------------------------------------------- users' own errors


def failing_from(k, f):
    """Return f, which raises from its k-th call on."""
    count = iter(range(1, 10**9))
    return lambda *args: boom() if next(count) >= k else f(*args)


@pytest.mark.parametrize(
    ("args", "keywords", "who"),
    [
        ((square, X), {"grad": boom}, "the gradient function"),
        ((boom, X), {"grad": twice}, "the function"),
        ((boom, X), {"vjp": twice}, "the function"),
        ((twice, X), {"vjp": boom}, "the gradient function"),
        ((boom, X), {"value_and_grad": True}, "the function"),
        ((DENSE, BATCH[:, :2]), {}, "the function"),
        ((Oracle(X, square, boom),), {}, "the gradient function"),
    ],
)
def test_what_the_users_code_raises_is_the_cause(args, keywords, who):
    """His own traceback is shown, to the very line; the report is broken and says what happened."""
    for call in (check_gradients, assert_gradients):
        with pytest.raises(GradientError, match=rf"{who} raised \w+: .+") as caught:
            call(*args, **keywords)
        cause = caught.value.__cause__
        assert isinstance(cause, (ZeroDivisionError, ValueError, TypeError))
        assert who in str(caught.value.report)
        assert caught.value.report.verdict is Verdict.BROKEN
    if isinstance(cause, ZeroDivisionError):
        assert traceback.extract_tb(cause.__traceback__)[-1].name == "boom"


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_no_error_passes_through(raised):
    """Whoever wants to stop can."""

    def stop(_):
        raise raised

    with pytest.raises(raised):
        check_gradients(stop, X, grad=twice)
    with pytest.raises(raised):
        check_gradients(square, X, grad=stop)


def outcome(*args, **keywords):
    """Return the report, or the error that a user would see."""
    try:
        return check_gradients(*args, **keywords)
    except (InputError, GradientError) as error:
        return error


@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_a_gradient_that_raises_later_is_broken_or_refused(k):
    """At its second call, or at a neighbour; never a traceback of ours, never correct without a word."""
    found = outcome(square, X, grad=failing_from(k, twice))
    if isinstance(found, GradientError):
        assert isinstance(found.__cause__, ZeroDivisionError)
    else:
        assert found.verdict is Verdict.BROKEN or k > 3


@pytest.mark.parametrize("k", range(1, 40, 3))
def test_a_function_that_raises_later_is_never_correct(k):
    """From some call on: then nothing is known, and nobody is accused."""
    found = outcome(failing_from(k, square), X, grad=twice, neighbours=0)
    if isinstance(found, GradientError):
        assert isinstance(found.__cause__, ZeroDivisionError)
    else:
        assert found.verdict in {Verdict.BROKEN, Verdict.UNDECIDED}


@pytest.mark.parametrize(("value", "word"), [(np.nan, "nan"), (np.inf, "infinite"), (-np.inf, "infinite")])
def test_a_function_that_is_not_finite(value, word):
    """There is nothing to compare: broken, and told to choose another point."""
    report = check_gradients(lambda _: value, X, grad=twice)
    assert report.verdict is Verdict.BROKEN
    assert f"the function is {word} at the given point" in report.problems[0].sentence
    assert "choose another point" in report.problems[0].sentence


def test_near_the_largest_number_no_warning_is_ours():
    """Where a neighbour would overflow, the sum is ours, and so must be its warning."""
    report = check_gradients(lambda x: float(np.mean(x / 4)), np.full(3, 1.7e308), grad=lambda x: np.full(3, 1 / 12))
    assert report.wrong == ()


def test_underflow_is_no_wrong_gradient():
    """The square of 1e-170 is no number of double precision; a right gradient is not accused of it."""
    assert check_gradients(square, X * 1e-170, grad=twice).wrong == ()


# ------------------------------------------------------------------------------------ hostile calls

VALUES = [None, 0, -1, 1.5, True, "text", b"bytes", [], {}, (), X, BATCH, [X], {"a": X}, object(), square, Dense, DENSE]
KEYWORDS = ["grad", "vjp", "value_and_grad", "loss", "wrt", "seed", "entries", "neighbours", "rtol", "precision"]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: repr(v)[:20])
@pytest.mark.parametrize("keyword", ["model", "x", "returned", "claimed", *KEYWORDS])
def test_no_traceback_of_ours(keyword, value):
    """Whatever stands in whatever place: an answer, a refusal, or an error that has the user's own as its cause."""
    keywords = {"grad": twice if keyword != "claimed" else lambda _: value} | (
        {keyword: value} if keyword in KEYWORDS else {}
    )
    if keyword in {"vjp", "value_and_grad"}:
        del keywords["grad"]
    model = {"model": value, "returned": lambda _: value}.get(keyword, square)
    found = outcome(model, value if keyword == "x" else X, **keywords)
    if isinstance(found, GradientError):
        assert found.__cause__ is not None
        assert " raised " in str(found)
    elif isinstance(found, InputError):
        assert len(str(found)) > 20
    else:
        assert found.verdict in Verdict
