"""Whoever makes the evaluations: the engines that people have, each with two workers that the test starts and stops."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import check_gradients
from gradcheck._render.faces import render

X = np.random.default_rng(0).standard_normal((9, 8))


def waves(x):
    return float(np.sin(x).sum())


def one_off(x):
    d = np.cos(x)
    d[4, 5] *= 1.001
    return d


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Let workers work: this test may itself run in a worker of pytest-xdist."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)


@pytest.fixture
def serial():
    """Return the report without workers."""
    return render(check_gradients(waves, X, grad=one_off), "json")


@pytest.mark.filterwarnings("ignore")  # what a cluster says at its end
@pytest.mark.parametrize("way", ["the client", "its executor"])
def test_a_cluster_of_dask(serial, way):
    """The client itself, whose map answers futures, and the executor that it gives; the same bit for bit."""
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        workers = client if way == "the client" else client.get_executor()
        assert render(check_gradients(waves, X, grad=one_off, workers=workers), "json") == serial


@pytest.mark.filterwarnings("ignore")
def test_joblib(serial):
    """By its name; how many is joblib's own matter."""
    joblib = pytest.importorskip("joblib")
    with joblib.parallel_config(n_jobs=2, backend="threading"):
        assert render(check_gradients(waves, X, grad=one_off, workers="joblib"), "json") == serial


@pytest.mark.filterwarnings("ignore")
def test_a_pool_of_ray(serial):
    """Its map answers a list."""
    ray = pytest.importorskip("ray")
    pool = pytest.importorskip("ray.util.multiprocessing").Pool(2)
    try:
        assert render(check_gradients(waves, X, grad=one_off, workers=pool), "json") == serial
    finally:
        pool.terminate()
        ray.shutdown()
