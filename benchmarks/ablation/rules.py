"""Which rules have the numerics that are no constants, and what takes the place of each when it is switched off?

What a function returns says it for most: never, always, nothing, or what it was given. The others are declared.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Container, Iterator
from dataclasses import dataclass

from benchmarks.ablation.notes import NOTHING
from benchmarks.ablation.sources import ROOMS, functions, given, numerics, package

OPINIONS = ("gradcheck._entries.second_opinions.opinions", "OPINIONS")  # each of them is left out in turn

SPARED = {  # a body, and what a rule comes to by itself where that body would say the same
    "return False": "False",
    "return True": "True",
    "return None": "None",
    "return []": NOTHING,
    "return {}": NOTHING,
}
LIBRARIES = {"Verdict", "math", "np"}  # that a body may speak of besides

# By the name of a function, with that of its file or class where another has the same: what it returns instead.
DECLARED = {
    "_large": "return at(2 * backward.u), _times(backward.claims, 2.0)",
    "_staircase": "return 0.0",
    "_tails": "return len(gaps) * [LINEAR / (1 - LINEAR)]",
    "_thinned": "return dict(claims)",
    "direction.agrees": "return True, math.inf",
    "average": "climb(tested, k)",
    "confirm": "climb(tested, k)",
    "fit": "return NOWHERE",
    "jump_nearby": "return 0.0",
    "kinked": "return 0.0 * self.step",
    "locate": "return np.array([], dtype=np.int64)",
    "measured_rounding": "return 0.0",
    "negligible": "return 0.0",
    "noise_of": "return floor",
    "nothing": "return np.zeros(np.shape(uncertainty), dtype=bool)",
    "one_sided": "return centre",
    "power_of_two": "return size",
    "promise": "return 0.0 * scale",
    "refine": "return Verdict.UNDECIDED",
    "residue": "return 0.0",
    "rounding": "return 2.0**-1074",
    "one_entry.settle": "climb(tested, k)",
    "stretch": "return np.ones(self.leaf.array.size)",
}


@dataclass(frozen=True)
class Rule:
    """A function of the numerics, and a body that switches it off."""

    module: str
    function: str  # dotted, if it is a method
    off: str  # in a word
    body: str
    spared: str = ""  # what it came to where it makes no difference that it is off

    @property
    def place(self) -> str:
        """Its module and name, without the package."""
        return f"{self.module.partition('.')[2]}.{self.function}"


@dataclass(frozen=True)
class LeftOut:
    """One second opinion: its place in the row of them."""

    module: str  # where the row stands
    tuple_name: str
    index: int
    home: str  # the module of who is asked
    name: str

    @property
    def place(self) -> str:
        """The module and name of who is asked, without the package."""
        return f"{self.home.partition('.')[2]}.{self.name}"


def rules() -> list[Rule]:
    """Return every rule of the numerics, in the order of the sources; the bools alone of parts of other rooms."""
    found = []
    for source in numerics():
        part = not source.short.startswith(ROOMS)
        for name, node in functions(source.tree):
            if not part or _says(node, "bool") or _declared(f"{source.module}.{name}"):
                ways = _ways(f"{source.module}.{name}", node)
                spared = {} if _says(node, "None") else SPARED  # it does something, and comes to None in any case
                found += [Rule(source.module, name, off, body, spared.get(body, "")) for off, body in ways]
    return found


def missing() -> list[str]:
    """Return what is declared and names no function: it was renamed, or is gone."""
    there = [f"{source.module}.{name}" for source in numerics() for name, _ in functions(source.tree)]
    return [key for key in DECLARED if not any(f".{place}".endswith(f".{key}") for place in there)]


def _ways(name: str, node: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Yield the ways to switch a function off: (a word, a body)."""
    declared = _declared(name)
    if _is_plumbing(node):
        return
    if declared and not _says(node, "bool") and _fits(node, declared):
        yield "off", declared
        return
    returns = ast.unparse(node.returns) if node.returns else ""
    if returns == "bool":
        yield from (("never", "return False"), ("always", "return True"))
    elif returns.endswith("| None") or returns == "None":
        yield "off", "return None"
    elif returns.startswith(("list[", "Iterator[", "dict[")):
        yield "off", "return {}" if returns.startswith("dict[") else "return []"
    else:
        same = [a.arg for a in node.args.args if a.annotation and ast.unparse(a.annotation) == returns]
        if len(same) == 1:
            yield "off", f"return {same[0]}"


def _says(node: ast.FunctionDef, returns: str) -> bool:
    return node.returns is not None and ast.unparse(node.returns) == returns


def _is_plumbing(node: ast.FunctionDef) -> bool:
    """Whether a function is no rule: a special method, a constructor, a context, or a promise without a body."""
    decorators = {ast.unparse(d) for d in node.decorator_list}
    hollow = all(isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant) for s in node.body)
    return node.name.startswith("__") or hollow or any("context" in d or d == "classmethod" for d in decorators)


def _fits(node: ast.FunctionDef, body: str) -> bool:
    """Whether a declared body speaks of what a function is given: another of the same name may be another matter."""
    given = {a.arg for a in (*node.args.args, *node.args.kwonlyargs)}
    known = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | given
    read = {n.id for n in ast.walk(ast.parse(body)) if isinstance(n, ast.Name)}
    return read <= known | set(dir(builtins)) | LIBRARIES


def _declared(place: str) -> str:
    """Return what is declared of a function, by its full name; nothing if nothing is."""
    return next((body for key, body in DECLARED.items() if place.endswith(f".{key}")), "")


def opinions() -> list[LeftOut]:
    """Return the second opinions, if they stand in a row."""
    module, row = OPINIONS
    tree = next((source.tree for source in package() if source.module == module), ast.Module([], []))
    homes = _homes(module, tree)
    for node in tree.body:
        targets, value = given(node)
        if isinstance(value, ast.Tuple | ast.List) and any(isinstance(t, ast.Name) and t.id == row for t in targets):
            names = [_called(part, homes) for part in value.elts]
            return [LeftOut(module, row, n, homes.get(name, module), name) for n, name in enumerate(names)]
    return []


def _homes(module: str, tree: ast.Module) -> dict[str, str]:
    """Return where the functions are defined that a module knows by name: in itself, or where it has them from."""
    own = {name: module for name, _ in functions(tree)}
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return own | {alias.asname or alias.name: str(node.module) for node in imports for alias in node.names}


def _called(part: ast.expr, asked: Container[str]) -> str:
    """Return the name of the function in one element of the row, which may stand there with what belongs to it."""
    given_to = part.args if isinstance(part, ast.Call) else [part]
    names = (node.id for one in given_to for node in ast.walk(one) if isinstance(node, ast.Name))
    return next((name for name in names if name in asked), ast.unparse(part))
