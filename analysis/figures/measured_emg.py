"""A measured runner's activations beside their electromyography, where a file was given."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from analysis.figures import measured_moments
from analysis.figures.measured_moments import SIDES, table_of
from analysis.figures.study import Series
from analysis.figures.style import PAGE, figure, figure_command, letter, norm_grey, note
from analysis.measures.electromyography import Timing, timing

END, ACTIVATION = "_emg", "_activation"


def without(series: Series) -> str:
    """Why there is no page."""
    why = measured_moments.without(series)
    if why:
        return why
    return "" if muscles(table_of(series)) else "no electromyography was given (emg in runner.yaml)"


def muscles(table: pd.DataFrame) -> list[str]:
    """Muscles with an envelope, without their side."""
    named = (name.removesuffix(END)[:-2] for name in table if name.endswith(END))
    return list(dict.fromkeys(named))


def timing_of(series: Series, name: str) -> Timing | None:
    """Timing of a muscle's (with side) envelope against its activation; None without them."""
    table = table_of(series)
    if f"{name}{END}" not in table:
        return None
    period = float(series.certified["stride_time_s"].iloc[0])
    envelope, activation = (table[f"{name}{w}"].to_numpy()[:-1] for w in (END, ACTIVATION))
    return timing(envelope, activation, period)


def draw(series: Series) -> Figure:
    """A row for each muscle, a column for each leg."""
    table, names = table_of(series), muscles(table_of(series))
    page = figure(PAGE, 24 + 22 * len(names))
    grid = page.subplots(len(names), 2, squeeze=False, sharex=True, sharey=True)
    for row, name in zip(grid, names, strict=True):
        for axes, side in zip(row, SIDES, strict=True):
            found = timing_of(series, f"{name}_{side}")
            if found is None:
                axes.remove()
                continue
            envelope = table[f"{name}_{side}{END}"]
            axes.fill_between(table["percent"], 0.0, envelope, color=norm_grey(), linewidth=0)
            axes.plot(table["percent"], table[f"{name}_{side}{ACTIVATION}"], color="black")
            axes.set_ylim(0.0, 1.0)
            numbers = f"overlap {found.overlap:.2f}, lag {1000 * found.lag:+.0f} ms"
            axes.set_title(f"{name} {SIDES[side]}: {numbers}", fontsize=6)
        letter(row[0], "abcdefghijklmnopqrstuvwxyz"[names.index(name) % 26])
    for axes in grid[-1]:
        axes.set_xlabel("stride (%)")
    note(page, "grey: envelope over its peak; line: activation; lag: how much later it fits best")
    return page


def caption(series: Series) -> str:
    """What the page shows, with correlation and lag of each muscle."""
    told = []
    for name in muscles(table_of(series)):
        for side in SIDES:
            found = timing_of(series, f"{name}_{side}")
            if found is not None:
                told.append(
                    f"{name}_{side} {found.correlation:.2f}, {found.best:.2f} at "
                    f"{1000 * found.lag:+.0f} ms, overlap {found.overlap:.2f}"
                )
    return (
        f"Envelopes over their own peak beside activations, {series.told()} Correlation as it is, "
        f"the best and the envelope's delay that gives it, overlap of the times above a fifth of "
        f"the peak: {'; '.join(told)}."
    )


def drawn(series: Series) -> pd.DataFrame:
    """The curves shown."""
    if without(series):
        return pd.DataFrame(columns=["percent"])
    table = table_of(series)
    named = [name for name in table if name.endswith(END)]
    return table[["percent", *named, *(n.removesuffix(END) + ACTIVATION for n in named)]]


if __name__ == "__main__":
    figure_command("measured_emg", draw, drawn, caption, without)
