"""Parameters in a dataclass, of which the gradient of one field is wrong."""

from dataclasses import dataclass

import numpy as np

from gradcheck import check_gradients

t = np.linspace(0, 3, 20)


@dataclass
class Decay:
    rate: float
    amplitude: np.ndarray


def loss(p):
    return np.sum((p.amplitude[:, None] * np.exp(-p.rate * t) - 1) ** 2)


def gradient(p):
    e = np.exp(-p.rate * t)
    r = 2 * (p.amplitude[:, None] * e - 1)
    return Decay(rate=np.sum(r * p.amplitude[:, None] * e * t), amplitude=r @ e)


report = check_gradients(loss, Decay(0.4, np.array([1.2, 0.7])), grad=gradient)
print([entry.name for entry in report.wrong])
print(report.diagnosis[0])
