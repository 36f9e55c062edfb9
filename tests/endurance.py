"""What grows in a process that checks all day? Random checks of every kind, with memory, handles and time watched.

`make endurance` writes reports/soak.md with it; `make soak` runs a minute of it in each round.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import random
import statistics
import sys
import threading
import time
from collections import Counter, defaultdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from damage import damaged, flipped

from gradcheck import Check, GradientError, Run, Verdict, check_gradients
from gradcheck._cases.load import load
from gradcheck._cases.save import _packed
from gradcheck._render.faces import FORMS, render
from gradcheck._render.read import parse
from gradcheck.networks import Chain, CrossEntropy, Dense, Dropout, Tanh
from gradcheck.replay import recall, write
from gradcheck.strategies import Case

WINDOWS = 10  # parts of a run that are compared
GROWN = 8 << 20  # bytes: what the last third of a run may hold beyond the second
FAILING = {Verdict.WRONG, Verdict.BROKEN}


def function(rng):
    """Return the verdict on a function of an array, and what it should be."""
    x, factor = rng.uniform(0.5, 2, rng.integers(1, 6)), rng.choice([1.0, 1.001])
    return check_gradients(lambda x: float(np.sum(np.sin(x) ** 2)), x, grad=lambda x: factor * np.sin(2 * x)), factor


def several(rng):
    """Return the same of a function of several outputs, of a dict."""
    point, factor = {"A": rng.standard_normal((2, 3)), "b": rng.standard_normal(2)}, rng.choice([1.0, -1.0])

    def pull(p, u):
        d = (1 - np.tanh(p["A"].sum(axis=1) + p["b"]) ** 2) * u
        return {"A": np.repeat(d[:, None], 3, axis=1), "b": factor * d}

    return check_gradients(lambda p: np.tanh(p["A"].sum(axis=1) + p["b"]), point, vjp=pull), factor


def network(rng):
    """Return the same of a reference network, which draws numbers."""
    net = Chain([Dense.random(3, 4, rng), Tanh(), Dropout.random((3, 4), 0.25, rng), Dense.random(4, 2, rng)])
    return check_gradients(net, rng.standard_normal((3, 3)), loss=CrossEntropy(rng.integers(0, 2, 3))), 1.0


def raising(rng):
    """Return the same of a function that raises at some call."""
    calls, at, x = [0], rng.integers(1, 60), np.ones(2)

    def f(x):
        calls[0] += 1
        if calls[0] == at:
            raise ArithmeticError
        return float(x @ x)

    try:
        return check_gradients(f, x, grad=lambda x: 2 * x), 1.0
    except GradientError as error:
        return error.report, 0.0


def module(rng):
    """Return the same of a module of PyTorch, with dropout and batch norm."""
    import torch

    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2), torch.nn.Dropout(0.3)).double()
    return check_gradients(net, torch.from_numpy(rng.standard_normal((4, 2)))), 1.0


def traced(rng):
    """Return the same of a function of JAX."""
    import jax

    return check_gradients(_of_jax(), jax.numpy.asarray(rng.uniform(0.5, 2, 3))), 1.0


@cache
def _of_jax():
    import jax

    return jax.jit(lambda x: jax.numpy.sum(jax.numpy.sin(x) ** 2))


@cache
def _pages():
    x = np.array([0.5, -1.0, 0.0])
    report = check_gradients(lambda x: float(np.abs(x).sum() + (x**3).sum()), x, grad=lambda x: np.sign(x) + 3.1 * x**2)
    return [render(report, "json"), render(Run((Check(report, "t", "f.py", 3),)), "json")]


def read(rng):
    """Read a damaged report, and show it in every form if it is one."""
    chance = random.Random(int(rng.integers(1 << 60)))
    try:
        found = parse(damaged(chance.choice(_pages()), chance).decode())
    except ValueError:
        return None, 1.0
    for form in FORMS:
        render(found, form).encode()
    return None, 1.0


def recalled(rng):
    """Read a damaged case, and its damaged arrays."""
    chance, folder = random.Random(int(rng.integers(1 << 60))), Path(os.environ.get("TMPDIR", "/tmp"))
    path = folder / f"endurance-{os.getpid()}.json"
    path.write_bytes(damaged(_case(folder), chance))
    path.with_suffix(".npz").write_bytes(flipped(_packed({"x": np.ones(3), "y": np.zeros((2, 2))}), chance))
    for reader, file in ((recall, path), (load, path.with_suffix(".npz"))):
        try:
            reader(file)
        except ValueError:
            continue
        finally:
            file.unlink()
    return None, 1.0


@cache
def _case(folder):
    path = write(Case(("row", 2), (("dense", 3),), "squares"), {"entries": 1}, "WRONG", folder)
    text = path.read_text()
    path.unlink()
    return text


KINDS = {
    "function": function,
    "several outputs": several,
    "network": network,
    "raising": raising,
    "damaged report": read,
    "damaged case": recalled,
}
KINDS |= {"PyTorch": module} if find_spec("torch") else {}
KINDS |= {"JAX": traced} if find_spec("jax") else {}


def resident():
    """Return the bytes that the process holds in memory; 0 where that cannot be known."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def handles():
    """Return how many files are open; 0 where that cannot be known."""
    try:
        return len(list(Path("/proc/self/fd").iterdir()))
    except OSError:
        return 0


