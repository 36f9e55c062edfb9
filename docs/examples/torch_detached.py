"""An output that carries no gradient, by mistake or by intent."""

import torch

from gradcheck import check_gradients


def encode(x):
    code = torch.tanh(x)
    return {"code": code, "energy": code.detach().square().sum()}


x = torch.linspace(-1, 1, 4)
print(check_gradients(encode, x))
print(check_gradients(encode, x, detached="energy").verdict.name)
