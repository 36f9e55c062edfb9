"""What is an entry called in the user's own labels? `s[1]` may be the share of an asset, or a column of a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gradcheck._model.leaf import Leaf
from gradcheck._model.tables import Frame, Series
from gradcheck._results.estimate import Entry
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

SHOWN = 3  # entries


def told(leaves: Iterable[Leaf], wrong: Iterable[TensorResult]) -> tuple[str, ...]:
    """Say which labels the first wrong entries have: `s[1] is 'cash'`."""
    forms = {leaf.name: leaf.form for leaf in leaves if isinstance(leaf.form, (Series, Frame))}
    entries = [entry for tensor in wrong if tensor.name in forms for entry in tensor.entries(Verdict.WRONG)]
    called = {entry.name: _label(forms, entry) for entry in entries}
    named = [f"{name} is {label}" for name, label in called.items() if label]
    return (", ".join(named[:SHOWN]),) if named else ()


def _label(forms: Mapping[str, Any], entry: Entry) -> str:
    """Return the label of an entry; nothing where it has none, or only a number."""
    form = forms.get(entry.tensor)
    if isinstance(form, Series):
        (row,) = entry.index
        label = form.given.index[row]
        return repr(label) if label != row else ""
    if isinstance(form, Frame):
        row, column = entry.index
        labels = form.given.index[row], form.given.columns[form.floats[column]]
        return ", ".join(map(repr, labels)) if labels != entry.index else ""
    return ""
