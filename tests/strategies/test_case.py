"""What is a case? One line of code, from which the same numbers are built again; or it is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from drawn import few, some
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.vendor.pretty import pretty

from gradcheck import networks
from gradcheck.strategies import Case, faults_in, layers_and_inputs, networks_and_inputs
from gradcheck.strategies.case import alive


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


@few
@given(networks_and_inputs())
def test_no_bias_is_zero_and_no_gain_is_one(case):
    """At such points mistakes hide."""
    network, _, _ = case.build()
    assert all(np.all((a != 0) & (a != 1)) for a in networks.parameters(network).values())


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


def test_a_relu_that_is_silent_whatever_the_numbers_is_left_out():
    """A log-softmax is nowhere above zero."""
    dead = Case(("row", 2), (("log-softmax",), ("relu",)), None)
    assert alive(dead).layers == (("log-softmax",),)
    assert alive(replace(dead, layers=(("relu",),))).layers == (("relu",),)
