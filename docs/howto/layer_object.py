"""A layer as courses write it: it keeps its cache and its gradients in itself."""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)


class BatchNorm:
    def __init__(self, width):
        self.gamma, self.beta = rng.standard_normal(width), np.zeros(width)

    def forward(self, x):
        self.mean, self.std = x.mean(axis=0), np.sqrt(x.var(axis=0) + 1e-5)
        self.normed = (x - self.mean) / self.std
        return self.gamma * self.normed + self.beta

    def backward(self, dout):
        self.dgamma, self.dbeta = (dout * self.normed).sum(axis=0), dout.sum(axis=0)
        dx = dout * self.gamma
        return (dx - dx.mean(axis=0)) / self.std  # the mean moves with x; so does the deviation


report = check_gradients(BatchNorm(3), rng.standard_normal((6, 3)))
print([(name, tensor.verdict.name) for name, tensor in report.tensors.items()])
print(*report.diagnosis)
