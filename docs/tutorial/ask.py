"""The question, in one line."""

from my_model import cost, gradient, params

from gradcheck import check_gradients

report = check_gradients(cost, params, grad=gradient)
print(report)
