"""How are numbers with labels made again around others, and a gradient with labels read in their order?

Series and tables of pandas and arrays of xarray, and whatever behaves like them: by what they can do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._results.errors import InputError

Array = NDArray[Any]


def kind_of(dtype: Any) -> str:  # noqa: ANN401
    """Return f for floats, i for whole numbers and truth values, O for all else, of NumPy's dtypes and others."""
    kind = getattr(dtype, "kind", "O")
    return "i" if kind in ("i", "u", "b") else "f" if kind == "f" else "O"


def is_series(thing: object) -> bool:
    """Return whether a thing has one row of numbers, each under a label."""
    return _is_pandas(thing) and not hasattr(type(thing), "columns")


def is_table(thing: object) -> bool:
    """Return whether a thing has columns of numbers, under labels both ways."""
    return _is_pandas(thing) and hasattr(type(thing), "columns")


def _is_pandas(thing: object) -> bool:
    return all(hasattr(type(thing), name) for name in ("iloc", "index", "to_numpy", "_constructor"))


def is_labelled_array(thing: object) -> bool:
    """Return whether a thing is an array whose axes have names."""
    return all(hasattr(type(thing), name) for name in ("dims", "transpose", "values", "data", "copy", "ndim"))


def _numpy(dtype: Any) -> Any:  # noqa: ANN401
    return dtype if isinstance(dtype, np.dtype) else getattr(dtype, "numpy_dtype", np.dtype(np.float64))


def _filled(column: Any, dtype: Any) -> Array:  # noqa: ANN401
    """Return a column as an array, with nan where nothing is known."""
    own = column.dtype
    return np.asarray(column.to_numpy() if isinstance(own, np.dtype) else column.to_numpy(dtype=dtype, na_value=np.nan))


@dataclass(frozen=True, eq=False)
class Series:
    """One row of floats, each under a label."""

    given: Any
    scalar = False

    @cached_property
    def numbers(self) -> Array:
        """What stands in it."""
        return _filled(self.given, _numpy(self.given.dtype))

    def like(self, numbers: Array) -> Any:  # noqa: ANN401
        """Return the same with other numbers, which it has for itself."""
        own = self.given.dtype
        dtype = {} if isinstance(own, np.dtype) else {"dtype": own}
        twin = self.given._constructor(numbers, index=self.given.index, name=self.given.name, copy=True, **dtype)  # noqa: SLF001
        return twin.__finalize__(self.given)

    def taken(self, thing: Any) -> Array:  # noqa: ANN401
        """Return the numbers of one that was made so."""
        return _filled(thing, self.numbers.dtype)

    def read(self, claim: Any, name: str) -> Any:  # noqa: ANN401
        """Return a gradient in the order of the labels here; raises InputError where its labels are others."""
        return _plain(_ordered(claim, self.given, "index", name)) if is_series(claim) else claim


@dataclass(frozen=True, eq=False)
class Frame:
    """Columns of floats, beside others that are held as they are."""

    given: Any
    scalar = False

    @cached_property
    def floats(self) -> list[int]:
        """Which columns hold floats."""
        return [k for k, dtype in enumerate(self.given.dtypes) if kind_of(dtype) == "f"]

    @cached_property
    def still(self) -> list[Any]:
        """The names of the columns that hold none."""
        return [name for k, name in enumerate(self.given.columns) if k not in set(self.floats)]

    @property
    def whole(self) -> list[Any]:
        """The names of the columns that hold whole numbers."""
        return [name for name, dtype in zip(self.given.columns, self.given.dtypes, strict=True) if dtype.kind in "iu"]

    @cached_property
    def numbers(self) -> Array:
        """What stands in its columns of floats."""
        dtypes = {_numpy(self.given.dtypes.iloc[k]) for k in self.floats}
        if len(dtypes) > 1:
            msg = (
                f"a {type(self.given).__name__} has columns of {' and '.join(sorted(map(str, dtypes)))}; write "
                "df.astype(float), so that all of them are moved in one precision"
            )
            raise InputError(msg)
        (dtype,) = dtypes
        return np.stack([_filled(self.given.iloc[:, k], dtype) for k in self.floats], axis=1)

    @cached_property
    def _uniform(self) -> bool:
        return not self.still and all(isinstance(dtype, np.dtype) for dtype in self.given.dtypes)

    def like(self, numbers: Array) -> Any:  # noqa: ANN401
        """Return the same with other numbers, which it has for itself."""
        given = self.given
        if self._uniform:
            twin = given._constructor(numbers, index=given.index, columns=given.columns, copy=True)  # noqa: SLF001
            return twin.__finalize__(given)
        twin = given.copy()
        for at, k in enumerate(self.floats):
            own = given.dtypes.iloc[k]
            column = given.iloc[:, k]._constructor(numbers[:, at].copy(), index=given.index)  # noqa: SLF001
            twin.isetitem(k, column if isinstance(own, np.dtype) else column.astype(own))
        return twin

    def taken(self, thing: Any) -> Array:  # noqa: ANN401
        """Return the numbers of one that was made so."""
        return np.stack([_filled(thing.iloc[:, k], self.numbers.dtype) for k in self.floats], axis=1)

    def read(self, claim: Any, name: str) -> Any:  # noqa: ANN401
        """Return a gradient in the order of the labels here; raises InputError where its labels are others."""
        if not is_table(claim):
            return claim
        ordered = _ordered(claim, self.given, "index", name)
        surplus = [c for c in ordered.columns if c in self.still and np.asarray(ordered[c].to_numpy() != 0).any()]
        if surplus:
            msg = (
                f"the gradient of {name} has a column {surplus[0]!r}, which holds no floats in {name} and is held "
                f"fixed; write {name}.astype(float) to have it checked"
            )
            raise InputError(msg)
        floats = self.given.iloc[:, self.floats]
        kept = ordered[[c for c in ordered.columns if c not in self.still]] if self.still else ordered
        return _plain(_ordered(kept, floats, "columns", name))


