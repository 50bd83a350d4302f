"""The chapter on the exercises: figures, tables, the chain from exercise to running.

    python -m analysis.report.exercises --study results/exercises [--running results/study]
        writes exercises.html and figures/exercises_*.{png,svg,pdf,csv} into the study's folder

`chapter(study, running)` gives the HTML of its body alone, for a report to include.
"""

from __future__ import annotations

import argparse
import base64
import html
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.exercises import AGAINST, BY_HAND, TABLE
from analysis.figures import exercises as figures
from analysis.figures.exercises import Running
from analysis.figures.style import save, use
from formats import exercises as book
from formats import figure_settings
from formats.checkout import CHECKOUT
from formats.files import run_command, write_text
from formats.table import csv_text, read_csv
from formats.untrusted import read_table
from formats.yaml import read as read_yaml

TRAINED_PERCENT = 17.0
"""Rise of isometric flexion strength in six weeks with an elastic band (Thorborg 2016)."""
THORBORG = (
    "Thorborg et al. 2016 (Knee Surg Sports Traumatol Arthrosc 24:2347): a randomised trial, six "
    "weeks of hip flexion against an elastic band, +17 % isometric strength"
)
ENDPOINTS = {
    "ankle_com_m": ("ankle ahead of the mass centre", 1e3, "mm"),
    "braking_impulse_bw_s": ("braking impulse", 1e3, "mBW s"),
    "glmax_activation_stance_mean": ("gluteus maximus, stance mean", 100.0, "%"),
    "rim_margin_min_deg": ("least margin to the rim", 1.0, "deg"),
}


def made(study: Path, running: Path | None) -> dict[str, str]:
    """Draw the figures; name -> caption, in the chapter's order."""
    known = read_yaml(study / "config.yaml")
    file = str(known.get("file", ""))
    path = Path(file) if Path(file).is_absolute() else CHECKOUT / file
    exercises = book.read(path)
    table, compared = read_csv(study / TABLE), read_csv(study / BY_HAND)
    beside = Running.of(running)
    ranked = figures.stimulus_table(study, table, beside)
    drawn = {
        "exercises_postures": (
            figures.postures(study, table, exercises),
            table[["case", "status"]],
            "The exercises as they were simulated: start, half way and end of the movement.",
        ),
        "exercises_activation": (
            figures.activations(study, table, beside),
            ranked,
            "Activation of the hip flexors over a repetition without a band"
            + (", and over a stride of running." if beside.activation else "."),
        ),
        "exercises_stimulus": (
            figures.stimulus(ranked, beside),
            ranked,
            "Peak activation of psoas in each exercise, with and without a band, ranked.",
        ),
        "exercises_joint": (
            figures.joint(study, table),
            figures.glutes(table),
            "Force of the femoral head on the socket over the postures of each exercise, its "
            "margin to the rim and the head's place, in two readings of the iliopsoas tendon.",
        ),
        "exercises_by_hand": (
            figures.by_hand(compared),
            compared,
            "Gravity's moment about the moving hip: by hand, in closed form at the posture's own "
            "pelvis tilt, and solved (OpenSim's inverse dynamics).",
        ),
    }
    for name, (page, numbers, caption) in drawn.items():
        save(study / "figures", name, [page], numbers, caption)
    return {name: caption for name, (_, _, caption) in drawn.items()}


