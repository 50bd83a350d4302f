"""How all figures look, and how they are written: sizes, colours by dose; PDF, SVG, PNG, CSV, TXT.

NAME.txt is the figure's caption, made of what was drawn by the code that drew it.

figures.yaml says how (formats/figure_settings.py). Colours are of Okabe and Ito's palette for all
kinds of colour vision (Okabe & Ito 2008); each dose also has its own line style.
"""

from __future__ import annotations

import argparse
import io
import textwrap
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure

from analysis.figures import rule
from analysis.figures.study import Series, read_study
from formats.claims import of_study
from formats.figure_settings import FILE, Settings, read
from formats.files import run_command, write_bytes, write_text
from formats.table import csv_text

COLUMN, PAGE = "column_width_mm", "page_width_mm"
"""The two widths of a figure, by their keys in figures.yaml."""
# From near 100 % to far from it.
WEAKER_DASHES: list[tuple[float, ...]] = [(5, 1.2), (2.5, 1.2), (1.2, 1.2), (8, 2, 2, 2)]
STRONGER_DASHES: list[tuple[float, ...]] = [(7, 1, 1, 1), (4, 1, 1, 1, 1, 1), (1, 1), (8, 3)]

# Colours and markers of arms, where these are drawn beside each other (Okabe & Ito 2008).
ARM_COLOURS = ["#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
ARM_MARKERS = "osD^vP*"

_settings = Settings()


def use(settings: Settings) -> None:
    """Draw all that follows in this style; each command draws one figure in one style."""
    global _settings
    _settings = settings
    size, axis = settings.font_size_pt, settings.axis_width_pt
    plt.rcParams.update(
        {
            "font.family": settings.font_family,
            "font.size": size,
            "axes.titlesize": size,
            "axes.labelsize": size,
            "xtick.labelsize": size,
            "ytick.labelsize": size,
            "legend.fontsize": size,
            "legend.title_fontsize": size,
            "figure.titlesize": size,
            "figure.labelsize": size,
            "legend.frameon": False,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.linewidth": axis,
            "xtick.major.width": axis,
            "ytick.major.width": axis,
            "lines.linewidth": settings.line_width_pt,
            "hatch.linewidth": 0.5,
            "lines.markersize": settings.marker_size_pt,
            "pdf.fonttype": 42,
            "svg.fonttype": {"outlines": "path", "editable": "none"}[settings.svg_text],
            "svg.hashsalt": "hipdrive",  # the same figure is the same file
            "savefig.dpi": settings.dpi,
            "figure.constrained_layout.use": True,
        }
    )


use(_settings)


def norm_grey() -> str:
    """Colour of what runners measure."""
    return _settings.colour_norms


def figure(width: str, height_mm: float) -> Figure:
    """An empty figure as wide as COLUMN or PAGE says, of a height in millimetres."""
    return plt.figure(figsize=(getattr(_settings, width) / 25.4, height_mm / 25.4))


def dose_styles(doses: Sequence[float]) -> dict[float, dict[str, Any]]:
    """Line keywords of each dose (%): black at 100, blue and dashed below, orange above."""
    styles: dict[float, dict[str, Any]] = {}
    weaker = LinearSegmentedColormap.from_list("weaker", _settings.colours_weaker)
    stronger = LinearSegmentedColormap.from_list("stronger", _settings.colours_stronger)
    for colours, dashes, side in (
        (weaker, WEAKER_DASHES, sorted((d for d in doses if d < 100), reverse=True)),
        (stronger, STRONGER_DASHES, sorted(d for d in doses if d > 100)),
    ):
        for rank, dose in enumerate(side):
            # Two doses take the two palette colours; only more of them reach the dark end.
            share = rank / max(2, len(side) - 1)
            styles[dose] = {
                "color": to_hex(colours(share)),
                "linestyle": (0, dashes[rank % len(dashes)]),
            }
    for dose in doses:
        if dose == 100:
            wide = {"linewidth": _settings.line_width_100_pt, "zorder": 3}
            styles[dose] = {"color": _settings.colour_100, "linestyle": "-", **wide}
    for dose, colour in _settings.dose_colours.items():
        if dose in styles:
            styles[dose]["color"] = colour
    return styles


def dose_legend(page: Figure, axes: Axes, label: str, columns: int = 6) -> None:
    """The doses' lines, taken from one panel, above all panels."""
    handles, names = axes.get_legend_handles_labels()
    title = f"strength: {label}"
    page.legend(handles, names, loc="outside upper center", ncols=columns, title=title)


def letter(axes: Axes, text: str) -> None:
    """A panel's letter, above its left corner."""
    axes.set_title(text, loc="left", fontweight="bold")


def least_axis(axes: Axes, span: float, *, axis: Literal["x", "y"] = "y") -> None:
    """Widen an axis about its middle until it shows at least `span` (in its unit).

    Without it matplotlib draws the last digit of a quantity that does not change as large as an
    effect. Called after all is drawn; analysis.figures.shown.least_span says how much.
    """
    low, high = sorted(axes.get_ylim() if axis == "y" else axes.get_xlim())
    if high - low < span:
        middle = 0.5 * (low + high)
        limits = (middle - 0.5 * span, middle + 0.5 * span)
        if axis == "y":
            axes.set_ylim(limits)
        else:
            axes.set_xlim(limits)


def stride_axis(axes: Axes, *, label: bool = True) -> None:
    """x axis over one stride of the right leg, from its initial contact."""
    axes.set_xlim(0, 100)
    axes.set_xticks([0, 25, 50, 75, 100])
    if label:
        axes.set_xlabel("stride (%), right contact at 0")


def characters(width: str, share: float = 1.0) -> int:
    """How many letters surely fit on a line over a share of a figure as wide as COLUMN or PAGE."""
    points = getattr(_settings, width) / 25.4 * 72 * share
    return int(points / (0.56 * _settings.font_size_pt))


def note(canvas: Figure, text: str) -> None:
    """A short remark below the panels, in lines no wider than the page."""
    fitting = int(canvas.get_figwidth() * 72 / (0.56 * _settings.font_size_pt))
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, fitting)]
    canvas.supxlabel("\n".join(lines), color="0.35", x=0.5)


