"""What if a test suite already calls another gradient checker? It changes one import, and gradcheck answers.

`from gradcheck.compat.torch import gradcheck, gradgradcheck`, `from gradcheck.compat.jax import check_grads` and `from
gradcheck.compat.scipy import check_grad, check_derivative` take what `torch.autograd`, `jax.test_util` and
`scipy.optimize` take under the same names, and return and raise what they do.
"""
