"""What does Markdown mean in the manual beside what Sphinx knows? An extension of it, for pages that GitHub shows too.

A block of code that comes from a file has the file's name above it; a picture for light and one for dark become two
images; a page for the browser is linked as it is; a formula is drawn by the browser itself.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

CODE = re.compile(r"(<!-- code ([\w./-]+) -->\n)(?:`([\w./-]+)`\n\n)?```(\w+)\n")
PICTURE = re.compile(
    r'<picture>\s*<source [^>]*?srcset="(?P<dark>[^"]+)">\s*'
    r'<img alt="(?P<alt>[^"]*)" src="(?P<light>[^"]+)">\s*</picture>'
)
PAGE = re.compile(r"(?<!!)\[([^\]]+)\]\((?!\w+:)([^)#]+)\.html\)")
TWIN = ".report.html"  # of a page for the browser, beside a page of the manual with its name
GLOB = re.compile(r"^[\w./-]*\*$\n", re.MULTILINE)  # of a list of pages, a line that stands for several
ENTRANCE = '<!doctype html><meta charset="utf-8"><title>gradcheck</title>{}<a href="{}">The manual</a>\n'


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx of it."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("source-read", _read)
    app.connect("build-finished", _finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _read(app: Sphinx, page: str, source: list[str]) -> None:
    """Put a page in the words of MyST."""
    beside = Path(app.srcdir, page).parent
    text = CODE.sub(
        lambda found: f"{found[1]}```{{code-block}} {found[4]}\n:caption: {found[3] or found[2]}\n\n", source[0]
    )
    text = PICTURE.sub(_images, text)
    text = GLOB.sub(lambda found: found[0] if any(beside.glob(f"{found[0].strip()}.md")) else "", text)
    source[0] = PAGE.sub(rf'<a href="\2{TWIN}">\1</a>', text)


def _images(found: re.Match[str]) -> str:
    classes = ("light", "dark")
    return "\n\n".join(f"```{{image}} {found[c]}\n:class: only-{c}\n:alt: {found['alt']}\n```" for c in classes)


def _finish(app: Sphinx, error: Exception | None) -> None:
    """Put the pages for the browser beside those of the manual, and an entrance at the top."""
    if error is not None or app.builder.format != "html":
        return
    out, root = Path(app.outdir), Path(app.srcdir)
    for page in root.glob("reports/**/*.html"):
        shutil.copy(page, (out / page.relative_to(root)).with_suffix(TWIN))
    first = f"{app.config.root_doc}.html"
    go = f'<meta http-equiv="refresh" content="0; url={first}">'
    (out / "index.html").write_text(ENTRANCE.format(go, first), encoding="utf-8")


def _inline(translator: Any, node: nodes.math) -> None:  # noqa: ANN401  of Sphinx, for HTML
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:  # noqa: ANN401  likewise
    translator.body.append(f'<div class="formula">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode
