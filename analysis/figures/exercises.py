"""Figures of a study of exercises, drawn for its chapter (analysis.report.exercises)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.exercises import column, plain
from analysis.figures.stick_figures import draw_runner
from analysis.figures.style import PAGE, absent, figure, letter, note
from analysis.measures.exercise import FLEXORS, GLUTES, STIMULUS
from formats.exercises import Exercises
from formats.storage import read_storage
from formats.table import read_csv
from formats.untrusted import read_table

COLOURS = {
    "psoas": "#0072b2",
    "iliacus": "#56b4e9",
    "rectus_femoris": "#d55e00",
    "tensor": "#e69f00",
    "sartorius": "#009e73",
}
BANDS = {"none": "0.75", "red": "#c0392b", "blue": "#2471a3", "black": "0.15", "gold": "#b7950b"}
SHOWN = ("march", "bike_pedal", "plank", "standing_march", "straight_leg_raise")


@dataclass(frozen=True)
class Running:
    """The 100 % runs that stand beside: speed (m/s) -> activations of the right leg, by muscle."""

    activation: dict[float, pd.DataFrame]

    @staticmethod
    def of(study: Path | None) -> Running:
        """Certified 100 % runs, as built and with free cadence, of a running study's folder."""
        found: dict[float, pd.DataFrame] = {}
        if study is None:
            return Running(found)
        table = read_table(study / "outcomes.csv", ["case", "status", "arm", "speed_m_s"])
        chosen = table[(table["arm"] == "baseline") & (table["status"] == "certified")]
        for name in ("cadence", "draw", "spring_n_m"):
            if name in chosen:
                chosen = chosen[chosen[name].isin(["free", 0, 0.0])]
        chosen = chosen[chosen["runner"] == "spatial"]
        for _, row in chosen.iterrows():
            motion = read_storage(study / str(row["case"]) / "motion.sto")
            curves = {"percent": np.linspace(0, 100, len(motion))}
            for muscle, heads in FLEXORS.items():
                columns = [c for h in heads for c in motion if c.endswith(f"/{h}_r/activation")]
                curves[muscle] = motion[columns].mean(axis=1).to_numpy()
            found.setdefault(float(row["speed_m_s"]), pd.DataFrame(curves))
        return Running(found)

    def peak(self, muscle: str) -> dict[float, float]:
        """Speed -> peak activation of a flexor."""
        return {speed: float(curves[muscle].max()) for speed, curves in self.activation.items()}


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


def stimulus_table(study: Path, table: pd.DataFrame, running: Running) -> pd.DataFrame:
    """Peak activation of iliopsoas (mean of psoas and iliacus) by exercise and band, ranked."""
    chosen = table[table["dose_percent"] == 100].sort_values("kind")
    chosen = chosen.drop_duplicates(["exercise", "band"])  # a movement before its grid
    speeds = sorted(running.activation)
    found = []
    for _, row in chosen.iterrows():
        peak = float(row.get("psoas_activation_peak", np.nan))
        entry = {
            "exercise": row["exercise"],
            "band": row["band"],
            "kind": row["kind"],
            "status": row["status"],
            "psoas_peak": peak,
            "iliacus_peak": float(row.get("iliacus_activation_peak", np.nan)),
            "rectus_femoris_peak": float(row.get("rectus_femoris_activation_peak", np.nan)),
            "sartorius_peak": float(row.get("sartorius_activation_peak", np.nan)),
            "flexor_moment_nm_kg": float(row.get("hip_flexor_moment_peak_nm_kg", np.nan)),
            "seconds_above_60_percent": float(row.get("psoas_above_60_percent_s", np.nan)),
        }
        for speed in speeds:
            entry[f"psoas_over_running_{speed:g}"] = peak / running.peak("psoas")[speed]
        found.append(entry)
    made = pd.DataFrame(found)
    return made.sort_values("psoas_peak", ascending=False, ignore_index=True)


def stimulus(ranked: pd.DataFrame, running: Running) -> Figure:
    """The ranking as bars, coloured by band; running as lines."""
    canvas = figure(PAGE, 12 + 5.5 * max(4, len(ranked)))
    axes = canvas.subplots()
    place = np.arange(len(ranked))[::-1]
    for y, (_, row) in zip(place, ranked.iterrows(), strict=True):
        failed = row["status"] != "certified"
        axes.barh(
            y,
            row["psoas_peak"],
            color="white" if failed else BANDS.get(row["band"], "0.5"),
            edgecolor=BANDS.get(row["band"], "0.5"),
            hatch="///" if failed else None,
        )
    words = [
        f"{row['exercise'].replace('_', ' ')}, {row['band']}"
        + (" (grid)" if row["kind"] == "static" else "")
        for _, row in ranked.iterrows()
    ]
    axes.set_yticks(place, words)
    for speed, peak in running.peak("psoas").items():
        axes.axvline(peak, color="0.3", linewidth=0.8, linestyle="--")
        axes.text(peak, len(ranked) - 0.4, f"running {speed:g} m/s", rotation=90, va="top")
    axes.axvline(STIMULUS, color="0.6", linewidth=0.6, linestyle=":")
    axes.set_xlabel("peak activation of psoas")
    note(
        canvas,
        "Colour: band. Hatched: not certified. (grid): postures at rest, those that are held; a "
        "stronger band leaves fewer. Dotted: 60 %.",
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
    names = list(dict.fromkeys(compared["exercise"])) if len(compared) else []
    canvas = figure(PAGE, 60)
    grid = canvas.subplots(1, max(1, len(names)), sharey=True, squeeze=False).ravel()
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
    chosen = table[table["band"] == "none"].sort_values("kind").drop_duplicates("exercise")
    names = {
        **{f"opposite_{name}_activation_peak": f"opposite {name}" for name in GLUTES},
        "lumbar_moment_peak_nm": "lumbar moment (Nm)",
        "hip_force_peak_bw": "hip force (BW)",
        "rim_margin_min_deg": "least margin (deg)",
        "head_displacement_max_mm": "head displacement (mm)",
    }
    kept = [name for name in names if name in chosen]
    return chosen[["exercise", "kind", "status", *kept]].rename(columns=names)
