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


REFUSED = {
    "without atoms": (lambda: check_gradients(Calculator()), "write check_gradients(calculator, atoms)"),
    "without a calculator": (lambda: check_gradients(Atoms(R)), "the atoms have no calculator; write atoms.calc = ..."),
}


@pytest.mark.parametrize(("check", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_missing_is_said(check, message):
    """With what to write."""
    with pytest.raises(InputError, match=re.escape(message)):
        check()
