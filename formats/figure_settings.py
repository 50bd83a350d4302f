"""How figures look, read from a YAML file: widths, text, resolution, lines, colours.

python -m formats.figure_settings FILE     check a file
"""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from formats.checkout import CHECKOUT
from formats.errors import sentence
from formats.files import run_command
from formats.yaml import Keys
from formats.yaml import read as read_yaml

FILE = CHECKOUT / "analysis" / "figures" / "figures.yaml"
PRESETS = {path.stem: path for path in sorted((FILE.parent / "presets").glob("*.yaml"))}
"""Styles of journals and of slides, by name."""

Width = Annotated[float, Field(ge=40, le=400)]
Points = Annotated[float, Field(gt=0, le=10)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Family = Annotated[str, Field(min_length=1, max_length=100)]
Ramp = Annotated[list[Colour], Field(min_length=2, max_length=9)]

# What a key may be, in the words of an error message.
ALLOWED = {
    "column_width_mm": "it is a number from 40 to 400 (mm)",
    "page_width_mm": "it is a number from 40 to 400 (mm)",
    "max_height_mm": "it is a number from 60 to 600 (mm)",
    "font_family": "it is the name of a font family, or a list of up to 9, of which the first "
    "installed is taken",
    "font_size_pt": "it is a number from 4 to 20 (points)",
    "svg_text": "it is outlines or editable",
    "dpi": "it is a whole number from 50 to 1200",
    "line_width_pt": "it is a number above 0 up to 10 (points)",
    "line_width_100_pt": "it is a number above 0 up to 10 (points)",
    "axis_width_pt": "it is a number above 0 up to 10 (points)",
    "marker_size_pt": "it is a number above 0 up to 20 (points)",
    "colour_100": "a colour is '#rrggbb'",
    "colours_weaker": "it is a list of 2 to 9 colours '#rrggbb', from near 100 % to far from it",
    "colours_stronger": "it is a list of 2 to 9 colours '#rrggbb', from near 100 % to far from it",
    "colour_norms": "a colour is '#rrggbb'",
    "dose_colours": "it is a dose in per cent with its colour, like {80: '#0072B2'}",
}


class Settings(Keys):
    """The keys of figures.yaml, explained there; lengths in mm, points (1/72 inch) or dpi."""

    column_width_mm: Width = 85
    page_width_mm: Width = 170
    max_height_mm: Annotated[float, Field(ge=60, le=600)] = 240
    font_family: Family | Annotated[list[Family], Field(min_length=1, max_length=9)] = "DejaVu Sans"
    font_size_pt: Annotated[float, Field(ge=4, le=20)] = 7
    svg_text: Literal["outlines", "editable"] = "outlines"
    dpi: Annotated[int, Field(ge=50, le=1200)] = 300
    line_width_pt: Points = 1.2
    line_width_100_pt: Points = 1.6
    axis_width_pt: Points = 0.6
    marker_size_pt: Annotated[float, Field(gt=0, le=20)] = 4
    colour_100: Colour = "#000000"
    colours_weaker: Ramp = Field(default=["#56B4E9", "#0072B2", "#2b2f9e"])
    colours_stronger: Ramp = Field(default=["#E69F00", "#D55E00", "#6b2f00"])
    colour_norms: Colour = "#9a9a9a"
    dose_colours: dict[Annotated[float, Field(gt=0, le=300)], Colour] = Field(default={})


def file_of(name: str | Path) -> Path:
    """The file of a preset's name, or the file itself."""
    return PRESETS.get(str(name), Path(name))


def font(settings: Settings) -> str:
    """The first of the settings' font families that is installed. ValueError, one line: none is."""
    # matplotlib looks through all fonts when it is first asked; its own is always there.
    wanted = settings.font_family
    families = [wanted] if isinstance(wanted, str) else wanted
    if families[0] == Settings.model_fields["font_family"].default:
        return families[0]
    from matplotlib.font_manager import findSystemFonts, fontManager, get_font_names

    for looked_anew in (False, True):
        if looked_anew:  # matplotlib keeps a list of fonts; one installed since is not on it
            for path in findSystemFonts():
                with contextlib.suppress(OSError, RuntimeError):
                    fontManager.addfont(path)
        installed = set(get_font_names())
        for family in families:
            if family in installed:
                return family
    raise ValueError(
        f"font_family: none of {', '.join(families)} is installed; install one of them (Liberation "
        "Sans stands in for Arial), or name one that is: DejaVu Sans always is"
    )


def read(path: Path | str = FILE) -> Settings:
    """The settings of a file; what it leaves out is as in figures.yaml.

    Raises ValueError with one line: file, key, value, what is allowed; also if no font is there.
    """
    found = _read(path)
    try:
        font(found)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return found


def _read(path: Path | str) -> Settings:
    content = read_yaml(path)
    if content is None:
        return Settings()
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ValueError(f"{path}: holds no keys; allowed are {', '.join(Settings.model_fields)}")
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        said = sentence(error, Settings, content, lambda place: ALLOWED[str(place[0])])
    raise ValueError(f"{path}: {said}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Check a file of figure settings.")
    parser.add_argument("file", nargs="?", type=Path, default=FILE)
    path = file_of(parser.parse_args().file)
    read(path)
    print(f"{path}: figure settings, all allowed")


if __name__ == "__main__":
    run_command(main)
