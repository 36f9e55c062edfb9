"""Whoever makes the evaluations, as seen from here: pools with the interfaces of those that people have, and no more.

Each does its blocks here, on a copy of what it is given: as much comes back as would from another machine.
"""

from __future__ import annotations

import copy
from concurrent.futures import Executor, Future


class RayPool:
    """`ray.util.multiprocessing.Pool`: its map waits, and answers a list."""

    def map(self, func, iterable, chunksize=None):
        return [func(copy.deepcopy(each)) for each in iterable]


class DaskFuture:
    """`distributed.Future`: a result that is fetched, and is no future of the standard library."""

    def __init__(self, value):
        self.value = value

    def result(self, timeout=None):
        return self.value


class DaskClient:
    """`distributed.Client`: its map answers futures."""

    def map(
        self,
        func,
        *iterables,
        key=None,
        workers=None,
        retries=None,
        resources=None,
        priority=0,
        allow_other_workers=False,
        fifo_timeout="100 ms",
        actor=False,
        actors=False,
        pure=True,
        batch_size=None,
        **kwargs,
    ):
        return [DaskFuture(func(*copy.deepcopy(each), **kwargs)) for each in zip(*iterables, strict=True)]


class MPIExecutor(Executor):
    """`mpi4py.futures.MPIPoolExecutor`: its map answers as things are asked for."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        future.set_result(fn(*copy.deepcopy(args), **kwargs))
        return future

    def map(self, fn, *iterables, timeout=None, chunksize=1, buffersize=None, unordered=False):
        futures = [self.submit(fn, *each) for each in zip(*iterables, strict=True)]
        return (future.result() for future in futures)


ENGINES = {  # a stand-in -> the module and the name of what it stands for
    RayPool: ("ray.util.multiprocessing", "Pool"),
    DaskClient: ("distributed", "Client"),
    MPIExecutor: ("mpi4py.futures", "MPIPoolExecutor"),
}
