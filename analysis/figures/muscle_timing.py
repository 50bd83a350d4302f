"""Are the muscles active when electromyography finds them active? Six groups over the stride.

Timing is compared, not size: an electromyogram has no scale that a model shares. The overlap of
both on-times (Jaccard index, analysis/measures/muscle_timing.py) stands above each panel.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures import activation
from analysis.figures.study import Series
from analysis.figures.style import PAGE, dose_legend, figure, figure_command, letter, note

MUSCLES = {
    "glmax": "gluteus maximus",
    "glmed": "gluteus medius",
    "hamstrings": "hamstrings",
    "vasti": "vasti",
    "soleus": "soleus",
    "iliopsoas": "iliopsoas",
}


def draw(series: Series) -> Figure:
    """The page of a series: a panel for each group that the runner has."""
    found = activation.present(series, MUSCLES) or ["glmax"]
    rows = (len(found) + 1) // 2
    page = figure(PAGE, 20 + 42 * rows)
    grid = page.subplots(rows, 2, squeeze=False, sharex=True)
    overlaps = activation.overlaps(series, found)
    for place, group in zip(grid.flat, found, strict=False):
        activation.draw(place, series, group)
        place.set_ylabel(f"{MUSCLES[group]} activation")
        letter(place, "abcdef"[found.index(group)])
        if found.index(group) < len(found) - 2:  # another panel stands below
            place.set_xlabel("")
        else:
            place.tick_params(labelbottom=True)
        if group in overlaps:
            place.set_title(in_words(overlaps[group]), pad=8)
    for place in list(grid.flat)[len(found) :]:
        place.remove()
    dose_legend(page, grid[0, 0], series.label)
    note(page, activation.NOTE)
    return page


def in_words(overlap: tuple[float, float, float]) -> str:
    """An overlap at 100 % strength and its range over the doses."""
    normal, least, greatest = overlap
    first = f"overlap {normal:.2f}" if np.isfinite(normal) else "overlap"
    return f"{first} (doses: {least:.2f} to {greatest:.2f})"


def caption(series: Series) -> str:
    """What the page shows, with the overlaps that it prints."""
    found = activation.overlaps(series, MUSCLES)
    each = ", ".join(f"{MUSCLES[group]} {normal:.2f}" for group, (normal, _, _) in found.items())
    if not each or not all(np.isfinite(normal) for normal, _, _ in found.values()):
        each = "not known here"
    return (
        f"Activation of the right leg's muscle groups, {series.told()} Grey bars: when "
        "electromyography finds them active in runners (timing only, sources in "
        "analysis/muscle_timing.csv). Overlap of that time with the time above a fifth of the "
        "group's own peak, heads weighted by volume (Jaccard index, 0 apart, 1 the same), 100 % "
        "run: "
        f"{each}. Ticks on the lower axis: toe-off."
    )


def drawn(series: Series) -> pd.DataFrame:
    """The curves shown: one row for each dose and per cent of the stride."""
    return activation.drawn(series, MUSCLES)


if __name__ == "__main__":
    figure_command("muscle_timing", draw, drawn, caption)
