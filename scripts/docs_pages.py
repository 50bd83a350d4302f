"""Pages of the documentation that are made when it is built (a hook of mkdocs.yml).

keys: config/README.md; gallery: the figures kept in results/reference, each with its command;
notebook: docs/notebooks, run anew; api/: the functions of each package; changes, contributing.
Lines of the table of contents whose page is not there are left out.
"""

from __future__ import annotations

import ast
import contextlib
import html
import io
import os
import re
from pathlib import Path
from typing import Any

os.environ.setdefault("MPLBACKEND", "Agg")

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

CHECKOUT = Path(__file__).resolve().parents[1]
REFERENCE = CHECKOUT / "results" / "reference"
NOTEBOOK = CHECKOUT / "docs" / "notebooks" / "read_a_study.ipynb"
PACKAGES = ("models", "simulations", "analysis", "formats", "study")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave out lines of the table of contents whose page is not there."""
    config.nav = [item for item in map(present, config.nav or []) if item]
    return config


def present(item: Any) -> Any:
    """An item of the table of contents, or nothing if its page is neither kept nor made."""
    ((title, where),) = item.items()
    if isinstance(where, list):
        kept = [one for one in map(present, where) if one]
        return {title: kept} if kept else None
    made = where in MADE or where.startswith("api/")
    return item if made or (CHECKOUT / "docs" / where).is_file() else None


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made, and the pictures that they show."""
    for name, make in MADE.items():
        files.append(File.generated(config, name, content=make()))
    for package in PACKAGES:
        files.append(File.generated(config, f"api/{package}.md", content=functions(package)))
    for path in sorted(REFERENCE.rglob("*.svg")) + sorted(REFERENCE.rglob("*.gif")):
        files.append(File.generated(config, f"reference/{path.name}", content=path.read_bytes()))
    for name, content in PICTURES.items():
        files.append(File.generated(config, f"notebook/{name}", content=content))
    return files


def keys() -> str:
    """config/README.md, with links to files that are no pages taken off."""
    return elsewhere((CHECKOUT / "config" / "README.md").read_text("utf-8"))


def elsewhere(text: str) -> str:
    """Markdown without links out of docs/, their words kept."""
    return re.sub(r"\[([^]]+)\]\((?!http|#|[a-z_]+\.md)[^)]*\)", r"\1", text)


def gallery() -> str:
    """The figures that are kept, with caption and command."""
    lines = [
        "# Figures",
        "",
        "Those of the study kept in `results/reference`. Each is drawn by a command, which",
        "`make study` runs; with `STUDY` the folder of a study, it draws PDF, SVG, PNG, the CSV of",
        "what it shows and its caption into `STUDY/figures`.",
        "[How figures look](report.md#another-style) is configured.",
        "",
        "![Runners side by side](reference/running.gif)",
        "",
        "    python -m analysis.animation --study STUDY",
        "",
    ]
    for path in sorted((REFERENCE / "figures").glob("*.svg")):
        caption = path.with_suffix(".txt").read_text("utf-8").strip()
        command = f"python -m analysis.figures.{path.stem} --study STUDY"
        if path.stem == "lewis":
            command = "python -m analysis.lewis --help"
        lines += [f"## {path.stem.replace('_', ' ')}", "", f"![{path.stem}](reference/{path.name})"]
        lines += ["", html.escape(caption, quote=False), "", f"    {command}", ""]
    return "\n".join(lines)


def functions(package: str) -> str:
    """The page of a package: its modules that have a docstring, for mkdocstrings."""
    lines = [f"# {package}", ""]
    for path in sorted((CHECKOUT / package).rglob("*.py")):
        name = ".".join(path.relative_to(CHECKOUT).with_suffix("").parts)
        if not name.endswith("__init__") and ast.get_docstring(ast.parse(path.read_text("utf-8"))):
            lines += [f"::: {name}", ""]
    return "\n".join(lines)


PICTURES: dict[str, bytes] = {}
"""Figures that the notebook drew, by file name."""


def notebook() -> str:
    """The notebook as a page, its cells run, with what they print, show and draw."""
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    lines, space = [], {"__name__": "__main__"}
    for cell in cells:
        if cell.cell_type == "markdown":
            lines += [cell.source, ""]
            continue
        lines += ["```python", cell.source.rstrip(), "```", "", *run(cell.source, space)]
    return "\n".join(lines)


def run(source: str, space: dict[str, Any]) -> list[str]:
    """Run a cell in the checkout; lines of Markdown with what it gave."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.chdir(CHECKOUT):
        exec(compile(tree, NOTEBOOK.name, "exec"), space)
        expression = None if last is None else ast.Expression(last.value)
        value = expression and eval(compile(expression, NOTEBOOK.name, "eval"), space)
    lines = []
    if said.getvalue():
        lines += ["```text", said.getvalue().rstrip(), "```", ""]
    for number in plt.get_fignums():
        name = f"figure_{len(PICTURES) + 1}.png"
        stream = io.BytesIO()
        plt.figure(number).savefig(stream, dpi=150)
        PICTURES[name] = stream.getvalue()
        lines += [f"![What the cell draws](notebook/{name})", ""]
    plt.close("all")
    if isinstance(value, pd.DataFrame | pd.Series):
        shown = value if isinstance(value, pd.DataFrame) else value.to_frame()
        lines += [shown.to_html(border=0).replace(' class="dataframe"', ""), ""]
    return lines


MADE = {
    "keys.md": keys,
    "gallery.md": gallery,
    "notebook.md": notebook,
    "changes.md": lambda: elsewhere((CHECKOUT / "CHANGELOG.md").read_text("utf-8")),
    "contributing.md": lambda: elsewhere((CHECKOUT / "CONTRIBUTING.md").read_text("utf-8")),
}
