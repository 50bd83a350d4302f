"""Captions in README.md and docs/: what the code that draws says of the results kept here."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.figures import captions
from tests.workflow.conftest import CHECKOUT

REFERENCE = CHECKOUT / "results" / "reference"
PAGE = "![a](docs/figures/cup.png)\n\nText.\n\n![b](docs/figures/lewis.png)\n\n*Old.*\n\nMore.\n"


def test_a_caption_is_put_under_its_image_and_nothing_else_changes() -> None:
    once = captions.put(PAGE, "cup", "New.")
    assert once == PAGE.replace("cup.png)\n", "cup.png)\n\n*New.*\n")
    assert captions.put(once, "cup", "New.") == once
    assert captions.put(PAGE, "lewis", "New.") == PAGE.replace("*Old.*", "*New.*")
    assert captions.shown(PAGE, "cup") == [""]
    assert captions.shown(PAGE, "lewis") == ["Old."]
    with pytest.raises(ValueError, match="star"):
        captions.put(PAGE, "cup", "a * b")


def test_pages_show_the_captions_that_the_code_makes() -> None:
    """After `python -m analysis.figures.captions --study results/reference`."""
    pages = {page: page.read_text("utf-8") for page in captions.documents(CHECKOUT)}
    seen, made = set(), captions.made(REFERENCE)
    for name, caption in made.items():
        for page, text in pages.items():
            for words in captions.shown(text, name):
                assert words == caption, f"{page.name}: {name}"
                seen.add(name)
    assert {"dose_response", "gait_by_dose", "head_displacement", "muscle_timing"} <= seen
    for name in seen:
        kept = Path(CHECKOUT / "docs" / "figures" / f"{name}.txt").read_text("utf-8")
        assert kept == f"{made[name]}\n"
