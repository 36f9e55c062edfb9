"""Is a right gradient accused beside kinks that the noise of single precision hides?

Where usual steps cross a kink, and those below it drown, the slope of the middle is off by up to half of what the sides
differ by. And stairs whose height the slope divides evenly look like a line without any noise.
"""

import numpy as np

from traps import right, wrong

SIX = 6


def bent(seed, factor=1.0):
    """Return f, its gradient and a point: sines, and kinks beside it, in a number of single precision."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(SIX)
    k, c = x + 10 ** rng.uniform(-4, -1.5, SIX) * rng.choice([-1, 1], SIX), rng.standard_normal(SIX)

    def f(x):
        return float(np.float32(3 + np.sum(np.sin(x)) + np.sum(c * np.maximum(x - k, 0))))

    return (f, x), {"grad": lambda x: factor * (np.cos(x) + c * (x > k)), "neighbours": 0}


def case(make, name, seed, factor=1.0, **keywords):
    args, claims = bent(seed, factor)
    return make(f"{name} ({seed})", *args, **claims, **keywords)


CASES = [
    *(case(right, "one of six", seed, verdict="CORRECT or UNDECIDED") for seed in (2083, 2718, 121)),
    *(case(right, "even stairs", seed, verdict="CORRECT or UNDECIDED") for seed in (531, 571, 633, 708, 741, 886)),
    *(case(wrong, "2 % off", seed, 1.02) for seed in (121, 531, 571, 2083)),
]
