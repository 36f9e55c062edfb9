"""What is a layer of which one gradient is wrong? One within another, with something done to what comes back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gradcheck.networks import parameters, rebuild


@dataclass(frozen=True)
class Spoiled:
    """A network with something done to one of its gradients."""

    inner: object
    name: str
    how: object

    def forward(self, x):
        y, back = self.inner.forward(x)

        def backward(dy):
            dx, grad = back(dy)
            wrong = {self.name: self.how(parameters(grad)[self.name].copy())}
            return dx, replace(self, inner=rebuild(grad, wrong))

        return y, backward


def one_entry(G, index=(3, 5), by=1.0 + 1e-5):
    """Put one entry of a gradient off by a factor."""
    G[index] *= by
    return G
