"""PyLops: linear operators with their adjoints."""

import numpy as np
import pylops

from ecosystem import derivative, normal

COMPLEX = (
    "Its output is complex: a function of NumPy with complex outputs is refused, and its parts are to be returned."
)


def adjoint(name, operator, **keywords):
    """Return an operator with its adjoint, as the pullback of any linear map is."""
    x = normal(operator.shape[1])
    return derivative(name, operator.matvec, x, vjp=lambda _, v: operator.rmatvec(v), **keywords)


CASES = [
    adjoint("FirstDerivative", pylops.FirstDerivative(12)),
    adjoint("FirstDerivative, backward", pylops.FirstDerivative(12, kind="backward")),
    adjoint("SecondDerivative", pylops.SecondDerivative(12)),
    adjoint("Laplacian", pylops.Laplacian((4, 5))),
    adjoint("CausalIntegration", pylops.CausalIntegration(10, kind="trapezoidal")),
    adjoint("Convolve1D", pylops.signalprocessing.Convolve1D(12, np.array([1.0, 2.0, -1.0]), offset=1)),
    adjoint("Interp", pylops.signalprocessing.Interp(12, np.array([1.3, 4.7, 9.2]), kind="linear")[0]),
    adjoint("Smoothing1D", pylops.Smoothing1D(5, 15)),
    adjoint("Restriction", pylops.Restriction(10, [1, 4, 7])),
    adjoint("MatrixMult", pylops.MatrixMult(normal(4, 6))),
    adjoint("Regression", pylops.Regression(np.linspace(0, 1, 8), 2)),
    adjoint("LinearRegression", pylops.LinearRegression(np.linspace(0, 1, 8))),
    adjoint("Symmetrize", pylops.Symmetrize(7)),
    adjoint("InterpCubicSpline", pylops.signalprocessing.InterpCubicSpline(12, np.array([1.3, 4.7, 9.2]))),
    adjoint("FFT", pylops.signalprocessing.FFT(8), truth=COMPLEX),
    adjoint("DCT", pylops.signalprocessing.DCT(9)),
    adjoint("Shift", pylops.signalprocessing.Shift(12, 1.3), truth=COMPLEX),
    adjoint("NonStationaryConvolve1D", pylops.signalprocessing.NonStationaryConvolve1D(12, normal(3, 3), (2, 5, 8))),
    adjoint("Flip", pylops.Flip(7)),
    adjoint("VStack", pylops.VStack([pylops.Identity(6), pylops.Roll(6, shift=2)])),
    adjoint("Pad", pylops.Pad(5, (2, 3))),
    adjoint(
        "Radon2D",
        pylops.signalprocessing.Radon2D(
            np.arange(6.0), np.arange(5.0), np.linspace(-0.5, 0.5, 3), kind="linear", engine="numpy"
        ),
    ),
]
