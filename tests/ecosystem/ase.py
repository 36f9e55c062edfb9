"""ASE: forces of calculators, minus the gradient of their energies."""

import numpy as np
from ase import Atoms
from ase.build import bulk, molecule
from ase.calculators.emt import EMT
from ase.calculators.harmonic import HarmonicCalculator, HarmonicForceField
from ase.calculators.lj import LennardJones
from ase.calculators.morse import MorsePotential

from ecosystem import derivative, normal


def forces(name, atoms, calculator):
    """Return the energy of atoms by their positions, with minus their forces."""
    atoms.calc = calculator
    atoms.rattle(0.05, seed=1)

    def energy(positions):
        atoms.set_positions(positions)
        return atoms.get_potential_energy()

    def gradient(positions):
        atoms.set_positions(positions)
        return -atoms.get_forces()

    return derivative(f"{name}.get_forces", energy, atoms.get_positions(), grad=gradient)


argon = Atoms("Ar4", positions=3.7 * np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0.3, 0.4, 0.9]]))
argon_smooth = argon.copy()
copper = bulk("Cu", cubic=True)
water = molecule("H2O")
hessian = np.eye(9) + 0.1 * (normal(9, 9) + normal(9, 9).T)

CASES = [
    forces("LennardJones", argon, LennardJones(sigma=3.4, epsilon=0.0104, rc=10.0)),
    forces("LennardJones, smooth", argon_smooth, LennardJones(sigma=3.4, epsilon=0.0104, rc=10.0, smooth=True)),
    forces("EMT", copper, EMT()),
    forces("MorsePotential", Atoms("H3", positions=[[0, 0, 0], [0.9, 0, 0], [0, 1.1, 0.2]]), MorsePotential()),
    forces(
        "Harmonic", water.copy(), HarmonicCalculator(HarmonicForceField(water, hessian, variable_orientation=False))
    ),
]
