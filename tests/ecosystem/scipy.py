"""SciPy: functions that come with their derivatives."""

import numpy as np
from scipy import interpolate, optimize, special, stats
from scipy.optimize import rosen, rosen_der, rosen_hess
from scipy.spatial.transform import Rotation

from ecosystem import derivative, normal

x = np.array([-1.2, 1.0, 0.5])
knots = np.linspace(0, 3, 9)
spline = interpolate.CubicSpline(knots, np.sin(knots))
bspline = interpolate.make_interp_spline(knots, np.cos(knots), k=3)
pchip = interpolate.PchipInterpolator(knots, np.sin(knots))
akima = interpolate.Akima1DInterpolator(knots, np.sin(knots))
inside = np.array([0.31, 1.7, 2.3])


def of(name, f, df, at, **keywords):
    """Return a function of every number by itself with its derivative."""
    return derivative(name, f, at, vjp=lambda x, v: v * df(x), **keywords)


def root(p):
    return optimize.root(lambda z: z + p[0] * np.sin(z) - p[1], np.zeros(1)).x[0]


CASES = [
    derivative("optimize.rosen_der", rosen, x, grad=rosen_der),
    derivative("optimize.rosen_hess", rosen_der, x, vjp=lambda x, v: rosen_hess(x) @ v),
    of("interpolate.CubicSpline.derivative", spline, spline.derivative(), inside),
    of("interpolate.BSpline.derivative", bspline, bspline.derivative(), inside),
    of("interpolate.PchipInterpolator.derivative", pchip, pchip.derivative(), inside),
    of("interpolate.Akima1DInterpolator.derivative", akima, akima.derivative(), inside),
    of("special.psi", special.gammaln, special.psi, np.array([0.3, 2.5, 40.0])),
    of("special.polygamma", special.psi, lambda x: special.polygamma(1, x), np.array([0.3, 2.5, 40.0])),
    of("special.j1", special.j0, lambda x: -special.j1(x), np.array([0.3, 2.5, 40.0])),
    of("special.erf", special.erf, lambda x: 2 / np.sqrt(np.pi) * np.exp(-(x**2)), np.array([-2.0, 0.1, 3.0])),
    of("special.dawsn", special.dawsn, lambda x: 1 - 2 * x * special.dawsn(x), np.array([0.1, 1.0, 5.0])),
    of("special.expi", special.expi, lambda x: np.exp(x) / x, np.array([-1.5, 0.2, 3.0])),
    of(
        "special.ellipk",
        special.ellipk,
        lambda m: (special.ellipe(m) - (1 - m) * special.ellipk(m)) / (2 * m * (1 - m)),
        np.array([0.1, 0.5, 0.9]),
    ),
    of(
        "special.lambertw",
        lambda x: special.lambertw(x).real,
        lambda x: 1 / (x + np.exp(special.lambertw(x).real)),
        np.array([0.1, 1.0, 5.0]),
    ),
    of(
        "special.log_ndtr",
        special.log_ndtr,
        lambda x: np.exp(stats.norm.logpdf(x) - special.log_ndtr(x)),
        np.array([-20.0, -3.0, 1.0]),
    ),
    of(
        "special.betainc",
        lambda x: special.betainc(2.0, 3.0, x),
        lambda x: stats.beta.pdf(x, 2.0, 3.0),
        np.array([0.2, 0.7]),
    ),
    of(
        "special.gammainc",
        lambda x: special.gammainc(2.5, x),
        lambda x: stats.gamma.pdf(x, 2.5),
        np.array([0.2, 1.7, 9.0]),
    ),
    of("stats.norm.pdf", stats.norm.cdf, stats.norm.pdf, np.array([-3.0, 0.2, 2.0])),
    of("stats.t.pdf", lambda x: stats.t.cdf(x, 4), lambda x: stats.t.pdf(x, 4), np.array([-3.0, 0.2, 2.0])),
    of(
        "stats.gaussian_kde",
        lambda x: np.array([stats.gaussian_kde(knots).integrate_box_1d(-9, t) for t in x]),
        stats.gaussian_kde(knots),
        inside,
    ),
    of("stats.ppf", stats.norm.ppf, lambda p: 1 / stats.norm.pdf(stats.norm.ppf(p)), np.array([0.01, 0.4, 0.9])),
    derivative("special.logsumexp, softmax", special.logsumexp, normal(5), grad=special.softmax),
    derivative(
        "Rotation.apply",
        lambda v: Rotation.from_rotvec([0.3, -0.2, 0.5]).apply(v),
        normal(3),
        vjp=lambda v, u: Rotation.from_rotvec([0.3, -0.2, 0.5]).inv().apply(u),
    ),
    derivative(
        "optimize.root, implicitly",
        root,
        np.array([0.7, 0.3]),
        grad=lambda p: np.array([-np.sin(root(p)), 1.0]) / (1 + p[0] * np.cos(root(p))),
    ),
]
