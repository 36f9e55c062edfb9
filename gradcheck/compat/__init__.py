"""What if a test suite already calls another gradient checker? It changes one import, and is judged by ours.

`from gradcheck.compat.torch import gradcheck, gradgradcheck` and `from gradcheck.compat.jax import check_grads` take
what `torch.autograd` and `jax.test_util` take under the same names, and return and raise what they do.
"""
