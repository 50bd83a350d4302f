"""Figures of a study of exercises, and of what they lead to.

python -m analysis.figures.exercises --study results/exercises [--running results/study]
    writes figures/exercises_*.{png,svg,pdf,csv,txt} into the study's folder
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import exercise_chain
from analysis.exercises import BY_HAND, TABLE, column, of_first_runner, plain
from analysis.figures.exercise_chain import chain
from analysis.figures.stick_figures import draw_runner
from analysis.figures.style import PAGE, absent, figure, letter, note, save, use
from analysis.measures.exercise import FLEXORS, GLUTES, STIMULUS
from formats import figure_settings
from formats.exercises import Exercises
from formats.exercises import read as read_exercises
from formats.files import run_command
from formats.storage import read_storage
from formats.table import read_csv

COLOURS = {
    "psoas": "#0072b2",
    "iliacus": "#56b4e9",
    "rectus_femoris": "#d55e00",
    "tensor": "#e69f00",
    "sartorius": "#009e73",
}
BANDS = {"none": "0.75", "red": "#c0392b", "blue": "#2471a3", "black": "0.15", "gold": "#b7950b"}
SHOWN = ("march", "bike_pedal", "plank", "standing_march", "straight_leg_raise")


NAMES = (
    *("exercises_postures", "exercises_activation", "exercises_stimulus", "exercises_joint"),
    *("exercises_by_hand", "exercises_chain"),
)
"""The figures, in the order in which a page shows them."""


@dataclass(frozen=True)
class Running:
    """The 100 % runs that stand beside, by speed (m/s).

    demand: per cent of its capacity that iliopsoas gives at most. activation: of the right leg, by
    muscle, of those whose motion is there.
    """

    demand: dict[float, float]
    activation: dict[float, pd.DataFrame]

    @staticmethod
    def of(study: Path | None) -> Running:
        """Certified 100 % runs, as built and with free cadence, of a running study's folder."""
        found: dict[float, pd.DataFrame] = {}
        if study is None:
            return Running({}, found)
        for speed, case in exercise_chain.plain_runs(study)["case"].items():
            path = study / str(case) / "motion.sto"
            if not path.is_file():
                continue
            motion = read_storage(path)
            curves = {"percent": np.linspace(0, 100, len(motion))}
            for muscle, heads in FLEXORS.items():
                columns = [c for h in heads for c in motion if c.endswith(f"/{h}_r/activation")]
                curves[muscle] = motion[columns].mean(axis=1).to_numpy()
            found[float(speed)] = pd.DataFrame(curves)
        return Running(exercise_chain.demands(study), found)


def curves_of(study: Path, case: str, file: str = "exercise.csv") -> pd.DataFrame:
    """The curves of a case."""
    return read_csv(study / case / file)


def best(table: pd.DataFrame, exercise: str) -> str | None:
    """The movement without a band where the study has it, else the grid."""
    return plain(table, exercise, "movement") or plain(table, exercise, "static")


def postures(study: Path, table: pd.DataFrame, book: Exercises) -> Figure:
    """Each exercise at its start, half way up and at its end."""
    names = [n for n in dict.fromkeys(table["exercise"]) if best(table, n)]
    canvas = figure(PAGE, 34 * max(1, len(names)))
    grid = canvas.subplots(len(names), 3, squeeze=False)
    for row, name in enumerate(names):
        case = str(best(table, name))
        places, moved = curves_of(study, case, "positions.csv"), curves_of(study, case)
        up = (
            moved["progress"].to_numpy()[: int(moved["progress"].argmax()) + 1]
            if len(moved)
            else []
        )
        for i, share in enumerate((0.0, 0.5, 1.0)):
            axes = grid[row, i]
            axes.axis("off")
            if len(up):
                draw_runner(
                    axes,
                    places.iloc[int(np.argmin(np.abs(np.asarray(up) - share)))],
                    np.zeros(2),
                    "C0",
                )
                axes.axhline(0, color="0.6", linewidth=0.8)
                axes.set_aspect("equal")
            if i == 0:
                axes.set_title(book.get(name).title if name in book.exercises else name, loc="left")
    note(canvas, "Start, half way, end (of the movement, or the grid); right leg coloured.")
    return canvas


