"""Atoms with a calculator: energy and forces, found by their methods."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import InputError, assert_gradients, check_gradients

R = np.array([[0.0, 0, 0], [1.2, 0.1, 0], [0, 1.3, 0.2]])


def pairs(positions):
    apart = positions[:, None] - positions[None]
    distance = np.sqrt(np.sum(apart**2, axis=-1) + np.eye(len(positions)))
    return apart, distance, 1 - np.eye(len(positions))


class Calculator:
    """Harmonic pairs, with one force that may be wrong."""

    def __init__(self, k=0.0):
        self.k = k

    def get_potential_energy(self, atoms):
        _, distance, off = pairs(atoms.get_positions())
        return float(np.sum(off * (distance - 1) ** 2) / 4)

    def get_forces(self, atoms):
        apart, distance, off = pairs(atoms.get_positions())
        forces = -np.sum((off * (distance - 1) / distance)[:, :, None] * apart, axis=1)
        forces[1, 2] += self.k
        return forces


class Atoms:
    def __init__(self, positions, calc=None):
        self.positions, self.calc = positions, calc

    def copy(self):
        return Atoms(self.positions.copy())

    def get_positions(self):
        return self.positions.copy()

    def set_positions(self, positions):
        self.positions = np.array(positions)

    def get_potential_energy(self):
        return self.calc.get_potential_energy(self)

    def get_forces(self):
        return self.calc.get_forces(self)


@pytest.mark.parametrize("k", [0.0, 0.01])
def test_forces_are_checked_and_the_atoms_stay_where_they_are(k):
    """By the atoms, and by a calculator of them."""
    atoms = Atoms(R.copy(), Calculator(k))
    for report in (check_gradients(atoms), check_gradients(Calculator(k), atoms)):
        assert [e.name for e in report.wrong] == ["positions[1,2]"] * bool(k)
    np.testing.assert_array_equal(atoms.positions, R)


def test_real_atoms():
    """Of ASE."""
    build = pytest.importorskip("ase.build")
    emt = pytest.importorskip("ase.calculators.emt")
    atoms = build.molecule("H2O")
    atoms.calc = emt.EMT()
    atoms.rattle(0.05)
    assert_gradients(atoms)
    assert_gradients(emt.EMT(), atoms)


class Filter:
    """Stands for atoms, and moves their size as well."""

    def __init__(self, atoms, k=1.0):
        self.atoms, self.k, self.size = atoms, k, 1.0
        self.start = atoms.get_positions()

    def __getattr__(self, name):
        if "atoms" not in self.__dict__:  # it is being copied
            raise AttributeError(name)
        return getattr(self.atoms, name)

    def get_positions(self):
        return np.vstack([self.start, [self.size, 0, 0]])

    def set_positions(self, positions):
        self.start, self.size = positions[:-1], positions[-1, 0]
        self.atoms.set_positions(self.size * self.start)

    def get_potential_energy(self):
        return self.atoms.get_potential_energy()

    def get_forces(self):
        forces = self.atoms.get_forces()
        return np.vstack([self.size * forces, [self.k * np.sum(forces * self.start), 0, 0]])


def test_a_filter_of_atoms_moves_what_it_holds():
    """As those of ASE do, with the cell: it is copied whole, and not its atoms."""
    atoms = Atoms(R.copy(), Calculator())
    wrong = check_gradients(Filter(atoms, 2.0))
    assert [e.name for e in wrong.wrong] == ["positions[3,0]"]
    assert not check_gradients(Filter(atoms)).wrong
    np.testing.assert_array_equal(atoms.positions, R)


def test_real_filters():
    """Of ASE: positions and strain."""
    filters = pytest.importorskip("ase.filters")
    build = pytest.importorskip("ase.build")
    emt = pytest.importorskip("ase.calculators.emt")
    atoms = build.bulk("Cu", cubic=True)
    atoms.rattle(0.05, seed=1)
    atoms.calc = emt.EMT()
    assert_gradients(filters.UnitCellFilter(atoms))


REFUSED = {
    "another claim": (
        lambda: check_gradients(Atoms(R, Calculator()), grad=lambda R: R),
        "Atoms brings its own forces, which are what is checked; leave out grad=",
    ),
    "without atoms": (lambda: check_gradients(Calculator()), "write check_gradients(calculator, atoms)"),
    "without a calculator": (lambda: check_gradients(Atoms(R)), "the atoms have no calculator; write atoms.calc = ..."),
}


@pytest.mark.parametrize(("check", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_missing_is_said(check, message):
    """With what to write."""
    with pytest.raises(InputError, match=re.escape(message)):
        check()
