"""How do the pictures of README.md and of the manual come about? A browser takes them: `make screenshots`."""

from __future__ import annotations

import contextlib
import io
import runpy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, sync_playwright

from gradcheck import check_gradients

DOCS = Path(__file__).parent
PICTURES = DOCS / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTH, MARGIN = 1120, 20
HEIGHT = 664  # of the report on the first screen: down to the heat maps, which tells enough
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    """Write every picture, light and dark; raises RuntimeError where there is no browser."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        msg = f"none of {', '.join(BROWSERS)} is installed"
        raise RuntimeError(msg)
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as running, story() as report, example() as first:
        browser = running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for scheme in SCHEMES:
            page = browser.new_page(viewport={"width": WIDTH, "height": 800}, color_scheme=scheme)
            page.goto(first.as_uri())
            shoot(page, f"report-{scheme}", height=HEIGHT)
            page.goto(report.as_uri())
            shoot(page, f"evidence-{scheme}", "section.finding")
            page.goto((DOCS.parent / "reports" / "gallery" / "wrong-layer.html").as_uri())
            shoot(page, f"chain-{scheme}", "section:has(> ol)")
        browser.close()


@contextmanager
def story() -> Iterator[Path]:
    """Run the tests of the project that README.md shows, and yield the page that they write."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("network.py", "test_network.py"):
            shutil.copy(DOCS / "examples" / name, folder)
        shutil.copy(DOCS / "examples" / "project.toml", Path(folder, "pyproject.toml"))
        subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=folder, check=False, capture_output=True)
        yield Path(folder, "gradcheck-report.html")


@contextmanager
def example() -> Iterator[Path]:
    """Run the first example of README.md, and yield its report as a page."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        found = runpy.run_path(str(DOCS / "examples" / "first.py"))
        page = Path(folder, "report.html")
        check_gradients(found["cost"], found["w"], grad=found["gradient"]).save(page)
        yield page


def shoot(page: Page, name: str, selector: str = "", height: int | None = None) -> None:
    """Write a picture of one part of a page, with a margin; of a high one the upper part."""
    path = PICTURES / f"{name}.png"
    if height is not None:
        page.screenshot(path=path, clip={"x": 0, "y": 0, "width": WIDTH, "height": height}, full_page=True)
        return
    part = page.locator(selector).first
    part.evaluate(f"part => part.style.padding = '{MARGIN}px'")
    part.screenshot(path=path)


if __name__ == "__main__":
    main()
