"""CasADi: functions with the gradients that it derives."""

import casadi as ca
import numpy as np

from ecosystem import derivative, normal

x = ca.SX.sym("x", 3)
t = ca.SX.sym("t")


def adjoint(name, options, **keywords):
    """Return the sum of the state at the end, with the gradient that CasADi integrates backwards."""
    ode = {"x": x, "p": t, "ode": ca.vertcat(-t * x[0], x[0] - x[1], ca.sin(x[1]))}
    solver = ca.integrator("F", "cvodes", ode, options)
    p, state = ca.MX.sym("p"), ca.MX.sym("s", 3)
    end = ca.Function("end", [state, p], [ca.sum1(solver(x0=state, p=p)["xf"])])
    slope = ca.Function("slope", [state, p], [ca.gradient(end(state, p), state), ca.gradient(end(state, p), p)])
    return derivative(
        name,
        lambda s, p: float(end(s, p)),
        np.array([1.0, 0.5, 0.1]),
        0.7,
        grad=lambda s, p: (np.array(slope(s, p)[0]).ravel(), float(slope(s, p)[1])),
        **keywords,
    )


def symbolic(name, expression, at):
    """Return an expression of x with its gradient."""
    f, g = ca.Function("f", [x], [expression]), ca.Function("g", [x], [ca.gradient(expression, x)])
    return derivative(name, lambda v: float(f(v)), at, grad=lambda v: np.array(g(v)).ravel())


CASES = [
    symbolic("gradient, polynomial", x[0] ** 2 * x[1] + ca.exp(x[2]), normal(3)),
    symbolic("gradient, norm", ca.norm_2(x), normal(3)),
    symbolic("gradient, atan2", ca.atan2(x[0], x[1]) * x[2], normal(3)),
    symbolic("gradient, if_else", ca.if_else(x[0] > 0, x[1] ** 2, x[2]), normal(3)),
    symbolic("gradient, fmax", ca.fmax(x[0], x[1]) + ca.fabs(x[2]), normal(3)),
    adjoint(
        "integrator(cvodes), adjoint",
        {},
        truth="A real difference: the adjoint is integrated backwards with steps and tolerances of its own, to some "
        "1e-5 of the slope with respect to p; to 1e-10 the two agree.",
    ),
    adjoint("integrator(cvodes), adjoint, to 1e-10", {"abstol": 1e-12, "reltol": 1e-10}),
]
