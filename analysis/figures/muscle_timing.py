"""Are the muscles active when electromyography finds them active? Six groups over the stride.

Timing is compared, not size: an electromyogram has no scale that a model shares.
"""

from __future__ import annotations

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
    for place, group in zip(grid.flat, found, strict=False):
        activation.draw(place, series, group)
        place.set_ylabel(f"{MUSCLES[group]} activation")
        letter(place, "abcdef"[found.index(group)])
    for place in list(grid.flat)[len(found) :]:
        place.remove()
    dose_legend(page, grid[0, 0], series.label)
    note(page, activation.NOTE)
    return page


def drawn(series: Series) -> pd.DataFrame:
    """The curves shown: one row for each dose and per cent of the stride."""
    return activation.drawn(series, MUSCLES)


if __name__ == "__main__":
    figure_command("muscle_timing", draw, drawn)