def activations(study: Path, table: pd.DataFrame, running: Running) -> Figure:
    """Activation of the five flexors over the repetition; running in the last panels."""
    names = [n for n in SHOWN if plain(table, n, "movement")]
    panels = len(names) + len(running.activation)
    if not panels:
        return absent("activation over the repetition", "the study holds no movement")
    rows = (panels + 2) // 3
    canvas = figure(PAGE, 48 * rows + 14)
    grid = canvas.subplots(rows, 3, sharey=True, squeeze=False).ravel()
    for axes in grid[panels:]:
        axes.axis("off")
    for axes, name in zip(grid, names, strict=False):
        moved = curves_of(study, str(plain(table, name, "movement")))
        if len(moved):
            _lines(axes, 100 * moved["time_s"] / moved["time_s"].max(), moved, "_activation")
        axes.set_title(name.replace("_", " "))
        axes.set_xlabel("repetition (%)")
    for axes, (speed, curves) in zip(
        grid[len(names) :], sorted(running.activation.items()), strict=False
    ):
        _lines(axes, curves["percent"], curves, "")
        axes.set_title(f"running {speed:g} m/s")
        axes.set_xlabel("stride (%)")
    grid[0].set_ylabel("activation")
    handles, labels = grid[0].get_legend_handles_labels()
    canvas.legend(handles, labels, loc="outside upper center", ncols=5)
    return canvas


def _lines(axes: Axes, x: pd.Series, curves: pd.DataFrame, ending: str) -> None:
    for muscle, colour in COLOURS.items():
        axes.plot(x, curves[f"{muscle}{ending}"], color=colour, label=muscle.replace("_", " "))
    axes.axhline(STIMULUS, color="0.6", linewidth=0.6, linestyle=":")
    axes.set_ylim(0, 1.02)


def stimulus_table(table: pd.DataFrame, running: Running) -> pd.DataFrame:
    """What each exercise asks of iliopsoas at most, by band, ranked; beside it other flexors.

    The movement where it is certified, else the grid of postures that are held.
    """
    whole = table[table["dose_percent"] == 100]
    good = whole[whole["status"] == "certified"]
    chosen = of_first_runner(whole).copy()
    chosen["refused"] = chosen["status"] != "certified"
    chosen = chosen.sort_values(["refused", "kind"]).drop_duplicates(["exercise", "band"])
    found = []
    for _, row in chosen.iterrows():
        share = 100.0 * float(row.get(exercise_chain.DEMAND, np.nan))
        entry = {
            "exercise": row["exercise"],
            "band": row["band"],
            "kind": row["kind"],
            "status": row["status"],
            "iliopsoas_percent_of_capacity": share,
            "psoas_peak": float(row.get("psoas_activation_peak", np.nan)),
            "iliacus_peak": float(row.get("iliacus_activation_peak", np.nan)),
            "rectus_femoris_peak": float(row.get("rectus_femoris_activation_peak", np.nan)),
            "sartorius_peak": float(row.get("sartorius_activation_peak", np.nan)),
            "flexor_moment_nm_kg": float(row.get("hip_flexor_moment_peak_nm_kg", np.nan)),
            "seconds_above_60_percent": float(row.get("psoas_above_60_percent_s", np.nan)),
        }
        alike = good[(good["exercise"] == row["exercise"]) & (good["band"] == row["band"])]
        alike = alike[alike["kind"] == row["kind"]]
        if len(set(whole["runner"])) > 1 and len(alike):
            shares = 100.0 * alike[exercise_chain.DEMAND]
            entry |= {"runners": len(alike), "least": shares.min(), "greatest": shares.max()}
        for speed, demand in sorted(running.demand.items()):
            entry[f"percent_of_running_{speed:g}"] = 100.0 * share / demand
        found.append(entry)
    made = pd.DataFrame(found)
    return made.sort_values("iliopsoas_percent_of_capacity", ascending=False, ignore_index=True)


