"""statsmodels: scores of likelihoods, and derivatives of links and kernels."""

import numpy as np
import statsmodels.api as sm
from statsmodels.discrete.count_model import ZeroInflatedPoisson
from statsmodels.discrete.discrete_model import MNLogit, NegativeBinomial, Poisson
from statsmodels.miscmodels.ordinal_model import OrderedModel

from ecosystem import derivative, normal

rng = np.random.default_rng(0)
X = np.column_stack([np.ones(30), normal(30, 2)])
b = np.array([0.3, -0.5, 0.2])
binary = (rng.random(30) < 0.5).astype(float)
counts = rng.poisson(np.exp(X @ b)).astype(float)
kinds = rng.integers(0, 3, 30)
links = sm.families.links
p = np.array([0.2, 0.5, 0.7])
gamma = sm.GLM(np.exp(normal(30)), X, family=sm.families.Gamma(links.Log()))
inverse = sm.GLM(np.exp(normal(30)), X, family=sm.families.InverseGaussian(links.Log()))
SCALE = (
    "A real difference: without `scale=`, `loglike` estimates the scale again at every point, and `score` "
    "leaves out what the likelihood owes to that; with a fixed scale the two agree."
)


def score(name, model, params, **keywords):
    """Return the log likelihood of a model with its score."""
    return derivative(f"{name}.score", model.loglike, params, grad=model.score, **keywords)


def link(name, transform, at):
    """Return a link with the derivative that it declares."""
    return derivative(f"links.{name}.deriv", transform, at, vjp=lambda x, v: v * transform.deriv(x))


CASES = [
    score("Logit", sm.Logit(binary, X), b),
    score("Probit", sm.Probit(binary, X), b),
    score("Poisson", Poisson(counts, X), b),
    score("NegativeBinomial", NegativeBinomial(counts, X), np.append(b, 0.7)),
    score("MNLogit", MNLogit(kinds, X), 0.3 * normal(6)),
    score("ZeroInflatedPoisson", ZeroInflatedPoisson(counts, X), np.append(0.2, b)),
    score("GLM(Gamma)", gamma, b, truth=SCALE),
    derivative(
        "GLM(Gamma).score, of scale 1",
        lambda b: gamma.loglike(b, scale=1.0),
        b,
        grad=lambda b: gamma.score(b, scale=1.0),
    ),
    score("GLM(InverseGaussian)", inverse, b, truth=SCALE),
    derivative(
        "GLM(InverseGaussian).score, of scale 1",
        lambda b: inverse.loglike(b, scale=1.0),
        b,
        grad=lambda b: inverse.score(b, scale=1.0),
    ),
    score("PHReg", sm.PHReg(rng.exponential(size=30), X[:, 1:], status=binary), b[:2]),
    score("ConditionalLogit", sm.ConditionalLogit(binary, X[:, 1:], groups=np.repeat(np.arange(6), 5)), b[:2]),
    derivative(
        "OrderedModel.score",
        OrderedModel(kinds, X[:, 1:], distr="logit").loglike,
        np.array([0.2, -0.1, -0.3, 0.4]),
        grad=OrderedModel(kinds, X[:, 1:], distr="logit").score,
    ),
    link("Logit", links.Logit(), p),
    link("Probit", links.Probit(), p),
    link("CLogLog", links.CLogLog(), p),
    link("Cauchy", links.Cauchy(), p),
    link("InversePower", links.InversePower(), 1 + p),
    link("NegativeBinomial", links.NegativeBinomial(0.7), 1 + p),
    derivative(
        "links.Logit.inverse_deriv",
        links.Logit().inverse,
        normal(4),
        vjp=lambda x, v: v * links.Logit().inverse_deriv(x),
    ),
]
