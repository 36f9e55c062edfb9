"""Is a backward found that uses its cotangent twice?

dy * dy is dy where dy is 1, as it is for the sum of the outputs: the classic place for it to hide.
"""

import numpy as np

from traps import normal, wrong

x = normal(5)

CASES = [
    wrong("squared", np.sin, x, vjp=lambda x, dy: dy * dy * np.cos(x)),
    wrong("its absolute value", np.sin, x, vjp=lambda x, dy: np.abs(dy) * np.cos(x)),
    wrong("left out", np.sin, x, vjp=lambda x, dy: np.cos(x)),
    wrong("a constant added", np.sin, x, vjp=lambda x, dy: dy * np.cos(x) + 1e-3),
]