def chain(running: Path | None) -> tuple[str, pd.DataFrame]:
    """The article's chain as one paragraph, and its numbers: running at 117 % against 100 %."""
    start = f"{THORBORG}; the dose of 117 % is that runner. "
    none = pd.DataFrame(columns=["endpoint", "runs", "change", "low", "high", "unit"])
    if running is None:
        return start + "No running study stands beside this one (key `running`).", none
    table = read_table(running / "outcomes.csv", ["case", "status", "arm", "dose_percent"])
    good = table[table["status"] == "certified"]
    keys = [
        k
        for k in ("runner", "speed_m_s", "habit_weight", "objective", "draw", "cadence")
        if k in good
    ]
    trained = good[(good["dose_percent"] == 100 + TRAINED_PERCENT) & (good["arm"] == "hip_flexors")]
    plain = good[good["arm"] == "baseline"]
    both = trained.merge(plain, on=keys, suffixes=("", "_before"))
    if both.empty:
        return start + f"{running} holds no certified pair of runs at 117 and 100 %.", none
    found = []
    for name, (words, scale, unit) in ENDPOINTS.items():
        if name not in both:
            continue
        change = scale * (both[name] - both[f"{name}_before"]).dropna().to_numpy()
        low, high = interval(change)
        found.append(
            {
                "endpoint": words, "runs": len(change), "change": change.mean() if len(change)
                else np.nan, "low": low, "high": high, "unit": unit,
            }
        )  # fmt: skip
    return start + "What running then does, mean over the runs and 95 % interval:", pd.DataFrame(
        found
    )


def interval(values: np.ndarray, draws: int = 10_000) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean; NaN for fewer than three values."""
    if len(values) < 3:
        return float("nan"), float("nan")
    picked = np.random.default_rng(117).choice(values, (draws, len(values)))
    low, high = np.percentile(picked.mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def chapter(study: Path, running: Path | None = None) -> str:
    """HTML of the chapter's body; draws its figures into the study's folder."""
    captions = made(study, running)
    table = read_csv(study / TABLE)
    against, compared = read_csv(study / AGAINST), read_csv(study / BY_HAND)
    told, numbers = chain(running)
    write_text(study / "exercises_chain.csv", csv_text(numbers, "%.5g"))
    failed = table[table["status"] != "certified"][["case", "reason"]]
    inside = int((against["verdict"] == "inside").sum())
    near = int(compared["within_5_percent"].astype(bool).sum()) if len(compared) else 0
    parts = [
        "<h2>The exercises: does what the article prescribes load what it promises?</h2>",
        f"<p>{len(table) - len(failed)} of {len(table)} exercises are certified in OpenSim; "
        f"{inside} of {len(against)} comparisons with measurements are inside the published range; "
        f"{near} of {len(compared)} moments by hand agree within 5 %, the others are explained in "
        "the table or marked.</p>",
    ]
    for name, caption in captions.items():
        data = base64.b64encode((study / "figures" / f"{name}.png").read_bytes()).decode("ascii")
        words = html.escape(caption)
        parts.append(
            f'<figure><img alt="{words}" src="data:image/png;base64,{data}">'
            f"<figcaption>{words}</figcaption></figure>"
        )
    parts += ["<h3>Against measurements</h3>", _html(against)]
    parts += ["<h3>What each asks (no band)</h3>", _html(figures.glutes(table))]
    parts += ["<h3>Moments by hand</h3>", _html(compared)]
    parts += ["<h3>The chain</h3>", f"<p>{html.escape(told)}</p>", _html(numbers)]
    if len(failed):
        parts += ["<h3>Not certified, and why</h3>", _html(failed)]
    return "\n".join(parts)


def _html(table: pd.DataFrame) -> str:
    return table.to_html(index=False, float_format="%.3g", na_rep="", border=0)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the chapter on the exercises.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    parser.add_argument("--running", type=Path, help="folder of a running study")
    parser.add_argument("--style", type=Path, default=figure_settings.FILE, help="how it looks")
    given = parser.parse_args()
    use(figure_settings.read(given.style))
    body = chapter(given.study, given.running)
    write_text(
        given.study / "exercises.html",
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Exercises</title>'
        "<style>body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
        "img{max-width:100%}table{border-collapse:collapse;font-size:85%}"
        "td,th{padding:.2em .6em;border-bottom:1px solid #ccc;text-align:left}</style>"
        "</head><body>\n"
        f"{body}\n</body></html>\n",
    )


if __name__ == "__main__":
    run_command(main)
