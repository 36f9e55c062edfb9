"""A right network: every weight and bias measured, and how well each is known.

Nothing is wrong here. The table says for each tensor how far claim and measurement are apart, in units of the measured
uncertainty: well below one. That, and not a fixed tolerance, is what makes it right.
"""

import numpy as np

from gradcheck import check_gradients
from gradcheck.networks import CrossEntropy, Tanh, load_digits, mlp

digits = load_digits()
network = mlp((64, 16, 10), Tanh(), np.random.default_rng(0))
report = check_gradients(network, digits.x_train[:16], loss=CrossEntropy(digits.y_train[:16]), wrt="layers*")
