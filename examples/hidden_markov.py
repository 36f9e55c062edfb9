"""Forward-backward of a hidden Markov model: the gradient of its log likelihood by unconstrained parameters.

Start, transitions and emissions are softmaxes of free parameters. Forward-backward gives the expected counts of each;
the gradient is the counts less their row's total times the probability. A first version stops at the counts.
"""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
STATES, SYMBOLS = 3, 4
seen = rng.integers(SYMBOLS, size=25)
params = {
    "start": rng.standard_normal(STATES),
    "transition": rng.standard_normal((STATES, STATES)),
    "emission": rng.standard_normal((STATES, SYMBOLS)),
}


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def forward(p):
    start, A, B = (softmax(p[name]) for name in ("start", "transition", "emission"))
    alpha, scale = np.empty((len(seen), STATES)), np.empty(len(seen))
    for t, symbol in enumerate(seen):
        here = (alpha[t - 1] @ A if t else start) * B[:, symbol]
        scale[t] = here.sum()
        alpha[t] = here / scale[t]
    return start, A, B, alpha, scale


def log_likelihood(p):
    return np.sum(np.log(forward(p)[-1]))


def counts(p):
    _, A, B, alpha, scale = forward(p)
    transition, emission, beta = np.zeros_like(A), np.zeros_like(B), np.ones(STATES)
    for t in reversed(range(len(seen))):
        emission[:, seen[t]] += alpha[t] * beta
        if t:
            arriving = B[:, seen[t]] * beta / scale[t]
            transition += np.outer(alpha[t - 1], arriving) * A
            beta = A @ arriving
    return {"start": alpha[0] * beta, "transition": transition, "emission": emission}


def gradient(p):
    return {name: n - n.sum(-1, keepdims=True) * softmax(p[name]) for name, n in counts(p).items()}


print(check_gradients(log_likelihood, params, grad=counts))
print(check_gradients(log_likelihood, params, grad=gradient))
