"""How strong is that? Isometric hip torque by dose beside that of people.

A panel for each hip angle: torque of all muscles that flex the hip (or extend it, of an arm that
does), and of the group alone (dynamometer.csv); of several runners the mean. Bands: mean and
standard deviation of people's flexion (analysis/strength_norms.csv).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.study import PERSON
from analysis.figures.style import (
    ARM_COLOURS,
    ARM_MARKERS,
    PAGE,
    figure,
    figure_main,
    letter,
    note,
    save,
)
from formats.untrusted import read_table

NAME = "strength"
NORMS = Path(__file__).parents[1] / "strength_norms.csv"
TABLE = "dynamometer.csv"
ALL, GROUP = "all_agonists_torque_nm_kg", "torque_nm_kg"
COLUMNS = ["arm", "dose_percent", "side", "hip_flexion_deg", GROUP, ALL]
HATCHES = ("", "///", "...")
FLEXION = "flexion"
VERB = {FLEXION: "flex", "extension": "extend"}
LEAST_NM_KG = 3.0
"""The least that the axis shows: what people do."""


def read(folder: Path) -> pd.DataFrame:
    """dynamometer.csv of a study, COLUMNS and movement. ValueError, one line, if it is not there.

    Of people the mean torque, else that of the study's first runner. A table without movements, of
    an older study, is of flexion.
    """
    table = read_table(folder / TABLE, COLUMNS)
    if "runner" in table:
        runners = table["runner"].astype(str)
        people = runners.str.fullmatch(PERSON.pattern)
        table = table[people if people.any() else runners == runners.iloc[0]].copy()
    table["movement"] = table.get("movement", FLEXION)
    keys = [*(name for name in COLUMNS if name not in (GROUP, ALL)), "movement"]
    return table.groupby(keys, sort=False, as_index=False)[[GROUP, ALL]].mean()


def norms() -> pd.DataFrame:
    """group, hip_flexion_deg, mean_nm_kg, sd_nm_kg, n, source of people."""
    return pd.read_csv(NORMS, comment="#")


def draw_angle(axes: Axes, table: pd.DataFrame, angle: float) -> None:
    """One hip angle (deg): bands of people, then both torques of each arm by dose."""
    people = norms()
    people = people[people["hip_flexion_deg"] == angle]
    if FLEXION not in set(table["movement"]):
        people = people[:0]
    for rank, one in enumerate(people.itertuples()):
        low, high = one.mean_nm_kg - one.sd_nm_kg, one.mean_nm_kg + one.sd_nm_kg
        axes.axhspan(
            low,
            high,
            facecolor="0.85" if rank == 0 else "none",
            edgecolor="0.6" if rank else "none",
            hatch=HATCHES[rank % len(HATCHES)],
            linewidth=0,
            zorder=0,
            label=f"{one.group}, mean ± SD",
        )
    rows = table[table["hip_flexion_deg"] == angle]
    several = len(set(table["arm"])) > 1
    for number, (arm, own) in enumerate(rows.groupby("arm", sort=False)):
        colour = ARM_COLOURS[number % len(ARM_COLOURS)]
        marker = ARM_MARKERS[number % len(ARM_MARKERS)]
        scaled = f" ({str(arm).replace('_', ' ')} scaled)" if several else ""
        own = own.sort_values("dose_percent")
        verb = VERB[own["movement"].iloc[0]]
        group = "hip flexors" if verb == "flex" else str(arm).replace("_", " ")
        axes.plot(
            own["dose_percent"],
            own[ALL],
            color=colour,
            marker=marker,
            label=f"all muscles that {verb} the hip{scaled}",
        )
        axes.plot(
            own["dose_percent"],
            own[GROUP],
            color=colour,
            marker=marker,
            markerfacecolor="white",
            linestyle=":",
            label=f"the group of {group} alone{scaled}",
        )
    axes.set_title(f"hip at {angle:g}°")
    axes.set_xticks(sorted(set(table["dose_percent"])))
    axes.set_xlabel("strength (%)")


def draw(table: pd.DataFrame) -> Figure:
    """The page: a panel for each hip angle."""
    angles = sorted(set(table["hip_flexion_deg"]))
    arms = len(set(table["arm"]))
    page = figure(PAGE, 78 + 4 * arms)
    panels = page.subplots(1, len(angles), sharey=True, squeeze=False)[0]
    for axes, angle, mark in zip(panels, angles, "abcdef", strict=False):
        draw_angle(axes, table, angle)
        letter(axes, mark)
    panels[0].set_ylim(0, 1.05 * max(table[ALL].max(), LEAST_NM_KG))
    panels[0].set_ylabel(f"isometric hip {_movements(table)} torque (Nm/kg)")
    handles, labels = panels[0].get_legend_handles_labels()
    page.legend(handles, labels, loc="outside upper center", ncols=2)
    people = "; people: Anderson 2007 (analysis/strength_norms.csv)"
    note(page, f"right leg, knee at 90°{people if FLEXION in set(table['movement']) else ''}")
    return page


def _movements(table: pd.DataFrame) -> str:
    return " or ".join(dict.fromkeys(table["movement"]))


def caption(table: pd.DataFrame) -> str:
    """What the page shows, with the torque of all flexors at the ends and at 100 %."""
    told = []
    for arm, own in table.groupby("arm", sort=False):
        for angle, rows in own.groupby("hip_flexion_deg"):
            values = rows.sort_values("dose_percent")
            each = ", ".join(f"{value:.2f}" for value in values[ALL])
            told.append(f"{str(arm).replace('_', ' ')} at {angle:g}°: {each}")
    doses = ", ".join(f"{dose:g}" for dose in sorted(set(table["dose_percent"])))
    people = "; ".join(
        f"{group} {', '.join(f'{r.mean_nm_kg:.2f} ± {r.sd_nm_kg:.2f}' for r in rows.itertuples())}"
        for group, rows in norms().groupby("group", sort=False)
    )
    angles = ", ".join(f"{angle:g}" for angle in sorted(set(norms()["hip_flexion_deg"])))
    verbs = " or ".join(VERB[one] for one in dict.fromkeys(table["movement"]))
    text = (
        f"Isometric hip {_movements(table)} torque of all muscles that {verbs} the hip, Nm per kg "
        f"of body mass, right leg, knee at 90°, at {doses} % strength: {'; '.join(told)}. Dotted: "
    )
    if FLEXION not in set(table["movement"]):
        return f"{text}the group alone."
    return (
        f"{text}the hip flexors alone. Bands: people at hip {angles}°: {people} (Anderson 2007, "
        "table 3; analysis/strength_norms.csv)."
    )


def whole(folder: Path) -> None:
    """Draw the figure of a study's folder."""
    table = read(folder)
    drawn = table.assign(kind="runner")
    people = norms().rename(columns={"group": "arm", "mean_nm_kg": ALL})
    drawn = pd.concat([drawn, people.assign(kind="people")], ignore_index=True)
    save(folder / "figures", NAME, [draw(table)], drawn, caption(table))


if __name__ == "__main__":
    figure_main(whole)
