"""e3nn: layers that turn with their input."""

import torch
from e3nn import nn, o3

from ecosystem import derivative

torch.manual_seed(0)
x, y = torch.randn(2, 5), torch.randn(2, 4)
weights = torch.randn(o3.FullyConnectedTensorProduct("2x0e+1x1o", "1x0e+1x1o", "1x0e+1x1o").weight_numel)

CASES = [
    derivative("o3.Linear", o3.Linear("2x0e+1x1o", "1x0e+2x1o"), x),
    derivative(
        "o3.FullyConnectedTensorProduct", o3.FullyConnectedTensorProduct("2x0e+1x1o", "1x0e+1x1o", "1x0e+1x1o"), x, y
    ),
    derivative(
        "o3.spherical_harmonics", lambda r: o3.spherical_harmonics([0, 1, 2], r, normalize=True), torch.randn(3, 3)
    ),
    derivative("nn.Gate", nn.Gate("1x0e", [torch.tanh], "1x0e", [torch.sigmoid], "1x1o"), torch.randn(2, 5)),
    derivative("nn.BatchNorm", nn.BatchNorm("2x0e+1x1o"), torch.randn(6, 5)),
    derivative("nn.FullyConnectedNet", nn.FullyConnectedNet([3, 5, 2], torch.nn.functional.silu), torch.randn(4, 3)),
]
