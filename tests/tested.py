"""What is a tensor under test, of a function and a claim alone?"""

from __future__ import annotations

import math

import numpy as np

from gradcheck import Oracle
from gradcheck._entries.look import Look
from gradcheck._entries.second_opinions.opinions import sharpened
from gradcheck._entries.under_test import UnderTest
from gradcheck._judge.tolerance import Standard
from gradcheck._measure import derivative
from gradcheck._model.subject import Subject


def under_test(f, claim, x, seed=0, sigma=0.0):
    """Return one array under test; with `sigma` the noise of f is taken to be known."""

    def claimed(p):
        return {"x": claim(p["x"]) if callable(claim) else claim}

    subject = Subject.of(Oracle({"x": x}, lambda p: f(p["x"]), claimed), promote=False).settled()
    claims = np.asarray(claimed({"x": x})["x"], dtype=np.float64).ravel()
    standard = Standard(largest=float(np.max(np.abs(claims), where=np.isfinite(claims), initial=0.0)))
    return UnderTest.of(subject, "x", claims, standard, np.random.default_rng(seed), sigma=sigma)


def looked_at(f, claim, x, k=0, sigma=0.0, first=0):
    """Return what an opinion on entry k is given: the look, and what the ladder alone says."""
    tested = under_test(f, claim, np.asarray(x, dtype=np.float64), sigma=sigma)
    look = Look(tested, k, tested.ladder(k, tested.sigma), sharpened, first)
    return look, derivative.estimate(look.ladder)


ONE = np.array([1.0])
SLOPE = math.cos(1.0)


def sine(x):
    return float(np.sin(x).sum())


def with_noise(sigma, f=sine):
    """Return a function with noise, the same at every call of the same point."""
    return lambda x: f(x) + sigma * float(np.random.default_rng([1, *x.tobytes()]).standard_normal())


def on_the_sine(claim=SLOPE, **keywords):
    return looked_at(sine, np.array([claim]), ONE, **keywords)
