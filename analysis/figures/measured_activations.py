"""The activation of every muscle of a measured runner over the stride, right and left."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.measured_moments import SIDES, table_of, without
from analysis.figures.study import Series
from analysis.figures.style import PAGE, figure, figure_command, note

END = "_activation"


def muscles(table: pd.DataFrame, side: str) -> list[str]:
    """Muscles of a side, without it, in the model's order."""
    end = f"_{side}{END}"
    return [name.removesuffix(end) for name in table if name.endswith(end)]


def draw(series: Series) -> Figure:
    """A map for each leg: muscles down, the stride across, darker the more active."""
    table = table_of(series)
    names = muscles(table, "r")
    page = figure(PAGE, 25 + 3.3 * len(names))
    grid = page.subplots(1, 2, sharey=True)
    for axes, side in zip(grid, SIDES, strict=True):
        rows = [table[f"{name}_{side}{END}"] for name in names]
        image = axes.imshow(
            np.array(rows),
            aspect="auto",
            extent=(0.0, 100.0, len(names) - 0.5, -0.5),
            vmin=0.0,
            vmax=1.0,
            cmap="Greys",
            interpolation="nearest",
        )
        axes.set_title(f"{SIDES[side]} leg")
        axes.set_xticks([0, 25, 50, 75, 100])
        axes.set_xlabel("stride (%)")
    grid[0].set_yticks(range(len(names)), names, fontsize=5)
    page.colorbar(image, ax=list(grid), label="activation", shrink=0.5)
    note(page, f"0 %: contact of the foot that the stride begins with{series.lacking()}")
    return page


def caption(series: Series) -> str:
    """What the page shows, with the muscles that are at their most."""
    table = table_of(series)
    full = [
        name.removesuffix(END)
        for name in table
        if name.endswith(END) and float(table[name].max()) > 0.99
    ]
    at_most = ", ".join(full) or "none"
    return f"Activation of all muscles, {series.told()} At full activation for a while: {at_most}."


def drawn(series: Series) -> pd.DataFrame:
    """The activations shown."""
    if without(series):
        return pd.DataFrame(columns=["percent"])
    table = table_of(series)
    return table[["percent", *(name for name in table if name.endswith(END))]]


if __name__ == "__main__":
    figure_command("measured_activations", draw, drawn, caption, without)
