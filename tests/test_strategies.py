"""The strategies: what they draw is right, fits, prints as a line of code, and becomes small where it fails."""

from __future__ import annotations

import ast
import doctest
import importlib
import json
import warnings
from dataclasses import is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NonInteractiveExampleWarning
from hypothesis.vendor.pretty import pretty

from gradcheck import Verdict, check_gradients, networks
from gradcheck._fuzz.shrink import Finding, smallest
from gradcheck.strategies import Case, arrays, away_from, faults_in, layers_and_inputs, networks_and_inputs
from gradcheck.strategies.architectures import FAMILIES, FORMS
from gradcheck.strategies.arrays import LAYOUTS, hostile_numbers, laid_out
from gradcheck.strategies.case import alive, gradient
from gradcheck.strategies.faults import SEEN, effect, places_in
from gradcheck.strategies.kinds import GROUPS, TABLE, after
from gradcheck.strategies.losses import LOSSES
from gradcheck.strategies.simpler import simpler, simplest

SOURCES = sorted((Path(__file__).parents[1] / "gradcheck" / "strategies").glob("*.py"))
FAILING = (Verdict.WRONG, Verdict.BROKEN)

# The same examples every time: whoever looks for new ones calls `gradcheck fuzz`, or `make soak`.
same = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(HealthCheck)}
few = settings(max_examples=10, **same)
some = settings(max_examples=60, **same)
settings.register_profile("same", **same)


def wrongly(name):
    """Return what judges a case whose first layer that can make the mistake makes it."""

    def judge(case):
        try:
            model, *inputs = replace(case, fault=(name, 0))
        except ValueError:  # there is no such layer
            return Finding(case)
        return Finding(case, "found" if check_gradients(model, *inputs, neighbours=0).verdict is Verdict.WRONG else "")

    return judge


@pytest.mark.parametrize("name", ["tanh_missing", "bias_twice", "square_without_2"])
def test_a_wrong_layer_is_found_and_the_network_around_it_taken_away(name):
    """What is left are two layers at most, of the simplest sort."""
    found = smallest(networks_and_inputs(most=2), wrongly(name), examples=200, seed=1, tries=50)
    assert found is not None
    assert found.example.depth <= 2


@few
@given(networks_and_inputs(most=2))
def test_a_right_network_is_not_accused(case):
    assert check_gradients(*case).verdict not in FAILING


@few
@given(layers_and_inputs())
def test_a_right_layer_is_not_accused(case):
    assert check_gradients(*case).verdict not in FAILING


@few
@given(faults_in(networks_and_inputs(most=2)))
def test_a_planted_fault_is_found(case):
    """The mistake changes the gradient, and the checker sees it; a network without any is right."""
    verdict = check_gradients(*case, neighbours=0).verdict
    assert (verdict in FAILING) == (case.fault is not None)
    assert case.fault is None or effect(case) > SEEN


def test_a_fault_is_planted_in_one_layer_alone():
    """What the network computes stays as it is; so does the gradient, but for what that layer hands on."""
    clean = Case(("row", 3), (("dense", 4), ("tanh",), ("dense", 2)), "squares", batch=3)
    (model, x), (faulty, same) = clean, replace(clean, fault=("bias_twice", 1))
    assert np.array_equal(x, same)
    assert model.forward(x)[0] == faulty.forward(x)[0]
    right, wrong = (networks.parameters(m.forward(x)[1]()[1]) for m in (model, faulty))
    assert [p for p in right if not np.array_equal(right[p], wrong[p])] == ["network.layers[2].b"]
    assert effect(replace(clean, fault=("bias_twice", 1))) == pytest.approx(1)
    assert {("bias_twice", 0), ("bias_twice", 1), ("tanh_missing", 0)} <= set(places_in(clean))
    assert ("bias_twice", 2) not in set(places_in(clean))


@some
@given(st.one_of(networks_and_inputs(), layers_and_inputs(), faults_in(networks_and_inputs())))
def test_a_case_is_one_line_of_code(case):
    """Pasted, or read back from JSON, it is the same case."""
    line = pretty(case)
    assert line == repr(case)
    assert "\n" not in line
    assert eval(line, {"Case": Case}) == case
    assert Case.read(json.loads(json.dumps(case.told()))) == case