class Endurance:
    """A run of checks, and what was seen of the process meanwhile."""

    def __init__(self, kinds, seed):
        self.rng, self.kinds, self.seed = np.random.default_rng(seed), kinds, seed
        self.made = Counter()
        self.seconds = defaultdict(list)
        self.seen = []  # (checks, bytes, handles, threads, objects)
        self.accused = []

    def run(self, checks, minutes):
        """Check until there were as many as wanted, the time is up, or somebody interrupts: what was seen is kept."""
        gc.collect()
        gc.freeze()  # what is there already is not looked through each time: after many tests that takes seconds
        try:
            with contextlib.suppress(KeyboardInterrupt):
                self._run(checks, minutes)
        finally:
            gc.unfreeze()
        return self

    def _run(self, checks, minutes):
        end, looks = time.monotonic() + 60 * minutes, max(1, checks // 200)
        for number in range(checks):
            kind = str(self.rng.choice([*self.kinds]))
            self._once(kind, number)
            if number % looks == 0:
                gc.collect()
                self.seen.append((number + 1, resident(), handles(), threading.active_count(), len(gc.get_objects())))
            if time.monotonic() > end:
                break

    def _once(self, kind, number):
        state, begun = self.rng.bit_generator.state, time.perf_counter()
        try:
            report, factor = self.kinds[kind](self.rng)
        except Exception as error:  # noqa: BLE001  a crash is what is looked for
            self.accused.append(f"check {number}, {kind}: {type(error).__name__}: {error}"[:200])
            return
        finally:
            self.made[kind] += 1
            self.seconds[kind].append(time.perf_counter() - begun)
        if report is not None and factor != 0.0 and (report.verdict in FAILING) != (factor != 1.0):
            words = f"a factor of {factor}" if factor != 1.0 else "a right gradient"
            where = state["state"]["state"]
            self.accused.append(f"check {number}, {kind}, of {words} is {report.verdict} (state {where})")

    @property
    def grown(self):
        """What the last third of the run holds beyond the second, in bytes, handles, threads and objects."""
        third = len(self.seen) // 3
        if third < 3:
            return 0, 0, 0, 0
        middle, last = (np.median(np.array(part), axis=0)[1:] for part in (self.seen[third:-third], self.seen[-third:]))
        return tuple(int(number) for number in last - middle)

    @property
    def failed(self):
        """Whether anything was accused, or grew."""
        memory, files, threads, _ = self.grown
        return bool(self.accused) or memory > GROWN or files > 0 or threads > 0

    def _said(self):
        """Return what was accused."""
        listed = [f"- {line}" for line in self.accused]
        return ["Accused, or crashed:", "", *listed] if listed else ["Nothing was accused."]

    def page(self):
        """Return the report, as Markdown."""
        total, third = sum(self.made.values()), max(1, len(self.seen) // 3)
        memory, files, threads, objects = self.grown
        lines = [
            "# Endurance",
            "",
            f"{total:,} checks in one process, drawn with the seed {self.seed} by `python tests/endurance.py`.",
            "",
            "| kind            |  checks | first tenth, ms | last tenth, ms |",
            "|-----------------|--------:|----------------:|---------------:|",
        ]
        for kind, number in sorted(self.made.items()):
            tenth = max(1, number // WINDOWS)
            first, last = (
                1000 * statistics.median(s) for s in (self.seconds[kind][:tenth], self.seconds[kind][-tenth:])
            )
            lines.append(f"| {kind:<15} | {number:>7,} | {first:>15.2f} | {last:>14.2f} |")
        begun, end = self.seen[third][1] / 2**20, self.seen[-1][1] / 2**20
        lines += [
            "",
            f"Memory was {begun:.0f} MB after a third of them and {end:.0f} MB at the end. From the second third on",
            f"the median grew by {memory / 2**20:.1f} MB, {files} handles, {threads} threads, {objects} objects.",
            "",
            *self._said(),
        ]
        return "\n".join(lines) + "\n"


def main(argv=None):
    """Run, print what was seen, and return whether anything was accused or grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=100_000, help="default: %(default)s")
    parser.add_argument("--minutes", type=float, default=600, help="no check begins after these; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--kind", action="append", choices=list(KINDS), help="repeatable; default: all")
    parser.add_argument("--output", type=Path, help="a file for the report")
    given = parser.parse_args(argv)
    kinds = {name: KINDS[name] for name in given.kind or KINDS}
    found = Endurance(kinds, given.seed).run(given.checks, given.minutes)
    print(found.page())  # noqa: T201
    if given.output:
        given.output.write_text(found.page(), encoding="utf-8", newline="\n")
    return found.failed


if __name__ == "__main__":
    sys.exit(main())
