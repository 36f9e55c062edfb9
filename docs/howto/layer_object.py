"""A layer as courses write it: it keeps its cache and its gradients in itself."""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)


class BatchNorm:
    def forward(self, x):
        self.mean, self.std = x.mean(axis=0), np.sqrt(x.var(axis=0) + 1e-5)
        self.normed = (x - self.mean) / self.std
        return self.gamma * self.normed + self.beta

    def backward(self, dout):
        self.dgamma, self.dbeta = (dout * self.normed).sum(axis=0), dout.sum(axis=0)
        dx = dout * self.gamma
        return (dx - dx.mean(axis=0)) / self.std  # the mean moves with x; so does the deviation


layer = BatchNorm()


def f(x, gamma, beta):
    layer.gamma, layer.beta = gamma, beta
    return layer.forward(x)


def vjp(x, gamma, beta, dout):
    f(x, gamma, beta)
    dx = layer.backward(dout)
    return dx, layer.dgamma, layer.dbeta


report = check_gradients(f, rng.standard_normal((6, 3)), rng.standard_normal(3), np.zeros(3), vjp=vjp)
print([(name, tensor.verdict.name) for name, tensor in report.tensors.items()])
print(*report.diagnosis)
