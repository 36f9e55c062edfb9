"""OpenMDAO: components with declared partial derivatives."""

import os
import tempfile

os.environ.setdefault("OPENMDAO_REPORTS", "0")
os.environ.setdefault("OPENMDAO_WORKDIR", tempfile.mkdtemp())  # it writes where it runs

import numpy as np
import openmdao.api as om

from ecosystem import derivative, normal


def partials(name, component, inputs):
    """Return a component's outputs by one of its inputs, with the partials that it computes."""
    problem = om.Problem()
    problem.model.add_subsystem("c", component, promotes=["*"])
    problem.setup(mode="rev")
    names = list(inputs)
    for n in names:
        problem.set_val(n, inputs[n])
    problem.run_model()
    of = [meta["prom_name"] for meta in problem.model.get_io_metadata(iotypes="output", excludes="_auto_ivc*").values()]

    def run(*values):
        for n, value in zip(names, values, strict=True):
            problem.set_val(n, value)
        problem.run_model()
        return {o.replace(":", "_"): problem.get_val(o).copy() for o in of}

    def pullback(*values):
        *values, cotangent = values
        run(*values)
        totals = problem.compute_totals(of, names)
        return tuple(
            sum(np.ravel(cotangent[o]) @ totals[o, n] for o in of).reshape(np.shape(value))
            for n, value in zip(names, values, strict=True)
        )

    return derivative(name, run, *inputs.values(), vjp=pullback)


CASES = [
    partials(
        "ExecComp", om.ExecComp("y = 3*a**2 + sin(b)", a=1.0, b=0.5), {"a": np.array([1.2]), "b": np.array([0.4])}
    ),
    partials("CrossProductComp", om.CrossProductComp(vec_size=2), {"a": normal(2, 3), "b": normal(2, 3, seed=1)}),
    partials("DotProductComp", om.DotProductComp(vec_size=2, length=3), {"a": normal(2, 3), "b": normal(2, 3, seed=1)}),
    partials(
        "EQConstraintComp",
        om.EQConstraintComp("x", normalize=True),
        {"lhs:x": np.array([1.3]), "rhs:x": np.array([2.7])},
    ),
    partials("KSComp", om.KSComp(width=4), {"g": normal(1, 4)}),
    partials("VectorMagnitudeComp", om.VectorMagnitudeComp(vec_size=2, length=3), {"a": normal(2, 3)}),
    partials(
        "MatrixVectorProductComp",
        om.MatrixVectorProductComp(vec_size=1, A_shape=(3, 3)),
        {"A": normal(1, 3, 3), "x": normal(1, 3)},
    ),
    partials("LinearSystemComp", om.LinearSystemComp(size=3), {"A": normal(3, 3) + 3 * np.eye(3), "b": normal(3)}),
]
