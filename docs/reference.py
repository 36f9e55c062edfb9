"""Where does the reference of the manual come from? From docstrings and tables: `python docs/reference.py`.

Between `<!-- word argument -->` and `<!-- end -->` stands what the function of that name below returns.
"""

from __future__ import annotations

import argparse
import ast
import enum
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from readme import BLOCK, ROOT, fenced

from gradcheck._cli import outcome
from gradcheck._cli.options import OFFERED
from gradcheck._cli.parser import COMMANDS, parser
from gradcheck._options import DEFAULTS, KEYWORDS
from gradcheck._plugin import settings

PAGES = (ROOT / "docs" / "reference.md", ROOT / "docs" / "reference_networks.md")
CODES = {
    outcome.FINE: "no gradient is wrong",
    outcome.WRONG: "a gradient is wrong; of `compare`: something is worse",
    outcome.FAILED: "something could not be checked, or the command could not be carried out",
    outcome.NOTHING: "nothing was checked, or nothing at the point moves the function",
    outcome.INTERRUPTED: "interrupted by Ctrl-C; what was found by then is shown",
    outcome.TERMINATED: "ended by another process (SIGTERM), such as a time limit; likewise",
}
WIDTH = 100  # of a signature, before each argument gets a line of its own


def written(text: str) -> str:
    """Return the page with every block filled again."""
    return BLOCK.sub(lambda m: f"{m[1]}{WORDS[m[2]](m[3] or '').rstrip()}\n{m[4]}", text)


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


# ------------------------------------------------------------------------------------------------------ public names


def names(module: str) -> str:
    """Return every public name of a module: what is typed, and what its docstring says."""
    found = import_module(module)
    return "\n\n".join(part for name in public(module) for part in _name(module, name, getattr(found, name)))


def public(module: str) -> list[str]:
    """Return the public names of a module, functions first."""
    found = import_module(module)
    return sorted(found.__all__, key=lambda name: (inspect.isclass(getattr(found, name)), name.lower()))


def _name(module: str, name: str, thing: Any) -> Iterator[str]:  # noqa: ANN401  a function, a class, or a constant
    yield f"### {name}"
    if not callable(thing) or not getattr(thing, "__module__", "").startswith(("gradcheck", "networks", "torch")):
        yield _constant(module, name)
        return
    yield fenced(_of_result(name, thing) if module == "gradcheck" else _signature(name, thing), "python")
    yield prose(inspect.getdoc(thing) or "")
    if inspect.isclass(thing):
        yield from _members(thing)


def _constant(module: str, name: str) -> str:
    """Return what the comment behind a constant, or the alias of a type, says; else how it is defined."""
    home = {"FAULTS": "Every fault, by name: name -> `Fault`.", "SPECIMENS": "A right network for each kind of layer."}
    home |= {"Array": "Type: an array of floating-point numbers.", "Layer": "Type: anything with a method `forward`."}
    home |= {"Backward": "Type: the second result of `forward`: dy -> (dx, the gradient of the layer)."}
    home |= {"Loss": "Type: a loss: `forward(y) -> (cost, backward)`."}
    return home.get(name, f"See the source of `{module}`.")


def _signature(name: str, thing: Any) -> str:  # noqa: ANN401  likewise
    """Return how it is called; the keywords of a check have a table of their own."""
    if isinstance(thing, enum.EnumType):
        return "\n".join(f"{name}.{member}" for member in thing.__members__)
    try:
        signature = inspect.signature(thing)
    except ValueError:  # of an exception
        return f"{name}(message)"
    given = signature.parameters
    if set(KEYWORDS) <= set(given):
        ours = inspect.Parameter("keywords", inspect.Parameter.VAR_KEYWORD)
        kept = [p for p in given.values() if p.name not in KEYWORDS and p.kind is not p.VAR_KEYWORD]
        signature = signature.replace(parameters=[*kept, ours])
    if inspect.isclass(thing):
        signature = signature.replace(return_annotation=signature.empty)
    shown = _plain(str(signature))
    if len(name + shown) <= WIDTH:
        return name + shown
    end = "" if signature.return_annotation is signature.empty else f" -> {_plain(str(signature.return_annotation))}"
    return "\n".join([f"{name}(", *(f"    {argument}," for argument in _arguments(signature)), f"){end}"])


def _of_result(name: str, thing: Any) -> str:  # noqa: ANN401  likewise
    """Return the same; of what only a check makes, or only an adapter in full, the fields that it must have."""
    if not is_dataclass(thing):
        return _signature(name, thing)
    needed = [f.name for f in fields(thing) if f.default is MISSING and f.default_factory is MISSING]
    return f"{name}({', '.join(needed)}{', ...' * (len(needed) < len(fields(thing)))})"


