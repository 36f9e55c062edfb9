"""Which mistakes are known? Patterns, the most specific first, that recognise one or say nothing.

Each is a function of one wrong tensor that recognises its mistake to within the measured uncertainty, or returns
None; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcheck._diagnose import (
    activation,
    batch,
    changed_setting,
    constant_factor,
    factor_per_slice,
    hidden_layer,
    matrix_product,
    missing_term,
    normalisation,
    rearranged,
    shared_layer,
    wrong_cotangent,
)
from gradcheck._diagnose.cause import Cause
from gradcheck._diagnose.evidence import Evidence
from gradcheck._diagnose.single_precision import float32, single_precision
from gradcheck._diagnose.zero_or_clipped import clipped, infinite_slope, not_finite, unlimited, zero, zero_in_part

Pattern = Callable[[Evidence], Cause | None]


def recognised(evidence: Evidence) -> Cause | None:
    """Return the first cause that explains all that is wrong with a tensor, None if none does."""
    for pattern in PATTERNS:
        try:
            with np.errstate(all="ignore"):
                found = pattern(evidence)
        except np.linalg.LinAlgError:  # numbers that no decomposition can take follow no pattern
            continue
        if found:
            return found
    return None


PATTERNS: tuple[Pattern, ...] = (
    infinite_slope,
    not_finite,
    single_precision,
    missing_term.repeated_index,
    shared_layer.uses,
    batch.last_only,
    zero,
    batch.bias,
    batch.weight,
    constant_factor.factor,
    rearranged.exchanged,
    batch.untransposed,
    rearranged.permuted,
    missing_term.decay,
    missing_term.constant,
    activation.derivative,
    batch.handed_on,
    clipped,
    unlimited,
    missing_term.averaged,
    missing_term.single_example,
    missing_term.example_missing,
    missing_term.truth,
    shared_layer.unheard,
    # experiments, which measure anew
    changed_setting.otherwise,
    wrong_cotangent.heard,
    batch.of_output,
    # terms and products
    rearranged.opposite,
    rearranged.masked,
    zero_in_part,
    float32,
    rearranged.another,
    matrix_product.product,
    activation.untouched,
    hidden_layer.hidden,
    normalisation.along_axes,
    normalisation.cotangent_alone,
    factor_per_slice.known_array,
    # where, more than why
    constant_factor.unknown,
    constant_factor.factor_in_part,
    factor_per_slice.slices,
    rearranged.reordered,
    rearranged.stale,
)
