"""What have a convolution, its way back and the transposed convolution in common? One sum.

Take an image x, weights W and one number y for each place of each output channel, and let tap k
of the window at place t lie on pixel s(t, k), as windows.py tells. Then

    F(x, W, y) = Σ y[n, o, t] W[o, c, k] x[n, c, s(t, k)]    over all of n, o, c, t, k

is linear in each of the three. So its derivative with respect to one of them is a sum over the other two:

    by y: what W makes of each window of x. This is a convolution.
    by x: each place t puts its copy of W, times y, where its window lies, and the copies add up.
          This is the transposed convolution.
    by W: how strongly pixel and output spoke up together, at every distance k.

If a convolution is a part of a network and dy the sensitivity of the cost to its output, then a
change of x or of W changes the cost by as much as it changes F(x, W, dy). So the gradients are F's
derivatives with respect to x and W. In a transposed convolution image and output have changed places, and
nothing else is new.

Each of the three is a product of matrices, once the windows are the rows of one. With groups, the
channels are divided into G stacks, and each output listens to its own stack alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from .layer import Array
from .windows import Windows


@dataclass(frozen=True)
class Trilinear:
    """F(x, W, y) = Σ y[n, o, t] W[o, c, k] x[n, c, s(t, k)], and its derivative with respect to each of the three.

    With G groups, the outputs o of group g take the channels c of group g; W counts these only.
    """

    windows: Windows
    groups: int

    def by_y(self, x: Array, W: Array) -> Array:  # (N, C, *S), (O, C/G, *K) -> (N, O, *T)
        """∂F/∂y[n, o, t] = Σ W[o, c, k] x[n, c, s(t, k)] over c, k."""
        y = self._rows_of_windows(x) @ self._matrices(W).swapaxes(1, 2)  # (G, N·T, O/G)
        return self._images(y, len(x))

    def by_x(self, W: Array, y: Array) -> Array:  # (O, C/G, *K), (N, O, *T) -> (N, C, *S)
        """∂F/∂x[n, c, s] = Σ y[n, o, t] W[o, c, k] over o and every t, k with s(t, k) = s."""
        T, K, a = self.windows.places, self.windows.kernel, len(self.windows.places)
        rows = self._rows(y) @ self._matrices(W)  # (G, N·T, C/G·K)
        w = rows.reshape(self.groups, len(y), *T, W.shape[1], *K)
        w = w.transpose(1, 0, 2 + a, *range(2, 2 + a), *range(3 + a, 3 + 2 * a))  # (N, G, C/G, *T, *K)
        return self.windows.back(w.reshape(len(y), self.groups * W.shape[1], *T, *K))

    def by_W(self, x: Array, y: Array) -> Array:  # noqa: N802 (N, C, *S), (N, O, *T) -> (O, C/G, *K)
        """∂F/∂W[o, c, k] = Σ y[n, o, t] x[n, c, s(t, k)] over n, t."""
        W: Array = self._rows(y).swapaxes(1, 2) @ self._rows_of_windows(x)  # (G, O/G, C/G·K)
        return W.reshape(y.shape[1], x.shape[1] // self.groups, *self.windows.kernel)

    def _rows_of_windows(self, x: Array) -> Array:  # (N, C, *S) -> (G, N·T, C/G·K)
        """Lay every window in a row: the patches that the kernel meets, one below the other."""
        (N, C), T, K, a = x.shape[:2], self.windows.places, self.windows.kernel, len(self.windows.places)
        w = self.windows.of(x).reshape(N, self.groups, C // self.groups, *T, *K)
        w = w.transpose(1, 0, *range(3, 3 + a), 2, *range(3 + a, 3 + 2 * a))  # (G, N, *T, C/G, *K)
        return w.reshape(self.groups, N * prod(T), C // self.groups * prod(K))

    def _matrices(self, W: Array) -> Array:  # (O, C/G, *K) -> (G, O/G, C/G·K)
        return W.reshape(self.groups, W.shape[0] // self.groups, prod(W.shape[1:]))

    def _rows(self, y: Array) -> Array:  # (N, O, *T) -> (G, N·T, O/G)
        (N, n_out), T = y.shape[:2], prod(y.shape[2:])
        rows = y.reshape(N, self.groups, n_out // self.groups, T).transpose(1, 0, 3, 2)  # (G, N, T, O/G)
        return rows.reshape(self.groups, N * T, n_out // self.groups)

    def _images(self, rows: Array, N: int) -> Array:  # (G, N·T, O/G) -> (N, O, *T)
        G, T, each = self.groups, self.windows.places, rows.shape[2]
        images = rows.reshape(G, N, prod(T), each).transpose(1, 0, 3, 2)  # (N, G, O/G, T)
        return images.reshape(N, G * each, *T)
