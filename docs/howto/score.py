"""The score of a Poisson regression on a data frame."""

import numpy as np
import pandas as pd

from gradcheck import check_gradients

rng = np.random.default_rng(0)
data = pd.DataFrame({"const": 1.0, "age": rng.normal(size=80), "dose": rng.normal(size=80)})
data["visits"] = rng.poisson(2.0, 80)
beta = pd.Series({"const": 0.6, "age": 0.1, "dose": -0.2})


def log_likelihood(beta, data):
    eta = data[beta.index] @ beta
    return (data["visits"] * eta - np.exp(eta)).sum()


def score(beta, data):
    residual = data["visits"] - np.exp(data[beta.index] @ beta)
    covariates = data[beta.index].assign(age=data["age"].abs())
    return covariates.T @ residual


report = check_gradients(log_likelihood, beta, data, grad=score)
print(*[f"{entry.name} claimed {entry.claim:.4f}, measured {entry.estimate:.4f}" for entry in report.wrong])
print(*report.notes, sep="\n")
