"""NumPyro: log densities."""

import jax.numpy as jnp
import numpyro.distributions as dist

from ecosystem import derivative, normal

values = jnp.asarray(normal(5) * 0.5, jnp.float32)
probabilities = jnp.array([0.2, 0.5, 0.3])

CASES = [
    derivative("Normal.log_prob", lambda m, s: dist.Normal(m, s).log_prob(values).sum(), 0.3, 1.2),
    derivative("StudentT.log_prob", lambda n, m: dist.StudentT(n, m).log_prob(values).sum(), 4.0, 0.3),
    derivative("Gamma.log_prob", lambda a, b: dist.Gamma(a, b).log_prob(jnp.abs(values)).sum(), 2.0, 1.5),
    derivative("Beta.log_prob", lambda a, b: dist.Beta(a, b).log_prob(jnp.array([0.2, 0.7])).sum(), 2.0, 1.5),
    derivative("Dirichlet.log_prob", lambda a: dist.Dirichlet(a).log_prob(probabilities), jnp.array([1.5, 2.0, 0.7])),
    derivative(
        "NegativeBinomial2.log_prob",
        lambda m, c: dist.NegativeBinomial2(m, c).log_prob(jnp.array([0, 3, 5])).sum(),
        2.5,
        1.5,
    ),
    derivative("VonMises.log_prob", lambda m, k: dist.VonMises(m, k).log_prob(values).sum(), 0.3, 2.0),
    derivative(
        "LKJCholesky.log_prob", lambda c: dist.LKJCholesky(2, c).log_prob(jnp.array([[1.0, 0.0], [0.6, 0.8]])), 1.5
    ),
    derivative(
        "ZeroInflatedPoisson.log_prob",
        lambda g, r: dist.ZeroInflatedPoisson(g, r).log_prob(jnp.array([0, 2, 1])).sum(),
        0.3,
        1.7,
    ),
]
