"""How is a failing case run again? It is built from its file, or else the test that found it is run.

Nothing but the functions that it names is called, those of the project from files below its folder.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gradcheck._cases import save
from gradcheck._cases.json.decode import Maker
from gradcheck._cases.load import load
from gradcheck._results.files import write as put
from gradcheck.strategies import Case

__all__ = ["Recalled", "recall"]

SCHEMA = 1  # of the cases of `gradcheck fuzz`; those of the plugin have that of _cases
FUZZED = "from gradcheck import check_gradients\nfrom gradcheck.strategies import Case\n"
SAVED = """\
from pathlib import Path
from gradcheck import check_gradients
from gradcheck.replay import recall
case = recall(Path({path!r}))
check_gradients(*case.model(), **case.keywords)"""


class Recalled(NamedTuple):
    """A saved case, and how to check it again: `check_gradients(*case.model(), **case.keywords)`."""

    model: Callable[[], tuple[Any, ...]] | None  # builds (model, *args); None if only its test can repeat it
    keywords: dict[str, Any]  # of the check
    source: str  # code, or a sentence, that says how to repeat it by hand
    test: str = ""  # the name of the test that failed, as pytest has it
    folder: Path | None = None  # the one that pytest took for that of the project


def recall(path: Path) -> Recalled:
    """Return a case that `gradcheck fuzz` or a failing test saved; the end of its name may be missing.

    Raises:
        ValueError: There is no such case, or the file is not one.
        OSError: It cannot be read.
    """
    path = located(path)
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_refuse)
        if told["schema"] == SCHEMA:
            return _fuzzed(Case.read(told["case"]), dict(told["keywords"]))
        if told["schema"] != save.SCHEMA:
            msg = f"it has the schema {told['schema']!r}, this version of gradcheck reads 1 to {save.SCHEMA}"
            raise ValueError(msg)  # noqa: TRY301
        return _saved(told, path)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError, OverflowError) as error:
        why = f"it lacks {error}" if isinstance(error, KeyError) else error
        msg = f"{path} is not a case written by gradcheck: {why}"
        raise ValueError(msg) from error


def _refuse(word: str) -> None:
    """Refuse what is no JSON, though Python reads it: no case that we wrote holds it."""
    msg = f"{word} is not a number in JSON"
    raise ValueError(msg)


def located(path: Path) -> Path:
    """Return the file of a case: with or without its suffix, or the beginning of its name.

    Raises ValueError if there is none, or more than one.
    """
    folders = [path.parent, save.FOLDER] if path.parent == Path() else [path.parent]
    stem = path.stem if path.suffix in {".json", ".npz"} else path.name
    if path.is_file() and path.suffix != ".npz":
        return path
    if path.is_dir():
        msg = f"{path} is a folder; write the name of a case, or how it begins"
        raise ValueError(msg)
    found = sorted({file for folder in folders for file in folder.glob("*.json") if file.stem.startswith(stem)})
    exact = [file for file in found if file.stem == stem]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        msg = f"{path} may be any of {', '.join(file.name for file in found)}; write more of its name"
        raise ValueError(msg)
    there = ", ".join(sorted(file.stem for folder in folders for file in folder.glob("*.json"))[:10])
    msg = f"there is no case {path}" + (f"; there are {there}" if there else "")
    raise ValueError(msg)


def write(case: Case, keywords: Mapping[str, Any], failure: str, folder: Path) -> Path:
    """Write a case, with the keywords of its check, under a name made of what it says; return the path."""
    text = json.dumps({"schema": SCHEMA, "failure": failure, "keywords": dict(keywords), "case": case.told()}, indent=1)
    save.make(folder)
    path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:7]}.json"
    put(path, text + "\n")
    return path


def command(case: Case, keywords: Mapping[str, Any]) -> str:
    """Return the line of code that checks a case."""
    said = "".join(f", {name}={value!r}" for name, value in keywords.items())
    return f"check_gradients(*{case!r}{said})"


def _fuzzed(case: Case, keywords: dict[str, Any]) -> Recalled:
    return Recalled(lambda: tuple(case), keywords, FUZZED + command(case, keywords))


def _saved(told: Mapping[str, Any], path: Path) -> Recalled:
    """Return a case of the plugin: built from its file if that can be done, else to be repeated by its test."""
    test, seed, folder = _test(told["test"]), int(told["seed"]), _project(path)
    model, args, keywords = (told["check"][part] for part in ("model", "args", "keywords"))
    untold, modules = list(told["untold"]), dict(told["modules"])
    arrays = {} if untold else _arrays(path.with_suffix(".npz"))
    try:
        if untold:
            raise ValueError(untold[0])  # noqa: TRY301
        _open(modules, folder)
        maker = Maker(arrays)
        call = maker.make(model, "model"), *(maker.make(arg, f"args[{n}]") for n, arg in enumerate(args))
        named = {name: maker.make(value, f"keywords.{name}") for name, value in keywords.items()}
    except (Exception, SystemExit) as error:  # noqa: BLE001  importing the user's modules may raise anything
        why = str(error) if untold else f"it cannot be built: {type(error).__name__}: {error}"
        by_hand = f"pytest {shlex.quote(test)} --gradcheck-seed={seed}  # {why}"
        return Recalled(None, {"seed": seed}, by_hand, test, folder)
    return Recalled(lambda: call, named, SAVED.format(path=str(path)), test, folder)


def _arrays(path: Path) -> dict[str, Any]:
    """Return the arrays of a case, none where their file is gone; raises ValueError for a damaged one."""
    return load(path) if path.exists() else {}


def _test(said: object) -> str:
    """Return the name of a test; raises ValueError for what pytest would take for something else."""
    if not isinstance(said, str) or said.startswith(("-", "@")) or not said.isprintable():
        msg = f"{said!r} is not the name of a test"
        raise ValueError(msg)
    return said


def _project(path: Path) -> Path:
    """Return the folder of the project, in which the case lies in .gradcheck/cases; else the one that we are in."""
    inside = path.resolve().parent
    return inside.parents[1] if inside.parts[-2:] == save.FOLDER.parts else Path.cwd()


def _open(modules: Mapping[str, str], folder: Path) -> None:
    """Import the modules of the project from where they were; raises ValueError where another has the name."""
    for name, file in modules.items():
        path, depth = folder / file, name.count(".") + (Path(file).name == "__init__.py")
        if ".." in Path(file).parts or not path.is_relative_to(folder):  # an absolute one stays as it is
            msg = f"{file} is not a file of the project"
            raise ValueError(msg)
        if str(path.parents[depth]) not in sys.path:
            sys.path.insert(0, str(path.parents[depth]))
        found = importlib.import_module(name).__file__
        if found is None or Path(found).resolve() != path.resolve():
            msg = f"{name} is not {file} here but {found}"
            raise ValueError(msg)