def stimulus(ranked: pd.DataFrame, running: Running) -> Figure:
    """The ranking as bars, coloured by band; running as lines."""
    canvas = figure(PAGE, 16 + 5.0 * max(4, len(ranked)))
    axes = canvas.subplots()
    place = np.arange(len(ranked))[::-1]
    for y, (_, row) in zip(place, ranked.iterrows(), strict=True):
        failed, colour = row["status"] != "certified", BANDS.get(row["band"], "0.5")
        axes.barh(
            y,
            row["iliopsoas_percent_of_capacity"],
            color="white" if failed else colour,
            edgecolor=colour,
            hatch="///" if failed else None,
            alpha=0.55 if row["kind"] == "static" else 1.0,
        )
        if "least" in row and not pd.isna(row["least"]):
            axes.plot([row["least"], row["greatest"]], [y, y], "|-", color="k", linewidth=0.8)
    words = [
        f"{row['exercise'].replace('_', ' ')}, {row['band']}"
        + (" (grid)" if row["kind"] == "static" else "")
        for _, row in ranked.iterrows()
    ]
    axes.set_yticks(place, words)
    axes.set_ylim(-0.7, len(ranked) + 1.4)
    axes.set_xlim(0, 105)
    for speed, peak in running.demand.items():
        axes.axvline(peak, color="0.3", linewidth=0.8, linestyle="--")
        axes.text(peak, len(ranked) + 1.3, f" running\n {speed:g} m/s", va="top")
    axes.axvline(100 * STIMULUS, color="0.6", linewidth=0.6, linestyle=":")
    axes.set_xlabel("largest share of its capacity that iliopsoas gives (%)")
    note(
        canvas,
        "Colour: band. (grid), pale: postures at rest that are held, where the movement is not "
        "certified; a stronger band leaves fewer of them. Hatched: nothing certified. Dashed: the "
        "peak of running at 100 % strength. Dotted: 60 %, what is taken to train a muscle."
        + (" Black line: from the least to the greatest of all runners." * ("least" in ranked)),
    )
    return canvas


def joint(study: Path, table: pd.DataFrame) -> Figure:
    """Over the grid: hip force and its anterior part, margin to the rim, the head's place."""
    names = [n for n in dict.fromkeys(table["exercise"]) if plain(table, n, "static")]
    canvas = figure(PAGE, 120)
    grid = canvas.subplots(2, 2).ravel()
    panels = (
        ("hip_force_bw", "hip force (BW)"),
        ("hip_force_anterior_bw", "anterior part (BW)"),
        ("rim_margin_deg", "margin to the rim (deg)"),
        ("head_anterior_mm", "head forward (mm)"),
    )
    for letters, (axes, (what, label)) in zip("abcd", zip(grid, panels, strict=True), strict=True):
        letter(axes, letters)
        for i, name in enumerate(names):
            curves = curves_of(study, str(plain(table, name, "static")))
            if not len(curves):
                continue
            line = axes.plot(
                curves["hip_flexion_deg"], column(curves, what), color=f"C{i}",
                label=name.replace("_", " "),
            )  # fmt: skip
            if f"{what}_tendon_on_head" in curves:
                axes.plot(
                    curves["hip_flexion_deg"], curves[f"{what}_tendon_on_head"],
                    color=line[0].get_color(), linestyle="--", linewidth=0.8,
                )  # fmt: skip
        axes.set_xlabel("hip flexion (deg)")
        axes.set_ylabel(label)
    handles, labels = grid[0].get_legend_handles_labels()
    canvas.legend(handles, labels, loc="outside upper center", ncols=4)
    note(canvas, "Solid: tendon on the pelvis; dashed: tendon on the femoral head.")
    return canvas


