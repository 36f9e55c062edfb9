"""What is a network of dense layers in JAX? A function of its arrays, as it stands and compiled."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

ONE_THREAD = "--xla_cpu_multi_thread_eigen=false"  # read when JAX begins
Value = Callable[[Mapping[str, Any]], Any]


def dense(arrays: Mapping[str, Any], x: Any, labels: Any) -> tuple[Value, Value, dict[str, Any]]:  # noqa: ANN401  arrays
    """Return the mean cross-entropy of layers with tanh between them, the same compiled, and a point of its own."""
    os.environ.setdefault("XLA_FLAGS", ONE_THREAD)
    import jax
    import jax.numpy as jnp

    x, rows = jnp.asarray(x), jnp.arange(len(labels))

    def value(p: Mapping[str, Any]) -> Any:  # noqa: ANN401  of JAX
        *tensors, W, b = p.values()
        h = x
        for V, c in zip(tensors[::2], tensors[1::2], strict=True):
            h = jnp.tanh(h @ V + c)
        return -jnp.mean(jax.nn.log_softmax(h @ W + b)[rows, labels])

    compiled = jax.jit(value)
    return value, lambda p: float(compiled(p)), {name: np.array(array) for name, array in arrays.items()}
