"""A kernel in C, called with ctypes: softplus summed by rows, and its backward.

Two mistakes are found: the backward writes where it should add, so that only the last use of a weight counts; and the
wrapper hands C the memory of a cotangent that may be a view with gaps. The compiler is the system's `cc`.
"""

import ctypes
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from gradcheck import check_gradients

SOURCE = """
#include <math.h>
void forward(int n, const int *row, const double *x, const double *w, double *y) {
  for (int i = 0; i < n; i++) y[row[i]] += log1p(exp(x[i])) * w[row[i]];
}
void backward(int n, const int *row, const double *x, const double *w, const double *dy, double *dx, double *dw) {
  for (int i = 0; i < n; i++) {
    dx[i] = dy[row[i]] * w[row[i]] / (1 + exp(-x[i]));
    dw[row[i]] = dy[row[i]] * log1p(exp(x[i]));
  }
}
"""
row = np.array([0, 1, 1, 2, 0, 1], dtype=np.intc)
x, w = np.linspace(-2, 2, 6), np.array([1.0, 0.5, -1.0])


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def checked(name, source, contiguous):
    Path(folder, f"{name}.c").write_text(source)
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", f"{name}.so", f"{name}.c", "-lm"], cwd=folder, check=True)
    library = ctypes.CDLL(f"{folder}/{name}.so")

    def softplus_rows(x, w):
        y = np.zeros(3)
        library.forward(row.size, *map(pointer, (row, x, w, y)))
        return y

    def pullback(x, w, dy):
        dy, dx, dw = contiguous(dy), np.zeros_like(x), np.zeros_like(w)
        library.backward(row.size, *map(pointer, (row, x, w, dy, dx, dw)))
        return dx, dw

    print(check_gradients(softplus_rows, x, w, vjp=pullback))


if not shutil.which("cc"):
    sys.exit("this example needs a C compiler, `cc`")
with tempfile.TemporaryDirectory() as folder:
    checked("first", SOURCE, contiguous=np.asarray)
    checked("mended", SOURCE.replace("dw[row[i]] =", "dw[row[i]] +="), contiguous=np.ascontiguousarray)
