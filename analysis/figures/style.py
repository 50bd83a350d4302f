"""How all figures look, and how they are written: sizes, colours by dose, PNG + PDF + CSV.

Widths are a journal's column (85 mm) and page (170 mm). Colours are of Okabe and Ito's palette for
all kinds of colour vision (Okabe & Ito 2008); each dose also has its own line style.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure

from analysis.figures.study import Series, read_study
from simulations.files import run_command, write_bytes, write_text

COLUMN_MM, PAGE_MM = 85.0, 170.0
NORM_GREY = "#9a9a9a"
WEAKER = LinearSegmentedColormap.from_list("weaker", ["#56B4E9", "#0072B2", "#00304d"])
STRONGER = LinearSegmentedColormap.from_list("stronger", ["#E69F00", "#D55E00", "#6b2f00"])
# From near 100 % to far from it.
WEAKER_DASHES: list[tuple[float, ...]] = [(5, 1.2), (2.5, 1.2), (1.2, 1.2), (8, 2, 2, 2)]
STRONGER_DASHES: list[tuple[float, ...]] = [(7, 1, 1, 1), (4, 1, 1, 1, 1, 1), (1, 1), (8, 3)]

plt.rcParams.update(
    {
        "font.family": "DejaVu Sans",
        "font.size": 7,
        "axes.titlesize": 7.5,
        "axes.labelsize": 7,
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
        "legend.fontsize": 7,
        "legend.frameon": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.6,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "lines.linewidth": 1.2,
        "lines.markersize": 4,
        "pdf.fonttype": 42,
        "savefig.dpi": 300,
        "figure.constrained_layout.use": True,
    }
)


def figure(width_mm: float, height_mm: float) -> Figure:
    """An empty figure of a size in millimetres."""
    return plt.figure(figsize=(width_mm / 25.4, height_mm / 25.4))


def dose_styles(doses: Sequence[float]) -> dict[float, dict[str, Any]]:
    """Line keywords of each dose (%): black at 100, blue and dashed below, orange above."""
    styles: dict[float, dict[str, Any]] = {}
    for colours, dashes, side in (
        (WEAKER, WEAKER_DASHES, sorted((d for d in doses if d < 100), reverse=True)),
        (STRONGER, STRONGER_DASHES, sorted(d for d in doses if d > 100)),
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
            styles[dose] = {"color": "black", "linestyle": "-", "linewidth": 1.6, "zorder": 3}
    return styles


def dose_legend(page: Figure, axes: Axes, label: str) -> None:
    """The doses' lines, taken from one panel, above all panels."""
    handles, names = axes.get_legend_handles_labels()
    title = f"strength: {label}"
    page.legend(handles, names, loc="outside upper center", ncols=6, title=title)


def letter(axes: Axes, text: str) -> None:
    """A panel's letter, above its left corner."""
    axes.set_title(text, loc="left", fontweight="bold")


def stride_axis(axes: Axes, *, label: bool = True) -> None:
    """x axis over one stride of the right leg, from its initial contact."""
    axes.set_xlim(0, 100)
    axes.set_xticks([0, 25, 50, 75, 100])
    if label:
        axes.set_xlabel("stride (%), right contact at 0")


def note(canvas: Figure, text: str) -> None:
    """A short remark below the panels."""
    canvas.supxlabel(text, fontsize=7, color="0.35", x=0.5)


def save(folder: Path, name: str, pages: Sequence[Figure], drawn: pd.DataFrame) -> None:
    """Write name.png (first page, 300 dpi), name.pdf (all pages, fonts embedded), name.csv."""
    image, document = io.BytesIO(), io.BytesIO()
    pages[0].savefig(image, format="png")
    with PdfPages(document, metadata={"CreationDate": None}) as book:
        for page in pages:
            book.savefig(page)
    for page in pages:
        plt.close(page)
    write_text(folder / f"{name}.csv", drawn.to_csv(index=False))
    write_bytes(folder / f"{name}.pdf", document.getvalue())
    write_bytes(folder / f"{name}.png", image.getvalue())


def figure_command(
    name: str, draw: Callable[[Series], Figure], drawn: Callable[[Series], pd.DataFrame]
) -> None:
    """The command line of a figure that has a page for each series of a study.

    draw: the page of a series. drawn: the numbers that its page shows.
    """

    def main() -> None:
        parser = argparse.ArgumentParser(description=f"Draw {name} of a study.")
        parser.add_argument("--study", type=Path, required=True, help="folder of the study")
        folder = parser.parse_args().study
        series = read_study(folder)
        pages = [draw(one) for one in series]
        numbers = pd.concat(
            [drawn(one).assign(series=one.label) for one in series], ignore_index=True
        )
        save(folder / "figures", name, pages, numbers)

    run_command(main)
