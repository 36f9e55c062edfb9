"""How do the pictures of README.md come about? A browser is shown the pages that it speaks of: `make screenshots`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).parent
PICTURES = DOCS / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTH, MARGIN = 1120, 20
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    """Write every picture, light and dark; raises RuntimeError where there is no browser."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        msg = f"none of {', '.join(BROWSERS)} is installed"
        raise RuntimeError(msg)
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as running, story() as report:
        browser = running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for scheme in SCHEMES:
            page = browser.new_page(viewport={"width": WIDTH, "height": 800}, color_scheme=scheme)
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


def shoot(page: Page, name: str, selector: str) -> None:
    """Write a picture of one part of a page, with a margin."""
    part = page.locator(selector).first
    part.evaluate(f"part => part.style.padding = '{MARGIN}px'")
    part.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