def by_hand(compared: pd.DataFrame) -> Figure:
    """Moment by hand beside the moment solved."""
    names = list(dict.fromkeys(compared["exercise"]))
    if not names:
        return absent("moments by hand", "they are of the runner as built, at rest without a band")
    canvas = figure(PAGE, 60)
    grid = canvas.subplots(1, len(names), sharey=True, squeeze=False).ravel()
    for axes, name in zip(grid, names, strict=True):
        rows = compared[compared["exercise"] == name]
        axes.plot(rows["hip_flexion_deg"], rows["by_hand_nm"], "o", color="0.5", label="by hand")
        axes.plot(rows["hip_flexion_deg"], rows["solved_nm"], "-", color="C0", label="solved")
        axes.plot(
            rows["hip_flexion_deg"], rows["closed_form_nm"], ":", color="C1", label="closed form"
        )
        axes.axhline(0, color="0.8", linewidth=0.6)
        axes.set_title(name.replace("_", " "))
        axes.set_xlabel("hip flexion (deg)")
    grid[0].set_ylabel("moment about the moving hip (Nm)")
    handles, labels = grid[0].get_legend_handles_labels()
    canvas.legend(handles, labels, loc="outside upper center", ncols=3)
    return canvas


def glutes(table: pd.DataFrame) -> pd.DataFrame:
    """Opposite gluteal activation, lumbar moment and hip force of each exercise without a band."""
    chosen = of_first_runner(table)
    chosen = chosen[chosen["band"] == "none"].sort_values("kind").drop_duplicates("exercise")
    names = {
        **{f"opposite_{name}_activation_peak": f"opposite {name}" for name in GLUTES},
        "lumbar_moment_peak_nm": "lumbar moment (Nm)",
        "hip_force_peak_bw": "hip force (BW)",
        "rim_margin_min_deg": "least margin (deg)",
        "head_displacement_max_mm": "head displacement (mm)",
    }
    kept = [name for name in names if name in chosen]
    return chosen[["exercise", "kind", "status", *kept]].rename(columns=names)


def draw(study: Path, running: Path | None, exercises: Exercises) -> None:
    """Write all figures of a study; running: folder of a running study, if one stands beside."""
    table, compared = read_csv(study / TABLE), read_csv(study / BY_HAND)
    beside, links = Running.of(running), read_csv(study / exercise_chain.TABLE)
    ranked = stimulus_table(table, beside)
    pages = (
        (
            postures(study, table, exercises),
            table[["case", "status"]],
            "The exercises as they were simulated: start, half way and end of the movement.",
        ),
        (
            activations(study, table, beside),
            ranked,
            "Activation of the hip flexors over a repetition without a band"
            + (", and over a stride of running." if beside.activation else "."),
        ),
        (
            stimulus(ranked, beside),
            ranked,
            "What each exercise asks of iliopsoas, with and without a band, ranked, beside what "
            "running asks.",
        ),
        (
            joint(study, table),
            glutes(table),
            "Force of the femoral head on the socket over the postures of each exercise, its "
            "margin to the rim and the head's place, in two readings of the iliopsoas tendon.",
        ),
        (
            by_hand(compared),
            compared,
            "Gravity's moment about the moving hip: by hand, in closed form at the posture's own "
            "pelvis tilt, and solved (OpenSim's inverse dynamics).",
        ),
        (
            chain(ranked, links, beside.demand),
            links,
            "The article's chain: what the exercises ask, what a trial of such training gave, and "
            "what running then does.",
        ),
    )
    for name, (page, numbers, caption) in zip(NAMES, pages, strict=True):
        save(study / "figures", name, [page], numbers, caption)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Draw the figures of a study of exercises.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    parser.add_argument("--running", type=Path, help="folder of a running study")
    parser.add_argument("--exercises", type=Path, required=True, help="file of exercises")
    parser.add_argument("--style", type=Path, default=figure_settings.FILE, help="how they look")
    given = parser.parse_args()
    use(figure_settings.read(given.style))
    draw(given.study, given.running, read_exercises(given.exercises))


if __name__ == "__main__":
    run_command(main)
