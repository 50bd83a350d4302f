"""How all figures look, and how they are written: sizes, colours by dose; PDF, SVG, PNG, CSV, TXT.

NAME.txt is the figure's caption, made of what was drawn by the code that drew it. A page is a file.

figures.yaml says how (formats/figure_settings.py). Colours are of Okabe and Ito's palette for all
kinds of colour vision (Okabe & Ito 2008); each dose also has its own line style.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict
from weakref import WeakKeyDictionary

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Transform

from analysis.figures import rule
from analysis.figures.study import Series, read_study
from formats.claims import of_study
from formats.figure_settings import FILE, Settings, file_of, font, read
from formats.files import run_command, write_bytes, write_text
from formats.table import csv_text

MORE = "more"
"""Folder of the further pages of all figures, in that of the figures."""
COLUMN, PAGE = "column_width_mm", "page_width_mm"
"""The two widths of a figure, by their keys in figures.yaml."""
# From near 100 % to far from it.
WEAKER_DASHES: list[tuple[float, ...]] = [(5, 1.2), (2.5, 1.2), (1.2, 1.2), (8, 2, 2, 2)]
STRONGER_DASHES: list[tuple[float, ...]] = [(7, 1, 1, 1), (4, 1, 1, 1, 1, 1), (1, 1), (8, 3)]

# Colours and markers of arms, where these are drawn beside each other (Okabe & Ito 2008).
ARM_COLOURS = ["#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
ARM_MARKERS = "osD^vP*"

MARKS = (10, 30, 50, 70, 90)
"""Per cent of the stride at which a path is marked (time_marks)."""

_settings = Settings()


def use(settings: Settings) -> None:
    """Draw all that follows in this style; each command draws one figure in one style."""
    global _settings
    _settings = settings
    size, axis = settings.font_size_pt, settings.axis_width_pt
    plt.rcParams.update(
        {
            "font.family": font(settings),
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
    """An empty figure as wide as COLUMN or PAGE says.

    height_mm: at the width and letters of figures.yaml; it grows with the larger of both, up to the
    settings' limit.
    """
    wide = getattr(_settings, width)
    usual = Settings()
    grown = max(wide / getattr(usual, width), _settings.font_size_pt / usual.font_size_pt)
    height = min(height_mm * grown, _settings.max_height_mm)
    return plt.figure(figsize=(wide / 25.4, height / 25.4))


def fits(width: str, height_mm: float) -> bool:
    """Whether a figure of this height (as in `figure`) stays within the settings' limit."""
    usual = Settings()
    grown = max(
        getattr(_settings, width) / getattr(usual, width),
        _settings.font_size_pt / usual.font_size_pt,
    )
    return height_mm * grown <= _settings.max_height_mm


class LineStyle(TypedDict, total=False):
    """Keywords of a line in matplotlib."""

    color: str
    linestyle: str | tuple[int, tuple[float, ...]]
    linewidth: float
    markerfacecolor: str
    label: str
    zorder: float
    clip_on: bool


class TextStyle(TypedDict, total=False):
    """Keywords of a text in matplotlib; transform: of its place to the page."""

    transform: Transform
    va: Literal["top", "center", "bottom", "baseline"]
    linespacing: float


def dose_styles(doses: Sequence[float]) -> dict[float, LineStyle]:
    """Line keywords of each dose (%): black at 100, blue and dashed below, orange above."""
    styles: dict[float, LineStyle] = {}
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
            styles[dose] = {
                "color": _settings.colour_100,
                "linestyle": "-",
                "linewidth": _settings.line_width_100_pt,
                "zorder": 3,
            }
    for dose, colour in _settings.dose_colours.items():
        if dose in styles:
            styles[dose]["color"] = colour
    return styles


def dose_legend(page: Figure, axes: Axes, label: str, columns: int = 6) -> None:
    """The doses' lines, taken from one panel, above all panels."""
    handles, names = axes.get_legend_handles_labels()
    title = f"strength: {label}"
    page.legend(handles, names, loc="outside upper center", ncols=columns, title=title)


def letter(axes: Axes, text: str, at: float = 0.0) -> None:
    """A panel's letter, above its left corner; at: in panel widths, left of it below 0."""
    axes.set_title(text, loc="left", fontweight="bold", x=at)


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


