"""Partials of one component of OpenMDAO: residuals, both modes, and what OpenMDAO differentiates itself."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients
from gradcheck._adapters import partials

A = np.array([0.5, 1.0, 2.0])


class Fake:
    """Stands for OpenMDAO's classes in tests of what needs no run."""


def test_a_method_of_differences_is_known_by_its_patterns():
    """As declare_partials takes them: names, patterns, or lists of these."""
    fake = Fake()
    fake._declared_partials_patterns = {("y", ("a", "b*")): {"method": "fd"}, ("*", "c"): {"method": "exact"}}
    pairs = [("y", "a"), ("y", "b1"), ("z", "a"), ("y", "c")]
    assert [partials.differences(fake, pair) for pair in pairs] == ["fd", "fd", "", ""]
    assert partials.differences(fake, ("residual of y", "a")) == "fd"
    assert partials.differences(Fake(), ("y", "a")) == ""


def product(om, forward=1.0, reverse=1.0):
    """A component without a matrix: y = a^2, in both modes, with an error in each."""

    class MatrixFree(om.ExplicitComponent):
        def setup(self):
            self.add_input("a", val=A)
            self.add_discrete_input("n", 2)
            self.add_output("y", shape=3)

        def compute(self, inputs, outputs, discrete_inputs, discrete_outputs):
            outputs["y"] = inputs["a"] ** discrete_inputs["n"]

        def compute_jacvec_product(self, inputs, d_inputs, d_outputs, mode, discrete_inputs):
            n = discrete_inputs["n"]
            slope = n * inputs["a"] ** (n - 1)
            if mode == "fwd":
                d_outputs["y"] += forward * slope * d_inputs["a"]
            else:
                d_inputs["a"] += reverse * slope * d_outputs["y"]

    return MatrixFree()


def test_each_mode_of_a_matrix_free_component():
    """What is wrong in the mode that a total would not take is found; a discrete input is held fixed."""
    om = pytest.importorskip("openmdao.api")
    for errors, mode in (({"forward": 1.1}, "fwd"), ({"reverse": 1.1}, "rev")):
        found = check_gradients(product(om, **errors))
        assert {entry.tensor for entry in found.wrong} == {f"dy/da ({mode})"}
    right = check_gradients(product(om), {"n": 3})
    assert right.tensors["dy/da (fwd)"].wrong == right.tensors["dy/da (rev)"].wrong == 0
    assert "held fixed, as discrete: n" in right.notes


def square_root(om, k=1.0):
    """An implicit component without a solver: u^2 = a."""

    class Implicit(om.ImplicitComponent):
        def setup(self):
            self.add_input("a", val=2.0)
            self.add_output("u", val=1.0)
            self.declare_partials("*", "*")

        def apply_nonlinear(self, inputs, outputs, residuals):
            residuals["u"] = outputs["u"] ** 2 - inputs["a"]

        def linearize(self, inputs, outputs, partials):
            partials["u", "u"] = 2 * outputs["u"]
            partials["u", "a"] = -k

    return Implicit()


@pytest.mark.filterwarnings("ignore:The top level group has a nonlinear solver")
def test_an_implicit_component_that_nothing_solves():
    """Its residuals are checked, by inputs and outputs; a problem around it is refused, and taken with a solver."""
    om = pytest.importorskip("openmdao.api")
    assert [entry.name for entry in check_gradients(square_root(om, -1.0)).wrong] == ["dR_u/da[0,0]"]
    assert {*assert_gradients(square_root(om), {"a": 3.0, "u": -1.5}).tensors} == {"dR_u/da", "dR_u/du"}
    problem = om.Problem(reports=False)
    problem.model.add_subsystem("c", square_root(om), promotes=["*"])
    problem.setup()
    with pytest.raises(InputError, match="nothing in the problem solves it; give its group a nonlinear solver"):
        check_gradients(problem)
    problem.model.nonlinear_solver = om.NewtonSolver(solve_subsystems=False, iprint=-1)
    problem.model.linear_solver = om.DirectSolver()
    problem.setup()
    assert assert_gradients(problem).verdict is Verdict.CORRECT


def test_what_openmdao_differentiates_itself_is_left_out():
    """With a note; a component in which that is all, and a problem that is not set up, are refused."""
    om = pytest.importorskip("openmdao.api")

    class Differences(om.ExplicitComponent):
        def setup(self):
            self.add_input("a", val=A)
            self.add_input("b", val=2.0)
            self.add_output("y", shape=3)
            self.declare_partials("y", "a", method="fd")
            self.declare_partials("y", "b", method="cs" if self.options["all"] else "exact")

        def initialize(self):
            self.options.declare("all", False)

        def compute(self, inputs, outputs):
            outputs["y"] = inputs["a"] ** 2 * inputs["b"]

        def compute_partials(self, inputs, partials):
            if not self.options["all"]:
                partials["y", "b"] = inputs["a"] ** 2

    report = assert_gradients(Differences())
    assert {*report.tensors} == {"dy/db"}
    assert "dy/da: declared with a method of differences, so not checked" in report.notes
    with pytest.raises(InputError, match="declared with method='fd', a difference: nothing to check"):
        check_gradients(Differences(all=True))
    with pytest.raises(InputError, match=r"call setup\(\) on a problem before it is checked"):
        check_gradients(om.Problem(reports=False))


@pytest.mark.parametrize("k", [1.0, 2.0])
def test_partials_without_a_linear_solver_are_those_of_residuals(k):
    """OpenMDAO makes no totals of them, so that right partials would be called wrong."""
    om = pytest.importorskip("openmdao.api")

    class Solved(type(square_root(om, k))):
        def solve_nonlinear(self, inputs, outputs):
            outputs["u"] = np.sqrt(inputs["a"])

    found = check_gradients(Solved(), {"a": 3.0})
    assert {*found.tensors} == {"dR_u/da", "dR_u/du"}
    assert {e.tensor for e in found.wrong} == ({"dR_u/da"} if k > 1 else set())


def test_openmdaos_own_partials_are_left_out():
    """Nobody wrote them by hand, and OpenMDAO does not tell them."""
    om = pytest.importorskip("openmdao.api")
    with pytest.raises(InputError, match="the partials of BalanceComp are OpenMDAO's own"):
        check_gradients(om.BalanceComp("x", val=1.0, rhs_val=3.0))
