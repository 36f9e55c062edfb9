"""Whoever makes the evaluations: the engines that people have, each with two workers that the test starts and stops."""

from __future__ import annotations

import inspect
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from engines import ENGINES
from waves import X, one_off, waves

from gradcheck import check_gradients
from gradcheck._render.faces import render
from gradcheck._workers import shared

LONG = 300  # seconds


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Let workers work: this test may itself run in a worker of pytest-xdist; and let them have all lines."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setattr(shared.Pace, "worth_it", lambda *_: True)


@pytest.fixture(scope="module")
def serial():
    """Return the report without workers."""
    return render(check_gradients(waves, X, grad=one_off), "json")


def test_processes_of_ours(serial):
    """As many as are asked for."""
    assert '"verdict": "WRONG"' in serial
    assert render(check_gradients(waves, X, grad=one_off, workers=2), "json") == serial


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
@pytest.mark.filterwarnings("ignore:.*fork")
def test_the_standard_library(serial, kind):
    """Threads and processes of `concurrent.futures`."""
    with kind(2) as pool:
        assert render(check_gradients(waves, X, grad=one_off, workers=pool), "json") == serial


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
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_joblib(serial, backend):
    """By its name; how many, and of what kind, is joblib's own matter."""
    joblib = pytest.importorskip("joblib")
    with joblib.parallel_config(n_jobs=2, backend=backend):
        assert render(check_gradients(waves, X, grad=one_off, workers="joblib"), "json") == serial


@pytest.mark.filterwarnings("ignore")
def test_a_pool_of_ray(serial):
    """Its map answers a list."""
    ray = pytest.importorskip("ray")
    multiprocessing = pytest.importorskip("ray.util.multiprocessing")
    here = [str(Path(shared.__file__).parents[2]), str(Path(__file__).parents[1])]  # where its processes find us
    ray.init(num_cpus=2, include_dashboard=False, runtime_env={"env_vars": {"PYTHONPATH": ":".join(here)}})
    pool = multiprocessing.Pool(2)
    try:
        assert render(check_gradients(waves, X, grad=one_off, workers=pool), "json") == serial
    finally:
        pool.terminate()
        ray.shutdown()


MPI = """
from mpi4py.futures import MPIPoolExecutor
from waves import X, one_off, waves

from gradcheck import check_gradients
from gradcheck._render.faces import render
from gradcheck._workers import shared

if __name__ == "__main__":
    shared.Pace.worth_it = lambda *_: True
    with MPIPoolExecutor() as pool:
        assert pool.num_workers == 2
        print(render(check_gradients(waves, X, grad=one_off, workers=pool), "json"))
"""


def test_a_pool_of_mpi(serial, tmp_path):
    """Two workers and the process that asks them, started by mpiexec."""
    pytest.importorskip("mpi4py.futures")
    mpiexec = shutil.which("mpiexec") or shutil.which("mpiexec", path=str(Path(sys.executable).parent))
    if mpiexec is None:
        pytest.skip("mpi4py is installed, and mpiexec, which starts its processes, is not")
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(MPI), encoding="utf-8")
    paths = [str(Path(shared.__file__).parents[2]), str(Path(__file__).parents[1])]
    command = [mpiexec, "-n", "3", "-env", "PYTHONPATH", ":".join(paths), sys.executable, "-m", "mpi4py.futures"]
    if "-env" not in subprocess.run([mpiexec, "-help"], capture_output=True, text=True, check=False).stdout:
        command[3:6] = ["-x", f"PYTHONPATH={':'.join(paths)}"]  # of Open MPI
    done = subprocess.run([*command, str(script)], capture_output=True, text=True, timeout=LONG, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip("\n") == serial.rstrip("\n")


@pytest.mark.parametrize("stand_in", ENGINES, ids=lambda stand_in: stand_in.__name__)
def test_the_stand_ins_have_the_interface_of_the_real_ones(stand_in):
    """Each parameter of `map` by its name, its kind and its place; defaults may be others."""
    module, name = ENGINES[stand_in]
    real = getattr(pytest.importorskip(module), name)
    theirs, ours = (
        [(p.name, p.kind) for p in inspect.signature(kind.map).parameters.values()] for kind in (real, stand_in)
    )
    assert ours == theirs


def test_a_wrong_entry_is_named_by_all_of_them():
    """What they are compared with names it."""
    report = check_gradients(waves, X, grad=one_off, workers=2)
    assert [entry.index for entry in report.wrong] == [(4, 5)]
    assert np.isfinite(report.wrong[0].estimate)