@dataclass(frozen=True, eq=False)
class LabelledArray:
    """An array of floats whose axes have names, and may have labels."""

    given: Any
    scalar = False

    @cached_property
    def numbers(self) -> Array:
        """What stands in it."""
        return np.asarray(self.given.data)

    def like(self, numbers: Array) -> Any:  # noqa: ANN401
        """Return the same with other numbers, which it has for itself."""
        return self.given.copy(deep=False, data=np.array(numbers, order="K"))

    def taken(self, thing: Any) -> Array:  # noqa: ANN401
        """Return the numbers of one that was made so."""
        return np.asarray(thing.data)

    def read(self, claim: Any, name: str) -> Any:  # noqa: ANN401
        """Return a gradient in the order of axes and labels here; raises InputError where it has others."""
        if not is_labelled_array(claim):
            return claim
        given = self.given
        if sorted(map(str, claim.dims)) != sorted(map(str, given.dims)):
            msg = f"the gradient of {name} has the axes {claim.dims} where {name} has {given.dims}; give it the same"
            raise InputError(msg)
        turned = claim.transpose(*given.dims)
        for axis in given.dims:
            ours, theirs = (getattr(t, "indexes", {}).get(axis) for t in (given, turned))
            if ours is None or theirs is None or ours.equals(theirs):
                continue
            _check_labels(theirs, ours, str(axis), name)
            turned = turned.isel({axis: theirs.get_indexer(ours)})
        return np.asarray(turned.data)


def _ordered(claim: Any, given: Any, which: str, name: str) -> Any:  # noqa: ANN401
    """Return a gradient with its labels in the order of the given ones."""
    ours, theirs = getattr(given, which), getattr(claim, which)
    if ours.equals(theirs):
        return claim
    _check_labels(theirs, ours, which, name)
    at = theirs.get_indexer(ours)
    return claim.iloc[at] if which == "index" else claim.iloc[:, at]


def _check_labels(theirs: Any, ours: Any, which: str, name: str) -> None:  # noqa: ANN401
    same = len(theirs) == len(ours) and theirs.is_unique and ours.is_unique and (theirs.get_indexer(ours) >= 0).all()
    if not same:
        few = ", ".join(map(repr, list(theirs)[:SHOWN]))
        msg = (
            f"the gradient of {name} has other labels ({which}: {few}{', ...' if len(theirs) > SHOWN else ''}) than "
            f"{name}; give it those of {name}, each once, in whatever order"
        )
        raise InputError(msg)


SHOWN = 3  # labels that are named


def _plain(claim: Any) -> Any:  # noqa: ANN401
    """Return a gradient without its labels, in its own dtype."""
    dtypes = list(claim.dtypes) if is_table(claim) else [claim.dtype]
    if all(isinstance(dtype, np.dtype) for dtype in dtypes) or any(kind_of(dtype) == "O" for dtype in dtypes):
        return claim.to_numpy()
    return claim.to_numpy(dtype=np.float64, na_value=np.nan)