@few
@given(st.one_of(networks_and_inputs(), layers_and_inputs()))
def test_a_case_builds_the_same_numbers_again(case):
    """Bit for bit, in the type it names."""
    (model, *xs), (again, *same) = case, case
    arrays, others = ([*networks.parameters(m).values(), *inputs] for m, inputs in ((model, xs), (again, same)))
    assert [a.tobytes() for a in arrays] == [a.tobytes() for a in others]
    assert {str(a.dtype) for a in arrays if a.dtype.kind == "f"} <= {case.dtype}


@some
@given(networks_and_inputs())
def test_the_form_that_is_foretold_comes_out(case):
    """Each step says what it makes of what it is given, before it is built."""
    network, (x,), _ = case.build()
    end = after(case.takes, case.layers)
    assert network.forward(x)[0].shape == (case.batch, *end[1:])


@few
@given(networks_and_inputs())
def test_no_bias_is_zero_and_no_gain_is_one(case):
    """At such points mistakes hide."""
    network, _, _ = case.build()
    assert all(np.all((a != 0) & (a != 1)) for a in networks.parameters(network).values())


def types_within(part):
    """Yield the types of a layer and of all that it holds."""
    yield type(part)
    held = part if isinstance(part, (tuple, list)) else vars(part).values() if is_dataclass(part) else ()
    for inner in held:
        yield from types_within(inner)


def test_every_layer_of_the_library_can_be_drawn():
    """Its numbers fit every form that it takes. A new layer needs a function in gradcheck/strategies."""
    met = {networks.Chain, networks.Cost}

    @settings(max_examples=6, deadline=None, database=None, derandomize=True)
    @given(st.data())
    def build(kind, forms, data):
        form = data.draw(st.sampled_from(forms))
        layer, *inputs = Case(form, ((kind.name, *data.draw(kind.numbers(form))),), batch=2)
        layer.forward(*inputs)
        met.update(types_within(layer))

    for kind in TABLE.values():
        assert kind.group in GROUPS
        for takes in kind.takes:
            build(kind, [form for form in FORMS[takes] if kind.fits(form)])
    for name, loss in LOSSES.items():
        met.update(types_within(next(iter(Case(next(f for f in FORMS[loss.takes[0]] if loss.fits(f)), (), name)))))
    assert {t.__name__ for t in vars(networks).values() if is_dataclass(t) and hasattr(t, "forward")} == {
        t.__name__ for t in met if hasattr(t, "forward")
    }


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_can_be_asked_for(family):
    """Then many networks are of that family."""
    found = []

    @settings(max_examples=80, deadline=None, derandomize=True, database=None)
    @given(networks_and_inputs(families=[family]))
    def note(case):
        found.append(family in {TABLE[step[0]].group for step in case.layers})

    note()
    assert np.mean(found) > 0.25


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"layers": [["densest", 3]]}, "no layer is of the kind"),
        ({"layers": [[]]}, "no layer is of the kind"),
        ({"loss": "of memory"}, "no loss is called 'of memory'"),
        ({"fault": ["of yours", 0]}, "no fault is called 'of yours'"),
        ({"widths": [3]}, "widths"),
        (3, "no case can be built"),
    ],
    ids=str,
)
def test_what_is_no_case_is_refused(told, message):
    with pytest.raises(ValueError, match=message):
        Case.read(told)


def test_a_case_is_what_check_gradients_takes():
    """A single layer stands bare, a single loss too; several inputs come one after the other."""
    layer, x = Case(("row", 3), (("dense", 2),), batch=4)
    assert (type(layer), x.shape) == (networks.Dense, (4, 3))
    loss, _ = Case(("row", 3), (), "squares")
    assert type(loss) is networks.MeanSquaredError
    cost, _ = Case(("row", 3), (("dense", 2), ("tanh",)), "cross-entropy", decay=0.5)
    assert (type(cost), cost.decay, type(cost.network)) == (networks.Cost, 0.5, networks.Chain)
    _, x, h, c = Case(("several",), (("cell", "lstm", 3, 2),), batch=4)
    assert (x.shape, h.shape, c.shape) == ((4, 3), (4, 2), (4, 2))


