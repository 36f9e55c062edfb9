"""In which unit is a quantity, and what are its numbers in another? By duck type, for several packages."""

from __future__ import annotations

from typing import Any

from gradcheck._results.errors import InputError

Unit = Any


def unit_of(thing: object) -> Unit | None:
    """Return the unit of a quantity (of astropy, unyt or pint), None for anything else."""
    if not callable(getattr(type(thing), "to", None)):
        return None
    known = getattr(thing, "unit", None)
    return getattr(thing, "units", None) if known is None else known


def bare(thing: Any) -> Any:  # noqa: ANN401
    """Return the numbers of a quantity in its own unit; anything else as it is."""
    if unit_of(thing) is None:
        return thing
    return thing.magnitude if hasattr(type(thing), "magnitude") else thing.value


def in_unit(thing: Any, unit: Unit | None) -> Any:  # noqa: ANN401
    """Return the numbers of a quantity in a unit, in none if that is None; anything else as it is."""
    own = unit_of(thing)
    if own is None:
        return thing
    return bare(thing if own is unit or own == unit else thing.to("" if unit is None else unit))


def of_gradient(value: Unit | None, entry: Unit | None) -> Unit | None:
    """Return the unit of a derivative: that of the value by that of what it is taken by."""
    if entry is None:
        return value
    return entry**-1 if value is None else value / entry


def gradient_in_unit(claim: Any, value: Unit | None, entry: Unit | None, name: str) -> Any:  # noqa: ANN401
    """Return the numbers of a claimed gradient in the unit of value / entry; plain numbers as they are.

    Raises InputError if it is in a unit that cannot be converted to that.
    """
    if unit_of(claim) is None:
        return claim
    wanted = of_gradient(value, entry)
    try:
        return in_unit(claim, wanted)
    except Exception:  # noqa: BLE001  of whatever package
        expected = str("" if wanted is None else wanted) or "no unit"
        msg = (
            f"the gradient of {name} is in {unit_of(claim)} where {expected} is expected: the unit of the value by "
            f"that of {name}; return it in that unit, or as bare numbers"
        )
        raise InputError(msg) from None
