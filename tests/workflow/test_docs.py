"""The documentation builds without a warning, loads nothing from elsewhere, names what exists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from tests.workflow.conftest import CHECKOUT

PAGES = [
    CHECKOUT / "README.md",
    CHECKOUT / "CONTRIBUTING.md",
    CHECKOUT / "config" / "README.md",
    *sorted((CHECKOUT / "docs").glob("*.md")),
]
COMMAND = re.compile(
    r"python -m ((?:models|simulations|analysis|formats|study|benchmarks|hipdrive)[\w.]*)([^`|\n]*)"
)
NEEDED = ("start", "strength", "own_runner", "own_question", "results", "gallery", "columns")
NEEDED += ("lewis", "method", "architecture", "glossary", "cluster", "changes", "keys", "notebook")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(out)],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(CHECKOUT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert "WARNING" not in done.stderr
    return out


class Loads(HTMLParser):
    """What a page loads, and where it links to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("script", "img", "source", "iframe"):
            self.loaded += filter(None, [found.get("src")])
        if tag == "link" and found.get("rel") != "canonical":
            self.loaded += filter(None, [found.get("href")])
        if tag == "a":
            self.linked += filter(None, [found.get("href")])


def test_every_page_is_built_and_loads_what_lies_beside_it(site: Path) -> None:
    assert not [name for name in NEEDED if not (site / f"{name}.html").is_file()]
    for page in site.rglob("*.html"):
        if page.name == "404.html":
            continue
        found = Loads(page.read_text("utf-8"))
        local = [address.split("#")[0].split("?")[0] for address in found.linked]
        for address in [*found.loaded, *(a for a in local if a and ":" not in a)]:
            assert "//" not in address, f"{page.name} loads {address}"
            assert (page.parent / address).resolve().exists(), f"{page.name}: {address}"


def test_the_notebook_reads_the_study_and_draws_its_figure(site: Path) -> None:
    """Run when the pages are built; its page shows the table and the figure."""
    page = (site / "notebook.html").read_text("utf-8")
    assert (site / "notebook" / "figure_1.png").stat().st_size > 5000
    assert "mean activation in stance" in page
    assert "<th>140</th>" in page


def test_the_notebook_is_kept_without_output() -> None:
    path = CHECKOUT / "docs" / "notebooks" / "read_a_study.ipynb"
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")


def test_functions_have_their_pages(site: Path) -> None:
    page = (site / "api" / "study.html").read_text("utf-8")
    assert 'id="study.keys.Study"' in page
    assert 'id="study.cost.estimate"' in page


def test_commands_in_pages_exist_with_their_options() -> None:
    seen = 0
    for page in PAGES:
        for module, rest in COMMAND.findall(page.read_text("utf-8")):
            name = module.rstrip(".")
            path = CHECKOUT / Path(*name.split("."))
            source = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
            if name.endswith("figures"):
                continue  # a figure's module is named after it
            assert source.is_file(), f"{page.name}: python -m {name}"
            text = source.read_text("utf-8")
            for option in re.findall(r"--([a-z][a-z-]+)", rest):
                known = option == "help" or f"--{option}" in text or "options." in text
                drawn = "figure_main" in text or "figure_command" in text
                assert known or drawn, f"{page.name}: {name} --{option}"
            seen += 1
    assert seen > 20


def test_goals_of_make_in_pages_exist() -> None:
    makefile = (CHECKOUT / "Makefile").read_text("utf-8")
    goals = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for page in PAGES:
        named = re.findall(r"`make ([a-z]+)|^    make ([a-z]+)", page.read_text("utf-8"), re.M)
        for goal in filter(None, (one or other for one, other in named)):
            assert goal in goals, f"{page.name}: make {goal}"


def test_what_the_readme_shows_unasked_is_short() -> None:
    """Tables that are folded under a line of their own are read by who opens them."""
    page = (CHECKOUT / "README.md").read_text("utf-8")
    assert len(re.sub("<details>.*?</details>", "", page, flags=re.DOTALL)) < 10_000
    assert len(page) < 20_000
