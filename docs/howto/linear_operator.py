"""A difference, and its adjoint with a wrong edge."""

import numpy as np

from gradcheck import check_adjoint


def difference(x):
    return np.diff(x)


def transposed(u):
    return -np.diff(u, prepend=0, append=u[-1])  # append=0 is meant


report = check_adjoint(difference, np.ones(40), adjoint=transposed)
print(report.diagnosis[0])
print(report.notes[-1])
right = check_adjoint(np.fft.fft, np.ones(40) + 0j, adjoint=np.fft.ifft)
print(right.diagnosis[0])
