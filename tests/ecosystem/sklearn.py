"""scikit-learn: losses, kernels and embeddings with gradients written by hand."""

import numpy as np
from scipy.special import expit
from sklearn._loss import loss as losses
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor, kernels
from sklearn.linear_model._huber import _huber_loss_and_gradient
from sklearn.manifold import _t_sne
from sklearn.neighbors import NeighborhoodComponentsAnalysis

from ecosystem import derivative, normal

X, y = normal(6, 2), normal(6)
w = np.array([0.3, -0.2, 0.1, 1.3])


def loss(name, made, truth, raw):
    """Return a loss of `sklearn._loss` with its own gradient."""
    return derivative(
        f"_loss.{name}",
        lambda z: made.loss(y_true=truth, raw_prediction=z).sum(),
        raw,
        grad=lambda z: made.gradient(y_true=truth, raw_prediction=z),
    )


def kernel(name, made):
    """Return the log marginal likelihood of a Gaussian process, by the logarithms of its hyperparameters."""
    process = GaussianProcessRegressor(made, optimizer=None, alpha=1e-3).fit(X, y)
    return derivative(
        f"GaussianProcessRegressor({name})",
        process.log_marginal_likelihood,
        np.array(process.kernel_.theta),
        grad=lambda theta: process.log_marginal_likelihood(theta, eval_gradient=True)[1],
    )


classifier = GaussianProcessClassifier(1.2 * kernels.RBF(0.8), optimizer=None).fit(X, y > 0)
P = np.full(15, 1 / 30)
nca = NeighborhoodComponentsAnalysis(n_components=2, init="identity")
nca.n_iter_ = 0
same = np.array([0, 0, 0, 1, 1, 1])
nca_mask = same[:, None] == same[None, :]

CASES = [
    loss("HalfSquaredError", losses.HalfSquaredError(), y, normal(6, seed=1)),
    loss("AbsoluteError", losses.AbsoluteError(), y, normal(6, seed=1)),
    loss("PinballLoss", losses.PinballLoss(quantile=0.3), y, normal(6, seed=1)),
    loss("HuberLoss", losses.HuberLoss(delta=0.7), y, normal(6, seed=1)),
    loss("HalfPoissonLoss", losses.HalfPoissonLoss(), np.abs(y), normal(6, seed=1)),
    loss("HalfGammaLoss", losses.HalfGammaLoss(), np.abs(y), normal(6, seed=1)),
    loss("HalfTweedieLoss", losses.HalfTweedieLoss(power=1.5), np.abs(y), normal(6, seed=1)),
    loss("HalfBinomialLoss", losses.HalfBinomialLoss(), (y > 0).astype(float), normal(6, seed=1)),
    loss(
        "HalfMultinomialLoss",
        losses.HalfMultinomialLoss(n_classes=3),
        np.array([0.0, 1, 2, 0, 1, 2]),
        np.asfortranarray(normal(6, 3, seed=1)),
    ),
    derivative(
        "linear_model._huber",
        lambda w: _huber_loss_and_gradient(w, X, y, 1.35, 0.1, np.ones(6))[0],
        w,
        grad=lambda w: _huber_loss_and_gradient(w, X, y, 1.35, 0.1, np.ones(6))[1],
    ),
    kernel("RBF", 1.2 * kernels.RBF(0.8)),
    kernel("RBF, one length a feature", kernels.RBF([0.8, 1.3]) + kernels.WhiteKernel(0.1)),
    kernel("Matern 1.5", kernels.Matern(0.8, nu=1.5)),
    kernel("Matern 0.5", kernels.Matern(0.8, nu=0.5)),
    kernel("RationalQuadratic", kernels.RationalQuadratic(0.8, 1.5)),
    kernel("ExpSineSquared", kernels.ExpSineSquared(0.8, 2.1) + kernels.WhiteKernel(0.3)),
    kernel("DotProduct", kernels.DotProduct(1.1) + kernels.WhiteKernel(0.2)),
    derivative(
        "GaussianProcessClassifier",
        classifier.log_marginal_likelihood,
        np.log([1.2, 0.8]),
        grad=lambda theta: classifier.log_marginal_likelihood(theta, eval_gradient=True)[1],
    ),
    derivative(
        "manifold._t_sne._kl_divergence",
        lambda e: _t_sne._kl_divergence(e, P, 1, 6, 2)[0],
        normal(12),
        grad=lambda e: _t_sne._kl_divergence(e, P, 1, 6, 2)[1],
    ),
    derivative(
        "NeighborhoodComponentsAnalysis",
        lambda t: nca._loss_grad_lbfgs(t, X, nca_mask, -1.0)[0],
        normal(4),
        grad=lambda t: nca._loss_grad_lbfgs(t, X, nca_mask, -1.0)[1],
    ),
    derivative("expit", expit, normal(4), vjp=lambda x, v: v * expit(x) * (1 - expit(x))),
]