@some
@given(arrays((3, 2)))
def test_arrays_have_plain_numbers(x):
    """Floating-point, of the shape given, hundredths between -10 and 10."""
    assert (x.shape, x.dtype.kind) == ((3, 2), "f")
    assert np.all(np.abs(x) <= 10)
    assert np.allclose(np.round(100 * x), 100 * x, rtol=1e-5)


@some
@given(arrays(hostile=True))
def test_hostile_numbers_and_their_squares_are_finite(x):
    """They are to break the code, not the question."""
    assert np.all(np.isfinite(x))
    assert np.all(np.isfinite(x * x))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_hostile_numbers_are_among_them(dtype):
    """Zeros of either sign, huge, tiny and subnormal numbers, in the type of the array."""
    info = np.finfo(dtype)
    for want in (
        lambda x: np.any((x == 0) & np.signbit(x)),
        lambda x: np.any(np.abs(x) > np.sqrt(info.max) / 4),
        lambda x: np.any((x != 0) & (np.abs(x) < info.tiny)),
        lambda x: np.any(x == 1.0) and np.any(x == 0.0),
    ):
        x = find(arrays((4,), dtypes=[dtype], hostile=True), want, settings=settings(max_examples=3000, database=None))
        assert x.dtype == dtype
    assert all(np.isfinite(np.dtype(dtype).type(n)) for n in hostile_numbers(dtype))


@pytest.mark.parametrize(
    ("layout", "holds"),
    [
        ("C", lambda x: x.flags.c_contiguous),
        ("Fortran", lambda x: x.flags.f_contiguous and not x.flags.c_contiguous),
        ("strided", lambda x: x.strides == (64, 16)),
        ("reversed", lambda x: x.strides == (-16, -8)),
        ("read-only", lambda x: not x.flags.writeable),
        ("broadcast", lambda x: x.strides[0] == 0),
    ],
)
def test_a_layout_in_memory(layout, holds):
    """The numbers are the same, save that one row stands for all where it is broadcast."""
    numbers = np.arange(6.0).reshape(3, 2)
    x = laid_out(numbers, "float64", layout)
    assert holds(x)
    assert np.array_equal(x, np.tile(numbers[:1], (3, 1)) if layout == "broadcast" else numbers)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3)])
def test_a_layout_of_hardly_anything(layout, shape):
    """Scalars and empty arrays lie in memory as they can."""
    assert laid_out(np.zeros(shape), "float32", layout).shape == shape


def test_an_unknown_layout_is_refused():
    with pytest.raises(ValueError, match="layout='diagonal' is not known; write one of C, Fortran"):
        laid_out(np.zeros(3), "float64", "diagonal")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_layer_is_right_in_every_layout(layout, dtype):
    """The checker, too, takes an input as it lies."""
    x = laid_out(np.array([[0.5, -1.25], [2.0, 0.25], [0.75, -3.0]]), dtype, layout)
    assert check_gradients(networks.Tanh(), x).verdict is Verdict.CORRECT


@some
@given(st.data())
def test_numbers_keep_away_from_kinks(data):
    """From every kink, by the distance wanted, and within the bounds."""
    kinks = data.draw(st.lists(st.integers(-8, 8), max_size=4))
    x = data.draw(away_from(*kinks, by=0.25, within=10))
    assert abs(x) <= 10
    assert all(abs(x - kink) >= 0.25 - 1e-12 for kink in kinks)


@pytest.mark.parametrize(
    ("kinks", "least"), [((), 0.0), ((0,), 0.1), ((1,), 0.0), ((-0.05, 0.05), 0.15), ((3, 0), 0.1)]
)
def test_the_simplest_number_is_the_one_nearest_to_zero(kinks, least):
    assert find(away_from(*kinks), lambda _: True) == pytest.approx(least)


def test_kinks_that_leave_no_room_are_refused():
    with pytest.raises(ValueError, match=r"away_from\(0, 1\): nothing between -1 and 1 is 2 away"):
        away_from(0, 1, by=2, within=1)


def test_a_slope_is_measured_away_from_kinks():
    """At none of the points is there a kink."""

    @few
    @given(arrays((3, 2), dtypes=["float64"], elements=away_from(0)))
    def check(x):
        assert check_gradients(networks.ReLU(), x).verdict is Verdict.CORRECT

    check()


