"""What do chemists hand in? Atoms with a calculator, whose forces are minus the gradient of the energy."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck._adapters.claims import refuse_unread
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.scipy_objects import Part
from gradcheck._options import Options
from gradcheck._results.errors import InputError

BOTH = ("get_potential_energy", "get_forces")


def parts(model: Any, given: tuple[Any, ...], options: Options) -> list[Part] | None:  # noqa: ANN401
    """Return the energy and the forces of atoms, or of a calculator and atoms; None for anything else."""
    if not all(callable(getattr(type(model), name, None)) for name in BOTH):
        return None
    refuse_unread(options, f"{quoted(model)} brings its own forces, which are what is checked", ("along",))
    atoms = model if _are_atoms(model) else next((thing for thing in given if _are_atoms(thing)), None)
    if atoms is None:
        msg = f"{quoted(model)} is a calculator without atoms; write check_gradients(calculator, atoms), or (atoms)"
        raise InputError(msg)
    calculator = None if model is atoms else model
    if calculator is None and getattr(atoms, "calc", True) is None:
        msg = "the atoms have no calculator; write atoms.calc = ..., or check_gradients(calculator, atoms)"
        raise InputError(msg)

    def energy(positions: Any) -> Any:  # noqa: ANN401
        there = _moved(atoms, positions)
        return there.get_potential_energy() if calculator is None else calculator.get_potential_energy(there)

    def forces(positions: Any) -> Any:  # noqa: ANN401
        there = _moved(atoms, positions)
        if calculator is not None:
            return calculator.get_forces(there)
        try:
            return there.get_forces(apply_constraint=False)
        except TypeError:
            return there.get_forces()

    energy.__qualname__ = quoted(model)
    # A cell that is moved at random may collapse, and have neighbours without end.
    options = replace(options, neighbours=0) if _is_filter(atoms) else options
    return [(energy, (np.array(atoms.get_positions(), dtype=np.float64),), replace(options, forces=forces))]


def _are_atoms(thing: Any) -> bool:  # noqa: ANN401
    return all(callable(getattr(type(thing), name, None)) for name in ("get_positions", "set_positions"))


def _is_filter(atoms: Any) -> bool:  # noqa: ANN401
    """Return whether a thing stands for atoms and moves more than these, such as their cell."""
    return not callable(getattr(type(atoms), "copy", None)) and hasattr(atoms, "atoms")


def _moved(atoms: Any, positions: Any) -> Any:  # noqa: ANN401
    """Return a copy of the atoms elsewhere, with the calculator of the original."""
    if _is_filter(atoms):
        there = copy.deepcopy(atoms)
        there.set_positions(positions)
        return there
    there = atoms.copy() if callable(getattr(atoms, "copy", None)) else atoms
    if there is not atoms and getattr(atoms, "calc", None) is not None:
        there.calc = atoms.calc
    try:
        there.set_positions(positions, apply_constraint=False)
    except TypeError:
        there.set_positions(positions)
    return there