def _arguments(signature: inspect.Signature) -> Iterator[str]:
    """Yield the arguments, with the marks that tell which have to be named, and which cannot be."""
    kinds = [p.kind.name for p in signature.parameters.values()]
    for n, parameter in enumerate(signature.parameters.values()):
        before = kinds[n - 1] if n else ""
        if before == "POSITIONAL_ONLY" != kinds[n]:
            yield "/"
        if kinds[n] == "KEYWORD_ONLY" and before not in {"KEYWORD_ONLY", "VAR_POSITIONAL"}:
            yield "*"
        yield _plain(str(parameter))


def _plain(signature: str) -> str:
    """Return a signature as it is written in code."""
    named = re.sub(r"<factory>|mappingproxy\(\{\}\)|<class '([\w.]+)'>", lambda m: m[1] or "...", signature)
    named = re.sub(r"ForwardRef\('([^']+)'\)", r"\1", named)
    return re.sub(r"((?:^|: |-> ))'([^']+)'", r"\1\2", named)


def _members(thing: type) -> Iterator[str]:
    """Yield the fields of a class, then its properties and methods."""
    if is_dataclass(thing):
        said = _comments(thing)
        rows = [(f"`{f.name}`", f"`{f.type}`", escaped(said.get(f.name, ""))) for f in fields(thing)]
        yield from [table(("field", "type", "meaning"), rows)] * bool(rows)
    ours = [one for one in thing.__mro__ if one.__module__.startswith(("gradcheck", "networks"))]
    members = [(n, value) for one in ours for n, value in vars(one).items() if not n.startswith("_")]
    told = [(_called(n, v), escaped(_described(v))) for n, v in dict(reversed(members)).items() if _described(v)][::-1]
    yield from [table(("member", "meaning"), told)] * bool(told)


def _called(name: str, value: object) -> str:
    """Return a method with the names of its arguments, and a property as it is."""
    function = getattr(value, "__func__", value)
    if not inspect.isfunction(function):
        return f"`{name}`"
    given = list(inspect.signature(function).parameters.values())[not isinstance(value, staticmethod) :]
    bare = [p.replace(annotation=p.empty) for p in given]
    return f"`{name}{_plain(str(inspect.Signature(bare)))}`"


def _described(value: object) -> str:
    """Return the first sentence on a property or method; nothing of a field."""
    function = getattr(value, "func", getattr(value, "fget", getattr(value, "__func__", value)))
    return (inspect.getdoc(function) or "").partition("\n")[0] if inspect.isfunction(function) else ""


def _comments(thing: type) -> dict[str, str]:
    """Return what stands behind each field of a class, or above it, as a comment."""
    lines = textwrap.dedent(inspect.getsource(thing)).splitlines()
    (found,) = ast.parse("\n".join(lines)).body
    said = {}
    for node in found.body if isinstance(found, ast.ClassDef) else ():
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            comment = lines[(node.end_lineno or node.lineno) - 1].partition("  # ")[2].strip()
            above = lines[node.lineno - 2].strip()
            said[node.target.id] = comment or (above.removeprefix("# ") if above.startswith("# ") else "")
    return said


def prose(text: str) -> str:
    """Return a docstring as Markdown: examples as code, what is returned and raised under its name."""
    parts: list[str] = []
    for is_code, lines in _parts(text.splitlines()):
        if is_code:
            parts.append(fenced("\n".join(lines), "pycon"))
            continue
        said = "\n".join(map(_line, lines))
        said = re.sub(r"^(Returns|Raises):\n +", r"*\1:* ", said, flags=re.MULTILINE)
        parts.append(re.sub(r"^(Raises):$", r"*\1:*\n", said, flags=re.MULTILINE))
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def _parts(lines: list[str]) -> Iterator[tuple[bool, list[str]]]:
    """Yield the parts of a docstring, and whether they are examples."""
    part: list[str] = []
    in_code = False
    for line in lines:
        starts = line.startswith(">>>")
        if (starts and not in_code) or (in_code and not line):
            yield in_code, part
            part, in_code = [], starts
        part.append(line)
    yield in_code, part


def _line(line: str) -> str:
    """Return a line of prose: what is raised becomes an item of a list."""
    raised = re.match(r"^ {4}(\w+): (.*)", line)
    if raised:
        return f"- `{raised[1]}`: {escaped(raised[2])}"
    return escaped(re.sub(r"^ {4,}", "  ", line))


