"""How are names escaped? A user's name must not change the page it stands on."""

from __future__ import annotations

import re

from gradcheck._render.span import clipped, span


def visible(text: str) -> str:
    r"""Return the text on one line, with control characters spelled out: `\x1b`, `\u202e`."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in " ".join(text.split()))


def middle(text: str, width: int) -> str:
    """Return the text, shortened in the middle to the width, at dots if that leaves enough; its ends say the most."""
    if span(text) <= width:
        return text
    tail = (width - 1) // 2
    head, end = clipped(text, width - 1 - tail), clipped(text[::-1], tail)[::-1]
    first, last = head.rfind(".") + 1, max(0, end.find("."))
    return f"{head[: first if 2 * first >= len(head) else None]}…{end[last if 2 * last <= len(end) else 0 :]}"


def encodable(page: str) -> str:
    r"""Return text that can be encoded: half of a character becomes its escape, `\ud800`, as JSON has it anyhow."""
    return page if page.isascii() else page.encode("utf-8", "backslashreplace").decode("utf-8")


def csv_text(text: str) -> str:
    """Return the text as a cell that no spreadsheet takes for a formula."""
    text = visible(text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def markdown_code(text: str) -> str:
    """Return a name as a code span."""
    text = visible(text)
    if "`" not in text:
        return f"`{text}`" if text else ""
    fence = "`" * (1 + max(map(len, re.findall("`+", text))))
    return f"{fence} {text} {fence}"


def markdown_text(text: str) -> str:
    """Return a sentence with its code spans as they are and all other markup spelled out."""
    return re.sub(r"^(?=[#>+-])", r"\\", markdown_cell(text))  # these mean something where a line begins


def markdown_cell(text: str) -> str:
    """Return a sentence as it may stand inside a line."""
    spans = re.split(r"(?<!`)(`[^`]+`)(?!`)", visible(text))
    return "".join(span if number % 2 else _MARKUP.sub(r"\\\g<0>", span) for number, span in enumerate(spans))


_MARKUP = re.compile(
    r"""[\\`*<|]  # these anywhere
    |~(?=~)|&(?=[\w#])  # struck through; an entity
    |\](?=[(\[])  # a link
    |(?<![^\W_])_|_(?![^\W_])  # an underscore inside a word is only an underscore
    """,
    re.VERBOSE,
)
