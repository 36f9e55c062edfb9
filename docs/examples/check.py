"""Is it right?"""

from network import grads, loss, params

from gradcheck import check_gradients

print(check_gradients(loss, params, grad=grads))
