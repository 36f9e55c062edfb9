"""How does a fuzz look? A line for each family of networks, what they were made of, and what failed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gradcheck import Verdict
from gradcheck._fuzz.rows import told
from gradcheck._render import csv, github, sheet
from gradcheck._render.figures import count, plural, short
from gradcheck._render.rows import Table
from gradcheck._render.sheet import Sheet
from gradcheck._render.terminal import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from gradcheck._fuzz.search import Fuzz


VERDICTS = tuple(str(v) for v in Verdict)
HEADER = ("family", "networks", "entries", *VERDICTS, "error / ±")
SHOWN = 8  # so many kinds of layers are named in a sentence


def render(
    fuzz: Fuzz, form: str = "table", width: int = COLUMNS, *, colour: bool = False, paths: Sequence[Path] = ()
) -> str:
    """Return a fuzz in a form: table, markdown, html, json, csv or github; `paths` are where its cases were written.

    Raises ValueError for any other form.
    """
    sheet.check_form(form)
    page = told(fuzz)
    for failure, path in zip(page["failures"], paths, strict=False):
        failure["path"] = path.as_posix()
    if form == "json":
        return json.dumps(page, indent=1) + "\n"
    if form == "csv":
        return csv.table(HEADER, map(_row, page["families"]))
    if form == "github":
        return "".join(f"{line}\n" for line in _commands(page))
    return sheet.render(_sheet(page, brief=form == "table"), form, width, colour=colour)


def _sheet(page: dict[str, Any], *, brief: bool) -> Sheet:
    """Return what was found; in brief, what the networks were made of is a sentence, not a table."""
    rows = tuple(map(_row, [*page["families"], page["all"]]))
    families = Table(HEADER, ("left", *["right"] * (len(HEADER) - 1)), rows)
    drawn = tuple((kind["kind"], count(kind["layers"]), count(kind["networks"])) for kind in page["kinds"])
    layers = Table(("layer", "drawn", "networks"), ("left", "right", "right"), drawn)
    depths = tuple((depth, count(n)) for depth, n in page["depths"].items())
    detail = (("layers", layers), ("depth", Table(("layers deep", "networks"), ("left", "right"), depths)))
    return Sheet(
        page["verdict"],
        _summary(page),
        (("", families), *(() if brief else detail)),
        tuple((label, (said,)) for label, said in _remarks(page, brief=brief) if said),
        tuple((f"{failure['failure']}  {failure['sentence']}", _repeat(failure)) for failure in page["failures"]),
    )


def _row(group: dict[str, Any]) -> tuple[str, ...]:
    verdicts = (count(group["verdicts"][verdict]) for verdict in VERDICTS)
    return group["family"], count(group["networks"]), count(group["entries"]), *verdicts, short(group["worst"])


def _summary(page: dict[str, Any]) -> str:
    checked, wanted = page["all"]["networks"], page["examples"]
    of = f" of {count(wanted)}" if checked < wanted else ""
    failed = plural(len(page["failures"]), "failure") if page["failures"] else "no failure"
    return f"{count(checked)}{of} {'layer' if page['layers'] else 'network'}{'s' * (wanted != 1)} checked, {failed}"


def _remarks(page: dict[str, Any], *, brief: bool) -> Iterator[tuple[str, str]]:
    yield "faults", ", ".join(f"{count(n)} {what}" for what, n in page["faults"].items())
    if brief:
        kinds = [f"{count(kind['layers'])} {kind['kind']}" for kind in page["kinds"]]
        more = f" and {len(kinds) - SHOWN} more kinds" if len(kinds) > SHOWN else ""
        yield "layers", ", ".join(kinds[:SHOWN]) + more
    yield "note", f"seed {page['seed']}"


def _repeat(failure: dict[str, Any]) -> str:
    """Return how to try a failure again: the code, and the command if it was written to a file."""
    command = [f"gradcheck replay {failure['path']}"] if "path" in failure else []
    return "\n".join([failure["code"], *command])


def _commands(page: dict[str, Any]) -> Iterator[str]:
    for failure in page["failures"][: github.SHOWN]:
        title = f"{failure['failure']} {failure['case']['layers']}"
        yield github.command("error", f"{failure['sentence']}\n{_repeat(failure)}", title=title)
    yield github.command("notice", _summary(page), title="gradcheck fuzz")
