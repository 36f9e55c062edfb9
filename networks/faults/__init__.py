"""Layers that are wrong on purpose, each named after its mistake: can a gradient checker find it?

A fault is a function that spoils what the way back returns, with the mistake's name, and a docstring that says what is
wrong; it is in the file named after what it spoils. planting.py says how it gets into a network, and specimens.py has,
for every kind of layer, a small network on which its faults show.
"""

from . import dense  # isort: skip  the simplest come first
from . import attention, cells, gates, joins, losses, norms, pools, sequences, slopes, spatial
from .dense import forgotten_mean
from .planting import FAULTS, Fault
from .specimens import SPECIMENS, specimen

__all__ = [
    "FAULTS",
    "SPECIMENS",
    "Fault",
    "attention",
    "cells",
    "dense",
    "forgotten_mean",
    "gates",
    "joins",
    "losses",
    "norms",
    "pools",
    "sequences",
    "slopes",
    "spatial",
    "specimen",
]
