"""Is agreement between nan and nan no agreement?

Neither f nor its gradient says anything. A comparison with equal_nan passes.
"""

import numpy as np

from traps import neither, normal

x = normal(5)

CASES = [
    neither("both", lambda x: np.nan * np.sum(x), x, grad=lambda x: np.nan * x, verdict="BROKEN"),
    neither("f alone", lambda x: np.nan * np.sum(x), x, grad=np.ones_like, verdict="BROKEN"),
    neither(
        "the logarithm of a negative number",
        lambda x: np.sum(np.log(x)),
        np.array([-1.0, 2.0]),
        grad=lambda x: 1 / x,
        verdict="BROKEN",
    ),
]
