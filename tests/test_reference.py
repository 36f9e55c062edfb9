"""Is the reference of the manual complete, and what the code says today?"""

from __future__ import annotations

import importlib
import json
import re

import pytest
from pages import DOCS, _loaded, structure

import gradcheck
from gradcheck._cli import outcome
from gradcheck._options import KEYWORDS
from gradcheck._plugin import settings

reference = _loaded(DOCS / "reference.py")
TEXTS = [page.read_text(encoding="utf-8") for page in reference.PAGES]
BLOCKS = [block for text in TEXTS for block in reference.BLOCK.finditer(text)]
MODULES = [block[3] for block in BLOCKS if block[2] == "names"]
TYPED = [DOCS.parent / "README.md", *sorted(DOCS.rglob("*.md"))]  # pages that say what to type
FENCED = re.compile(r"^```([\w{}-]*)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NEEDS = {"gradcheck.compat.torch": "torch", "gradcheck.compat.jax": "jax", "gradcheck.compat.scipy": "scipy"}


def block(word, argument=None):
    """Return a block of the pages."""
    return next(b[0] for b in BLOCKS if (b[2], b[3]) == (word, argument))


@pytest.mark.parametrize("found", BLOCKS, ids=lambda found: f"{found[2]} {found[3] or ''}".strip())
def test_each_block_is_what_the_code_says(found):
    """Run `python docs/reference.py` if this fails."""
    if found[2] == "names":
        pytest.importorskip(NEEDS.get(found[3], "gradcheck"))
    assert structure(reference.written(found[0])) == structure(found[0])


def test_every_word_fills_a_block():
    """A word that nobody knows would be left as it is."""
    assert {found[2] for found in BLOCKS} == set(reference.WORDS)
    assert sum(text.count("<!-- end -->") for text in TEXTS) == len(BLOCKS)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_has_a_heading_and_a_sentence(module):
    """None is left out, and none is only named."""
    pytest.importorskip(NEEDS.get(module, "gradcheck"))
    parts = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |<!-- end)", block("names", module), re.DOTALL | re.MULTILINE))
    assert set(parts) == set(importlib.import_module(module).__all__)
    for name, said in parts.items():
        assert re.sub(r"```.*?```", "", said, flags=re.DOTALL).strip(), name


def test_every_module_that_users_import_is_there():
    """All folders and files of the package without an underscore: what is documented otherwise is named here."""
    package = next(iter(gradcheck.__path__))
    folders = {"gradcheck.strategies", "gradcheck.replay", "networks", *NEEDS}
    assert {"gradcheck", *folders} == set(MODULES)
    public = {path.stem for path in reference.Path(package).iterdir() if not path.stem.startswith(("_", "."))}
    assert public - {"py"} == {"compat", "networks", "replay", "strategies"}


def test_every_keyword_is_there():
    """With its default, and where else it can be given."""
    assert re.findall(r"^\| `(\w+)` \|", block("keywords"), re.MULTILINE) == list(KEYWORDS)


def test_every_option_and_key_of_pytest_is_there(request):
    """Those that pytest itself shows: none is added elsewhere."""
    shown = {f"--gradcheck-{name.replace('_', '-')}" for name in (*settings.TYPED, "report", "strict")}
    assert set(re.findall(r"^\| `(--[\w-]+)", block("options"), re.MULTILINE)) == shown
    known = {name for name in request.config._parser._inidict if name.startswith("gradcheck_")}
    assert set(re.findall(r"^\| `(\w+)` \|", block("ini"), re.MULTILINE)) == known
    said = request.config._parser._anonymous
    groups = [said, *request.config._parser._groups]
    flags = {flag for group in groups for option in group.options for flag in option.names() if "--gradcheck" in flag}
    assert flags == shown


def test_every_argument_of_every_command_is_there():
    """As it is typed."""
    text = block("commands")
    for name, one in reference.subcommands().items():
        part = text.partition(f"### gradcheck {name}\n")[2].partition("###")[0]
        for action in reference.arguments(one):
            for typed in action.option_strings or [action.metavar]:
                assert re.search(rf"^\| `{re.escape(typed)}[ `]", part, re.MULTILINE), (name, typed)


def test_every_exit_code_is_there():
    """Each number that a command can end with."""
    known = {value for name, value in vars(outcome).items() if name.isupper() and isinstance(value, int)}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", block("codes"), re.MULTILINE)} == known


@pytest.mark.parametrize("page", TYPED, ids=lambda page: page.name)
def test_what_a_page_says_to_type_is_there(page, request):
    """Options and keys of pytest, and the commands with their options."""
    text = page.read_text(encoding="utf-8")
    options = {f"--gradcheck-{name.replace('_', '-')}" for name in (*settings.TYPED, "report", "strict")}
    assert set(re.findall(r"--gradcheck-[a-z-]+\b", text)) <= options
    keys = {name for name in request.config._parser._inidict if name.startswith("gradcheck_")}
    assert {f"gradcheck_{name}" for name in re.findall(r"\bgradcheck_(\w+) = ", text)} <= keys
    commands = reference.subcommands()
    for typed in [code for kind, code in FENCED.findall(text) if kind in {"", "text"}]:
        for name, rest in re.findall(r"^(?:\$ )?gradcheck (\w+)(.*?)(?:#|;|$)", typed, re.MULTILINE):
            assert name in commands, name
            known = {option for action in reference.arguments(commands[name]) for option in action.option_strings}
            assert set(re.findall(r"--[a-z-]+", rest)) - {"--help"} <= known, (name, rest)


@pytest.mark.parametrize("file", sorted(DOCS.glob("*.schema.json")), ids=lambda file: file.stem)
def test_every_field_of_every_schema_is_there(file):
    """Of each kind of object."""
    told = json.loads(file.read_text(encoding="utf-8"))
    fields = [name for one in (told, *told["$defs"].values()) for name in one.get("properties", {})]
    assert re.findall(r"^\| [\w ]+ \| `(\w+)` \|", block("schema", file.name), re.MULTILINE) == fields