def escaped(text: str) -> str:
    """Return text in which nothing outside of code is taken for a mark."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(piece if n % 2 else re.sub(r"([*<\[])", r"\\\1", piece) for n, piece in enumerate(pieces))


# ------------------------------------------------------------------------------------- keywords, settings, commands


def keywords(_: str) -> str:
    """Return every keyword of a check, its default, and where else it can be said."""
    rows = [
        (
            f"`{name}`",
            f"`{DEFAULTS[name]!r}`",
            escaped(keyword.about),
            f"`--{name.replace('_', '-')}`" if name in OFFERED else "",
            f"`--gradcheck-{name.replace('_', '-')}`" if name in settings.TYPED else "",
            f"`gradcheck_{name}`" if name in settings.SETTINGS else "",
        )
        for name, keyword in KEYWORDS.items()
    ]
    return table(("keyword", "default", "meaning", "command", "pytest", "ini file"), rows)


class Told:
    """A parser of pytest that notes what is added."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.options: list[tuple[str, str, str]] = []
        self.keys: list[tuple[str, str, str]] = []
        settings.add(self)  # type: ignore[arg-type]  # it does what is asked of one

    def getgroup(self, _: str) -> Told:
        """Return what takes the options of a group."""
        return self

    def addoption(self, name: str, **said: Any) -> None:  # noqa: ANN401  as pytest has it
        """Note an option."""
        self.options.append((name, said.get("metavar", ""), said["help"]))

    def addini(self, name: str, about: str, *, type: str, default: Any) -> None:  # noqa: A002, ANN401  likewise
        """Note a key of the ini file."""
        del default
        self.keys.append((name, type, about))


def pytest_options(_: str) -> str:
    """Return the options that pytest has."""
    rows = [(f"`{f'{name} {value}'.strip()}`", escaped(said)) for name, value, said in Told().options]
    return table(("option", "meaning"), rows)


def ini(_: str) -> str:
    """Return the keys of the ini file."""
    return table(("key", "type", "meaning"), [(f"`{n}`", f"`{t}`", escaped(said)) for n, t, said in Told().keys])


def commands(_: str) -> str:
    """Return every command, with its arguments and options."""
    parts = []
    for name, one in subcommands().items():
        shown = one._get_formatter()  # noqa: SLF001  argparse has no other door to its help
        rows = [(f"`{_typed(a)}`", escaped(shown._expand_help(a)) if a.help else "") for a in arguments(one)]  # noqa: SLF001
        parts += [
            f"### gradcheck {name}",
            COMMANDS[name].ABOUT.partition("\n\n")[0],
            table(("argument", "meaning"), rows),
        ]
    return "\n\n".join(parts)


def subcommands() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command."""
    (found,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))  # noqa: SLF001  likewise
    return dict(found.choices)


def arguments(one: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return what a command takes, except for its help."""
    return [a for a in one._actions if not isinstance(a, argparse._HelpAction)]  # noqa: SLF001  likewise


def _typed(action: argparse.Action) -> str:
    """Return an argument as it is typed."""
    value = str(action.metavar or "") if not action.choices else "{" + ",".join(map(str, action.choices)) + "}"
    return " ".join(filter(None, [", ".join(action.option_strings), value]))


def codes(_: str) -> str:
    """Return the exit codes."""
    return table(("code", "meaning"), [(f"{code}", said) for code, said in CODES.items()])


def schema(file: str) -> str:
    """Return what a JSON schema says of each field."""
    told = json.loads((ROOT / "docs" / file).read_text(encoding="utf-8"))
    kinds = {"the whole": told, **told.get("$defs", {})}
    rows = [
        (kind, f"`{name}`", f"`{_kind(value)}`", escaped(value.get("description", "")))
        for kind, one in kinds.items()
        for name, value in one.get("properties", {}).items()
    ]
    return table(("of", "field", "type", "meaning"), rows)


def _kind(value: dict[str, Any]) -> str:
    if "$ref" in value:
        return str(value["$ref"]).rpartition("/")[2]
    kind = value.get("type", "one of " + ", ".join(map(str, value["enum"])) if "enum" in value else "any")
    if isinstance(kind, list):
        kind = " or ".join(kind)
    items = value.get("items") or value.get("additionalProperties")
    return f"{kind} of {_kind(items)}" if isinstance(items, dict) and items else str(kind)


WORDS: dict[str, Callable[[str], str]] = {
    "names": names,
    "keywords": keywords,
    "options": pytest_options,
    "ini": ini,
    "commands": commands,
    "codes": codes,
    "schema": schema,
}


def main(pages: tuple[Path, ...] = PAGES) -> None:
    """Fill the blocks of the pages."""
    for page in pages:
        page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
