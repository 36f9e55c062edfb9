"""Points where the function has no derivative."""

import numpy as np

from gradcheck import check_gradients


def show(cause, *args, **keywords):
    report = check_gradients(*args, **keywords)
    print(f"{cause}: {report.verdict}")


# --8<--
# 1. an activation with a kink, at a pre-activation of exactly 0
show("relu", lambda x: np.sum(np.maximum(x, 0)), np.array([1.0, 0.0, -2.0]), grad=lambda x: (x > 0) * 1.0)

# 2. a tie: two entries share the maximum
show("max", np.max, np.array([3.0, 3.0, 1.0]), grad=lambda x: (np.arange(3) == np.argmax(x)) * 1.0)

# 3. a penalty on the absolute value, at parameters that are initialised with 0
show("l1", lambda w: np.sum(np.abs(w)), np.zeros(3), grad=np.sign)
