"""Which mistakes are known? Patterns, the most specific first, that recognise one or say nothing.

Each is a function of one wrong tensor that recognises its mistake to within the measured uncertainty, or returns
None; nothing is guessed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from gradcheck._diagnose import (
    activation,
    another_number,
    batch,
    changed_setting,
    coarser,
    conjugate,
    constant_factor,
    data_term,
    factor_per_slice,
    fixed_point,
    hidden_layer,
    logarithm,
    matrix_product,
    missing_term,
    normalisation,
    one_step,
    own_term,
    part_of_decay,
    per_example,
    projection,
    rearranged,
    recurrent,
    shared_layer,
    symmetric,
    two_mistakes,
    wrong_cotangent,
)
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import Evidence
from gradcheck._diagnose.single_precision import single_precision
from gradcheck._diagnose.straight_through import straight_through
from gradcheck._diagnose.zero_or_clipped import clipped, infinite_slope, not_finite, unlimited, zero, zero_in_part

Pattern = Callable[[Evidence], Cause | None]


def recognised(evidence: Evidence) -> Cause | None:
    """Return the first cause that explains all that is wrong with a tensor, None if none does."""
    return next(_found(PATTERNS, evidence), None)


def rivals(evidence: Evidence, cause: Cause) -> tuple[Cause, ...]:
    """Return at most one other mistake that explains all that is wrong with a tensor."""
    same = next((kinds for kinds in THE_SAME if cause.kind in kinds), {cause.kind})
    plain = replace(evidence, context=replace(evidence.context, lab=None))
    others = (c for c in _found(RIVALS, plain) if c.kind not in same)
    return tuple(itertools.islice(others, 1)) if cause.kind in RIVALRY else ()


def _found(patterns: tuple[Pattern, ...], evidence: Evidence) -> Iterator[Cause]:
    for pattern in patterns:
        try:
            with np.errstate(all="ignore"):
                found = pattern(evidence)
        except (np.linalg.LinAlgError, ArithmeticError):  # numbers that no arithmetic can take follow no pattern
            continue
        if found:
            yield found


PATTERNS: tuple[Pattern, ...] = (
    infinite_slope,
    not_finite,
    straight_through,
    single_precision,
    missing_term.repeated_index,
    shared_layer.uses,
    batch.last_only,
    zero,
    batch.bias,
    batch.weight,
    conjugate.conjugated,
    constant_factor.factor,
    rearranged.exchanged,
    batch.untransposed,
    rearranged.permuted,
    symmetric.symmetrised,
    rearranged.motionless,
    projection.projected,
    missing_term.decay,
    missing_term.constant,
    logarithm.by_logarithm,
    fixed_point.explicit,
    activation.complement,
    activation.derivative,
    batch.handed_on,
    clipped,
    unlimited,
    missing_term.averaged,
    missing_term.single_example,
    missing_term.product_of_sums,
    missing_term.example_missing,
    missing_term.truth,
    data_term.product,
    shared_layer.not_added,
    # experiments, which measure again
    changed_setting.otherwise,
    wrong_cotangent.other_cotangent,
    batch.of_output,
    coarser.smoothed,
    # terms and products
    rearranged.opposite,
    rearranged.masked,
    conjugate.of_spectrum,
    zero_in_part,
    rearranged.another,
    matrix_product.product,
    activation.untouched,
    per_example.otherwise,
    another_number.otherwise,
    constant_factor.unknown,  # a number is simpler than a layer, or a number times the input
    hidden_layer.hidden,
    recurrent.way_back,
    batch.times_cotangent,
    own_term.of_itself,
    factor_per_slice.known_array,
    rearranged.reordered,
    one_step.otherwise,  # where it is written, with what it is called there
    normalisation.along_axes,
    normalisation.cotangent_alone,
    # where, more than why
    two_mistakes.in_parts,
    part_of_decay.decay_in_part,
    constant_factor.factor_in_part,
    logarithm.by_logarithm_in_part,
    factor_per_slice.slices,
    rearranged.stale,
    two_mistakes.beside_a_factor,
)
RIVALS: tuple[Pattern, ...] = (  # each predicts the whole claim: if two fit, either may be the mistake
    constant_factor.factor,
    rearranged.exchanged,
    rearranged.permuted,
    symmetric.symmetrised,
    projection.projected,
    missing_term.decay,
    missing_term.constant,
    logarithm.by_logarithm,
    activation.derivative,
    batch.handed_on,
    clipped,
    missing_term.truth,
    factor_per_slice.known_array,
)
RIVALRY = {
    Slip.FACTOR,
    Slip.EXCHANGED,
    Slip.PERMUTED,
    Slip.SYMMETRISED,
    Slip.PROJECTED,
    Slip.DECAY,
    Slip.CONSTANT,
    Slip.LOGARITHM,
    Slip.ACTIVATION,
    Slip.HANDED_ON,
    Slip.CLIPPED,
    Slip.TRUTH,
    Slip.KNOWN_ARRAY,
}
THE_SAME = ({Slip.LOGARITHM, Slip.ACTIVATION, Slip.HANDED_ON}, {Slip.SYMMETRISED, Slip.PERMUTED})  # in other words