def absent(title: str, reason: str) -> Figure:
    """A page that says why there is nothing to show."""
    page = figure(PAGE, 28)
    page.text(0.5, 0.62, title, ha="center", va="center")
    page.text(0.5, 0.34, f"not drawn: {reason}", ha="center", va="center", color="0.35")
    return page


def save(
    folder: Path, name: str, pages: Iterable[Figure], drawn: pd.DataFrame, caption: str = ""
) -> None:
    """Write name.png and name.svg (first page), name.pdf (all pages, fonts embedded), name.csv.

    pages: at least one; taken, written and closed one after the other. caption: of the first page,
    one paragraph, written to name.txt.
    """
    image, vector, document = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with PdfPages(document, metadata={"CreationDate": None}) as book:
        for number, page in enumerate(pages):
            if number == 0:
                page.savefig(image, format="png")
                page.savefig(vector, format="svg", metadata={"Date": None})
            book.savefig(page)
            plt.close(page)
    write_text(folder / f"{name}.csv", csv_text(drawn))
    write_text(folder / f"{name}.txt", f"{caption}\n" if caption else "")
    write_bytes(folder / f"{name}.pdf", document.getvalue())
    write_bytes(folder / f"{name}.svg", vector.getvalue())
    write_bytes(folder / f"{name}.png", image.getvalue())


def figure_main(draw: Callable[[Path], None]) -> None:
    """The command line of a figure: --study and --style; `draw` draws that of a study's folder."""

    def main() -> None:
        parser = argparse.ArgumentParser(description="Draw a figure of a study.")
        parser.add_argument("--study", type=Path, required=True, help="folder of the study")
        parser.add_argument("--style", type=Path, default=FILE, help="YAML file: how it looks")
        given = parser.parse_args()
        use(read(given.style))
        rule.judge_by(of_study(given.study))
        draw(given.study)

    run_command(main)


def figure_command(
    name: str,
    draw: Callable[[Series], Figure],
    drawn: Callable[[Series], pd.DataFrame],
    caption: Callable[[Series], str],
    without: Callable[[Series], str] = lambda series: "",
) -> None:
    """The command line of a figure that has a page for each series of a study.

    Runners drawn around the one as built are left out: dose_response shows their spread.
    draw: the page of a series. drawn: the numbers that its page shows. caption: in words.
    without: why a series has no page, empty if it has one.
    """

    def all_series(folder: Path) -> None:
        save(folder / "figures", name, *contents(read_study(folder), draw, drawn, caption, without))

    figure_main(all_series)


def contents(
    series: Sequence[Series],
    draw: Callable[[Series], Figure],
    drawn: Callable[[Series], pd.DataFrame],
    caption: Callable[[Series], str],
    without: Callable[[Series], str] = lambda series: "",
) -> tuple[Iterable[Figure], pd.DataFrame, str]:
    """Pages, numbers and caption of a figure with a page for each series, as figure_command."""
    built = [one for one in series if one.as_built]
    shown = [one for one in built if not without(one)]
    words = first_caption(series, caption, without)
    if not shown:
        numbers = drawn(built[0]).iloc[:0].assign(series=[])
        return iter([absent(built[0].label, without(built[0]))]), numbers, words
    numbers = pd.concat([drawn(one).assign(series=one.label) for one in shown], ignore_index=True)
    return map(draw, shown), numbers, words


def first_caption(
    series: Sequence[Series],
    caption: Callable[[Series], str],
    without: Callable[[Series], str] = lambda series: "",
) -> str:
    """The caption of the first page of a figure with a page for each series."""
    built = [one for one in series if one.as_built]
    shown = [one for one in built if not without(one)]
    return caption(shown[0]) if shown else f"Not drawn: {without(built[0])}."