def time_marks(axes: Axes, x: np.ndarray, y: np.ndarray, colour: Any, *, told: int = 0) -> None:
    """Arrowheads along a path over the stride that point its way, at MARKS per cent of it.

    x, y (101,): 0 to 100 % of the stride; told: beside how many of them the per cent stands, away
    from the path, where it finds room.
    """
    taken: list[np.ndarray] = []
    apart = 0.22 * max(
        *(np.ptp(v[np.isfinite(v)]) if np.isfinite(v).any() else 0.0 for v in (x, y))
    )
    middle = np.array([np.nanmean(x), np.nanmean(y)]) if np.isfinite(x).any() else np.zeros(2)
    for percent in MARKS:
        if percent + 2 >= len(x) or not np.isfinite([*x[percent : percent + 3 : 2]]).all():
            continue
        start, end = (x[percent], y[percent]), (x[percent + 2], y[percent + 2])
        way = {"arrowstyle": "-|>", "color": colour, "linewidth": 0.4, "mutation_scale": 9}
        axes.annotate("", end, start, arrowprops=way, zorder=4)
        room = all(np.hypot(*(np.array(start) - other)) > apart for other in taken)
        if len(taken) < told and room:
            taken.append(np.array(start))
            away = (np.array(start) - middle) / max(float(np.hypot(*(start - middle))), 1e-9)
            axes.annotate(
                f"{percent} %",
                start,
                tuple(9 * away),
                textcoords="offset points",
                color="0.25",
                zorder=6,
                ha="center",
                va="center",
                path_effects=[withStroke(linewidth=1.5, foreground="white")],
            )


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
    """A remark on a page: not drawn, but written beside it after its caption (save)."""
    lines = (line.rstrip(".") for line in text.splitlines() if line)
    _remarks[canvas] = " ".join(f"{line[0].upper()}{line[1:]}." for line in lines)


def remark(canvas: Figure) -> str:
    """What was noted on a page."""
    return _remarks.get(canvas, "")


_remarks: WeakKeyDictionary[Figure, str] = WeakKeyDictionary()


def absent(title: str, reason: str) -> Figure:
    """A page that says why there is nothing to show."""
    page = figure(PAGE, 28)
    page.text(0.5, 0.62, title, ha="center", va="center")
    page.text(0.5, 0.34, f"not drawn: {reason}", ha="center", va="center", color="0.35")
    return page


def save(
    folder: Path, name: str, pages: Iterable[Figure], drawn: pd.DataFrame, caption: str = ""
) -> None:
    """Write a figure: name.png, name.svg, name.pdf of the first page, name.csv, and name.txt.

    Each further page is a figure of its own in more/NAME/, called after its number and label
    (Figure.set_label). pages: at least one; taken, written and closed one after the other. caption:
    of the first page, one paragraph; the .txt holds it and the page's remark (note).
    """
    more = folder / MORE / name
    shutil.rmtree(more, ignore_errors=True)
    more.mkdir(parents=True)
    for number, page in enumerate(pages):
        label = re.sub(r"[^a-z0-9.]+", "_", str(page.get_label()).lower()).strip("_")
        path = folder / name if number == 0 else more / f"{number + 1:02d}_{label}".rstrip("_")
        words = " ".join(part for part in (caption * (number == 0), remark(page)) if part)
        _write(page, path, words)
        plt.close(page)
    write_text(folder / f"{name}.csv", csv_text(drawn))


def _write(page: Figure, path: Path, words: str) -> None:
    """One page, fonts embedded, its words beside it."""
    plain: dict[str, dict[str, None]] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
    for kind in ("png", "svg", "pdf"):
        content = io.BytesIO()
        # Images within an SVG (the report shows it on a screen) are half as fine as in the others.
        dpi = _settings.dpi / 2 if kind == "svg" else _settings.dpi
        page.savefig(content, format=kind, metadata=plain.get(kind, {}), dpi=dpi)
        write_bytes(path.with_name(f"{path.name}.{kind}"), content.getvalue())
    write_text(path.with_name(f"{path.name}.txt"), f"{words}\n" if words else "")


def figure_main(draw: Callable[[Path], None]) -> None:
    """The command line of a figure: --study and --style; `draw` draws that of a study's folder."""

    def main() -> None:
        parser = argparse.ArgumentParser(description="Draw a figure of a study.")
        parser.add_argument("--study", type=Path, required=True, help="folder of the study")
        parser.add_argument("--style", type=Path, default=FILE, help="YAML file: how it looks")
        given = parser.parse_args()
        use(read(file_of(given.style)))
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
    return (_labelled(draw(one), one.label) for one in shown), numbers, words


def _labelled(page: Figure, label: str) -> Figure:
    page.set_label(label)
    return page


def first_caption(
    series: Sequence[Series],
    caption: Callable[[Series], str],
    without: Callable[[Series], str] = lambda series: "",
) -> str:
    """The caption of the first page of a figure with a page for each series."""
    built = [one for one in series if one.as_built]
    shown = [one for one in built if not without(one)]
    return caption(shown[0]) if shown else f"Not drawn: {without(built[0])}."
