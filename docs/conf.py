"""How is the manual built? By Sphinx: `make docs`. What Markdown means beside what Sphinx knows stands in manual.py.

Its root is the whole repository, so that a link between pages is the same on GitHub and in the manual.
"""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS), str(DOCS.parent)]

project = "gradcheck"
author = copyright = "the gradcheck developers"  # noqa: A001  as Sphinx calls it
root_doc = "docs/index"
include_patterns = ["docs/**.md", "examples/**.md", "reports/**.md", "CHANGELOG.md"]
exclude_patterns = [".*", "build", "dist", "tests", "gradcheck", "networks", "benchmarks", "**/__pycache__"]
source_suffix = {".md": "markdown"}

extensions = ["myst_parser", "manual"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
html_math_renderer = "mathml"  # drawn by the browser, so that a formula needs neither a network nor a script

nitpicky = True
suppress_warnings = [
    "myst.header",  # a report has headings of its own depth below that of its page
    "toc.empty_glob",  # a folder that is named may have no pages yet
    "toc.not_included",  # the reports are listed by their own index
    "misc.highlighting_failure",  # an excerpt of a file need not be a whole program
]

highlight_language = "text"

html_theme = "furo"
html_title = "gradcheck"
html_static_path = ["static"]
html_css_files = ["manual.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_last_updated_fmt = None  # a page of the same sources is the same page
pygments_style = "tango"
pygments_dark_style = "monokai"
