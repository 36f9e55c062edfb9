"""Diffrax: solvers of differential equations."""

import diffrax
import jax.numpy as jnp

from ecosystem import derivative

p, y0 = jnp.array([0.7, 0.3]), jnp.array([1.0, 0.5])


def field(t, y, p):
    return jnp.array([-p[0] * y[0] + 0.1 * y[1], p[1] * y[0] - jnp.sin(y[1])])


def solved(solver, adjoint, controller):
    """Return y(1) as a function of the parameters and of y(0)."""

    def end(p, y0):
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(field), solver, 0.0, 1.0, 0.1, y0, args=p, adjoint=adjoint, stepsize_controller=controller
        )
        return solution.ys[-1]

    return end


TOLERANCE = (
    "A real difference, of the size of the solver's tolerance: the steps that the controller chooses depend on the "
    "parameters and, on the way back, on the cotangent, which no adjoint follows; to 1e-10 the two agree."
)
fine = diffrax.PIDController(rtol=1e-10, atol=1e-12)
fixed, adaptive = diffrax.ConstantStepSize(), diffrax.PIDController(rtol=1e-6, atol=1e-9)

CASES = [
    derivative("Euler", solved(diffrax.Euler(), diffrax.RecursiveCheckpointAdjoint(), fixed), p, y0),
    derivative(
        "Tsit5, checkpoints",
        solved(diffrax.Tsit5(), diffrax.RecursiveCheckpointAdjoint(), adaptive),
        p,
        y0,
        truth=TOLERANCE,
    ),
    derivative("Tsit5, to 1e-10", solved(diffrax.Tsit5(), diffrax.RecursiveCheckpointAdjoint(), fine), p, y0),
    derivative(
        "Tsit5, backsolve", solved(diffrax.Tsit5(), diffrax.BacksolveAdjoint(), adaptive), p, y0, truth=TOLERANCE
    ),
    derivative(
        "Kvaerno3", solved(diffrax.Kvaerno3(), diffrax.RecursiveCheckpointAdjoint(), adaptive), p, y0, truth=TOLERANCE
    ),
]