def test_a_failing_test_prints_what_can_be_pasted():
    """What Hypothesis prints of a failing example is its line of code."""

    @settings(max_examples=50, deadline=None, database=None, derandomize=True, phases=list(Phase)[:-1])
    @given(networks_and_inputs())
    def check(case):
        assert ("dense", 1) not in case.layers

    with pytest.raises(AssertionError) as caught:
        check()
    assert "case=Case(layers=(('dense', 1),))," in "\n".join(caught.value.__notes__)


@few
@given(st.one_of(networks_and_inputs(), layers_and_inputs()))
def test_something_is_tested(case):
    """The cost feels something of what it is given, so that `assert_gradients` may be called."""
    assert any(np.any(g) for g in gradient(case).values())


def test_a_relu_that_is_silent_whatever_the_numbers_is_left_out():
    """A log-softmax is nowhere above zero."""
    dead = Case(("row", 2), (("log-softmax",), ("relu",)), None)
    assert alive(dead).layers == (("log-softmax",),)
    assert alive(replace(dead, layers=(("relu",),))).layers == (("relu",),)


def test_what_is_simpler_comes_step_by_step():
    """A layer alone, at the form that it is given; without the loss; one less; in the plain type."""
    case = Case(
        ("image", 1, 2, 2), (("tanh",), ("flatten",), ("residual", (("dense", 4), ("relu",)))), "squares", batch=3
    )
    found = list(simpler(case))
    assert replace(case, loss=None) == found[0]
    assert replace(case, takes=("row", 4), layers=(("dense", 4), ("relu",))) in found
    assert replace(case, layers=(*case.layers[:2], ("residual", (("relu",),)))) in found
    assert replace(case, layers=case.layers[1:]) in found
    assert found[-1] == replace(case, batch=1)
    assert case not in found


@pytest.mark.parametrize(
    ("needed", "left"),
    [
        (lambda case: "relu" in repr(case), Case(("row", 4), (("relu",),))),
        (lambda case: case.loss is not None and case.batch > 2, Case(("image", 1, 2, 2), (), "l1", batch=3)),
        (lambda case: case.depth > 2, Case(("row", 4), (("residual", (("dense", 4), ("relu",))),))),
        (lambda _: False, None),
    ],
)
def test_the_simplest_case_is_left(needed, left):
    """Whatever is not needed for the failure is taken away; what cannot be built is passed over."""
    case = Case(
        ("image", 1, 2, 2), (("tanh",), ("flatten",), ("residual", (("dense", 4), ("relu",)))), "l1", batch=3, seed=5
    )
    assert simplest(case, needed, tries=200) == (left or case)


def test_a_fault_moves_with_its_layer():
    """The second dense layer is the first, once the other is gone."""
    case = Case(("row", 2), (("dense", 3), ("dense", 2)), fault=("bias_twice", 1))
    assert simplest(case, lambda _: True, tries=200) == Case(("row", 2), (("dense", 3),), fault=("bias_twice", 0))


def test_only_so_many_are_tried():
    """The search for a simpler case ends."""
    tried = []
    simplest(Case(("row", 2), (("dense", 3), ("tanh",), ("dense", 2))), tried.append, tries=2)
    assert len(tried) == 2


@pytest.mark.parametrize(
    "name", ["strategies.arrays", "strategies.architectures", "strategies.case", "strategies.faults", "_fuzz.user"]
)
def test_the_examples_in_the_docstrings_run(name):
    """What a reader pastes works."""
    module, profile = importlib.import_module(f"gradcheck.{name}"), settings.get_current_profile_name()
    settings.load_profile("same")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NonInteractiveExampleWarning)
        done = doctest.testmod(module, extraglobs={"np": np})
    settings.load_profile(profile)
    assert done.attempted > 0
    assert done.failed == 0


@pytest.mark.parametrize("path", SOURCES, ids=[p.name for p in SOURCES])
def test_they_build_and_never_filter(path):
    """No draw is thrown away: there is no assume, no reject, no .filter."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "") for f in called}
    assert names & {"assume", "reject", "filter"} == set()
