"""What a user types, for whatever holds a derivative."""

import numpy as np

from gradcheck import GradientError, Oracle, Verdict, assert_gradients, check_gradients
from gradcheck.networks import CrossEntropy, Dense, Tanh, mlp

rng = np.random.default_rng(0)
x, y = rng.standard_normal(5), rng.standard_normal(5)


class Net:  # any object with a dict of parameters, and a loss that returns (loss, grads)
    params = {"w": rng.standard_normal(3)}

    def loss(self, X, y):
        r = X @ self.params["w"] - y
        return np.mean(r**2), {"w": 2 * X.T @ r / len(y)}


# --8<--
# a function that returns one number, of an array, or of a dict, list or tuple of arrays, nested as you like
check_gradients(lambda x: np.sum(np.sin(x)), x, grad=np.cos)
check_gradients(lambda p: p["a"] @ p["b"], {"a": x, "b": y}, grad=lambda p: {"a": p["b"], "b": p["a"]})

# several arguments or outputs, and the pullback of a cotangent
check_gradients(np.multiply, x, y, vjp=lambda x, y, dout: (y * dout, x * dout))

# as with jac=True in SciPy: fun(w) -> (value, gradient)
check_gradients(lambda w: (w @ w, 2 * w), x, value_and_grad=True)

# an object with a dict `params` and loss(X, y) -> (loss, grads)
check_gradients(Net(), rng.standard_normal((20, 3)), rng.standard_normal(20))

# a reference layer, a network of them, a network with a loss on top
check_gradients(Dense.random(3, 8, rng), rng.standard_normal((4, 3)))
check_gradients(mlp((3, 8, 2), Tanh(), rng), rng.standard_normal((4, 3)), loss=CrossEntropy(np.array([0, 1, 1, 0])))

# anything else, in three fields
report = check_gradients(Oracle(point=x, value=lambda x: x @ x, gradient=lambda x: 2 * x))

report.verdict is Verdict.CORRECT  # the worst of all
report.tensors["x"].worst  # its worst entry: .claim .estimate .uncertainty .verdict
report.wrong  # every wrong entry, the worst first
report.diagnosis  # the probable cause, in sentences
report.save("report.html")  # or .md .json .csv .txt

try:
    assert_gradients(lambda x: x @ x, x, grad=lambda x: x)
except GradientError as error:
    print(error)
