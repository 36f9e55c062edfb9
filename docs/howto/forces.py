"""Two atoms on a spring, with forces in other units."""

import numpy as np

from gradcheck import check_gradients


def energy(R):
    return (np.linalg.norm(R[1] - R[0]) - 1) ** 2


def forces(R):
    d = R[1] - R[0]
    r = np.linalg.norm(d)
    pull = 2 * (r - 1) * d / r
    return np.array([pull, -pull]) * 27.2113862 / 0.529177211


report = check_gradients(energy, np.array([[0.0, 0, 0], [1.2, 0.3, 0.1]]), forces=forces)
print(report.diagnosis[0])
