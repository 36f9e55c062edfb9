"""Components of OpenMDAO: each partial by the names of its output and input, in one table."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import GradientError, InputError, Verdict, assert_gradients, check_gradients
from gradcheck._adapters.components import is_component

A = np.array([0.5, 1.0, 2.0])


class Problem:
    """What is asked of a problem, without the package: y = b a^2, z = sum(sin a)."""

    def __init__(self, k=1.0):
        self.model, self.k = self, k
        self.values = {"a": A.copy(), "b": np.array([2.0]), "y": np.zeros(3), "z": np.zeros(1)}

    def setup(self): ...

    def __getitem__(self, name):
        return self.values[name]

    def __setitem__(self, name, value):
        self.values[name] = np.array(value)

    def system_iter(self, **_):
        return []

    def list_inputs(self, **_):
        return [(f"c.{n}", {"prom_name": n}) for n in "ab"]

    def list_outputs(self, **_):
        return [(f"c.{n}", {"prom_name": n}) for n in "yz"]

    def run_model(self):
        self["y"], self["z"] = self["b"] * self["a"] ** 2, [np.sum(np.sin(self["a"]))]

    def compute_totals(self, of, wrt):
        a, b = self["a"], self["b"]
        known = {
            ("y", "a"): np.diag(2 * a * b),
            ("y", "b"): a[:, None] ** 2,
            ("z", "a"): np.cos(a)[None] * [1, 1, self.k],
            ("z", "b"): np.zeros((1, 1)),
        }
        return {key: value for key, value in known.items() if key[0] in of and key[1] in wrt}


def test_a_table_of_partials():
    """The wrong one is named by output and input."""
    right = assert_gradients(Problem())
    assert {*right.tensors} == {"dy/da", "dy/db", "dz/da", "dz/db"}
    assert right.tensors["dz/db"].verdict is Verdict.UNTESTED
    found = check_gradients(Problem(1.1), {"b": [3.0]})
    assert [e.name for e in found.wrong] == ["dz/da[0,2]"]
    assert found.diagnosis[0] == "dz/da[0, 2] is the derivative of z[0] by a[2]"
    assert {*check_gradients(Problem(1.1), wrt="b").tensors} == {"dy/db", "dz/db"}


REFUSED = {
    "no such input": (lambda: check_gradients(Problem(), {"q": 1.0}), "q is not an input of Problem; there are a, b"),
    "no name": (lambda: check_gradients(Problem(), A), "inputs go by name; write check_gradients(Problem(), {'x': x})"),
    "no numbers": (lambda: check_gradients(Problem(), {"a": "x"}), "a is 'x'; give it as floats of shape (3,)"),
    "another shape": (
        lambda: check_gradients(Problem(), {"a": [1.0, 2]}),
        "a has shape (2,), and is declared with (3,)",
    ),
    "nothing by it": (lambda: check_gradients(Problem(), wrt="q"), "wrt='q' matches none of a, b"),
}


@pytest.mark.parametrize(("check", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(check, message):
    """With what to write."""
    with pytest.raises(InputError, match=re.escape(message)):
        check()


def test_it_is_known_by_its_methods():
    """Other things are left alone."""
    assert is_component(Problem())
    assert not is_component(np.sin)


@pytest.mark.parametrize("k", [1.0, 1.1])
def test_real_components(k):
    """Explicit ones with a pattern, implicit ones with a solver, and a problem that is set up."""
    om = pytest.importorskip("openmdao.api")

    class Explicit(om.ExplicitComponent):
        def setup(self):
            self.add_input("a", val=A)
            self.add_input("b", val=2.0)
            self.add_output("y", shape=3)
            self.add_output("z")
            self.declare_partials("y", "a", rows=np.arange(3), cols=np.arange(3))
            self.declare_partials("y", "b")
            self.declare_partials("z", "a")

        def compute(self, inputs, outputs):
            outputs["y"] = inputs["a"] ** 2 * inputs["b"]
            outputs["z"] = np.sum(np.sin(inputs["a"]))

        def compute_partials(self, inputs, partials):
            partials["y", "a"] = 2 * inputs["a"] * inputs["b"]
            partials["y", "b"] = inputs["a"] ** 2
            partials["z", "a"] = np.cos(inputs["a"]) * [1, 1, k]

    class Implicit(om.ImplicitComponent):
        def setup(self):
            self.add_input("a", val=2.0)
            self.add_output("x", val=1.0)
            self.declare_partials("*", "*")
            self.nonlinear_solver = om.NewtonSolver(solve_subsystems=False, iprint=-1)
            self.linear_solver = om.DirectSolver()

        def apply_nonlinear(self, inputs, outputs, residuals):
            residuals["x"] = outputs["x"] ** 2 - inputs["a"]

        def linearize(self, inputs, outputs, partials):
            partials["x", "x"] = 2 * outputs["x"]
            partials["x", "a"] = -k

    problem = om.Problem(reports=False)
    problem.model.add_subsystem("c", Explicit(), promotes=["*"])
    problem.setup()
    for model in (Explicit(), problem):
        assert [e.name for e in check_gradients(model).wrong] == ["dz/da[0,2]"] * (k > 1)
    assert [e.name for e in check_gradients(Implicit(), {"a": 3.0}).wrong] == ["dx/da[0,0]"] * (k > 1)


def square(om, k=2.0, *, raises=False):
    class Square(om.ExplicitComponent):
        def setup(self):
            self.add_input("a", val=2.0)
            self.add_output("b")
            self.declare_partials("b", "a")

        def compute(self, inputs, outputs):
            if raises:
                raise ArithmeticError
            outputs["b"] = inputs["a"] ** 2

        def compute_partials(self, inputs, partials):
            partials["b", "a"] = k * inputs["a"]

    return Square()


@pytest.mark.parametrize("k", [2.0, 3.0])
def test_what_another_component_computes_is_no_input(k):
    """It is written over at each run, so that nothing moves with it; a group is put into a problem of its own."""
    om = pytest.importorskip("openmdao.api")

    def group():
        group = om.Group()
        group.add_subsystem("first", square(om, k))
        group.add_subsystem("second", square(om))
        group.connect("first.b", "second.a")
        return group

    problem = om.Problem(model=group(), reports=False)
    problem.setup()
    for model in (problem, group()):
        found = check_gradients(model)
        assert {*found.tensors} == {"dfirst.b/dfirst.a", "dsecond.b/dfirst.a"}
        assert {e.tensor for e in found.wrong} == ({*found.tensors} if k > 2 else set())


def test_what_a_run_raises_is_told():
    """In our words, with the component's exception as the cause."""
    om = pytest.importorskip("openmdao.api")
    with pytest.raises(GradientError, match="a run of the component raised ArithmeticError"):
        check_gradients(square(om, raises=True))
    with pytest.raises(InputError, match="Square brings its own partials, which are what is checked; leave out grad="):
        check_gradients(square(om), grad=lambda: 1)
