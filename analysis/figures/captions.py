"""Captions of the figures that README.md and docs/*.md show: made by the code that draws them.

    python -m analysis.figures.captions --study results/reference [--images results/study/figures]

The paragraph in italics under each image figures/NAME.png is written anew, and so is
docs/figures/NAME.txt beside the image. Captions depend on a study's tables alone, so the results
kept in results/reference are enough. With --images the images shown are copied too, from the
folder of that study's figures.
"""

from __future__ import annotations

import argparse
import importlib
import re
from pathlib import Path

from analysis.figures import (
    answer,
    claims,
    dose_response,
    lewis,
    norm_stick_figures,
    strength,
    verdict,
)
from analysis.figures.study import read_study
from analysis.figures.style import first_caption
from formats.files import run_command, write_bytes, write_text

IMAGE = (
    r"(?P<image>!\[[^\]]*\]\((?:docs/)?figures/{name}\.png\)\n)"
    r"(?:\n\*(?!\*)(?P<words>[^*]+)\*\n)?"
)
"""An image in a document, and the paragraph in italics after it, if there is one."""
SERIES = ("gait_by_dose", "head_displacement", "muscle_timing", "stick_figures")
"""Figures in the documents that have a page for each series."""


def made(study: Path) -> dict[str, str]:
    """Figure's name -> its caption, for the figures whose tables a study's folder has."""
    series = read_study(study)
    found = {dose_response.NAME: dose_response.caption(series), lewis.NAME: lewis.CAPTION}
    judged = claims.table(claims.read(study))
    found[answer.NAME] = answer.caption(answer.headline(judged))
    found[verdict.NAME] = verdict.caption(judged)
    found["norm_stick_figures"] = norm_stick_figures.caption(series[0])
    for name in SERIES:
        module = importlib.import_module(f"analysis.figures.{name}")
        without = getattr(module, "without", lambda series: "")
        found[name] = first_caption(series, module.caption, without)
    if (study / strength.TABLE).is_file():
        found[strength.NAME] = strength.caption(strength.read(study))
    return found


def documents(root: Path) -> list[Path]:
    """The pages that show figures."""
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]


def put(text: str, name: str, caption: str) -> str:
    """A page with the caption under each image of the figure."""
    if "*" in caption:
        raise ValueError(f"{name}: a caption cannot hold a star, which ends the italics")
    pattern = IMAGE.format(name=re.escape(name))
    return re.sub(pattern, lambda match: f"{match['image']}\n*{caption}*\n", text)


def shown(text: str, name: str) -> list[str]:
    """The captions under the images of a figure on a page; empty text: an image without one."""
    pattern = IMAGE.format(name=re.escape(name))
    return [match["words"] or "" for match in re.finditer(pattern, text)]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the captions of README.md and docs/.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study shown")
    parser.add_argument("--root", type=Path, default=Path(), help="folder of README.md and docs/")
    parser.add_argument("--images", type=Path, help="folder of the study's figures, to copy from")
    given = parser.parse_args()
    captions = made(given.study)
    for page in documents(given.root):
        old = page.read_text("utf-8")
        new = old
        for name, caption in captions.items():
            new = put(new, name, caption)
            if shown(new, name):
                write_text(given.root / "docs" / "figures" / f"{name}.txt", f"{caption}\n")
        if new != old:
            write_text(page, new)
            print(f"{page}: captions written")
    if given.images is not None:
        for image in sorted((given.root / "docs" / "figures").glob("*.png")):
            own = given.images / image.name
            if own.is_file():
                write_bytes(image, own.read_bytes())


if __name__ == "__main__":
    run_command(main)
