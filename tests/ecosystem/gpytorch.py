"""GPyTorch: kernels and marginal likelihoods."""

import gpytorch
import torch

from ecosystem import derivative

torch.manual_seed(0)
X, y = torch.rand(6, 2), torch.randn(6)


class Process(gpytorch.models.ExactGP):
    """The Gaussian process of the package's first example."""

    def __init__(self):
        super().__init__(X, y, gpytorch.likelihoods.GaussianLikelihood())
        self.mean = gpytorch.means.ConstantMean()
        self.kernel = gpytorch.kernels.ScaleKernel(gpytorch.kernels.RBFKernel())

    def forward(self, x):
        return gpytorch.distributions.MultivariateNormal(self.mean(x), self.kernel(x))


class Evidence(torch.nn.Module):
    """The log marginal likelihood as a module."""

    def __init__(self):
        super().__init__()
        self.process = Process()
        self.evidence = gpytorch.mlls.ExactMarginalLogLikelihood(self.process.likelihood, self.process)

    def forward(self, x):
        return -self.evidence(self.process(x), y)


class Dense(torch.nn.Module):
    """A kernel, evaluated."""

    def __init__(self, kernel):
        super().__init__()
        self.kernel = kernel

    def forward(self, x):
        return self.kernel(x).to_dense()


CASES = [
    derivative("kernels.RBFKernel", Dense(gpytorch.kernels.RBFKernel(ard_num_dims=2)), X),
    derivative("kernels.MaternKernel(2.5)", Dense(gpytorch.kernels.MaternKernel(2.5)), X),
    derivative("kernels.MaternKernel(0.5)", Dense(gpytorch.kernels.MaternKernel(0.5)), X),
    derivative("kernels.PeriodicKernel", Dense(gpytorch.kernels.PeriodicKernel()), X),
    derivative("kernels.RQKernel", Dense(gpytorch.kernels.RQKernel()), X),
    derivative("mlls.ExactMarginalLogLikelihood", Evidence(), X, wrt="process*"),
]
