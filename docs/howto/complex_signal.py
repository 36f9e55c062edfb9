"""The power of a filtered signal."""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
A = rng.standard_normal((3, 4)) + 1j * rng.standard_normal((3, 4))
z = rng.standard_normal(4) + 1j * rng.standard_normal(4)

report = check_gradients(lambda z: np.sum(np.abs(A @ z) ** 2), z, grad=lambda z: A.conj().T @ (A @ z))
print(report.diagnosis[0])
report = check_gradients(lambda z: A @ z, z, vjp=lambda z, u: A.T @ u)
print(report.diagnosis[0])
