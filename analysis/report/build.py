"""The report of a study: one HTML file that opens offline, with all figures and a viewer.

    python -m analysis.report.build --study results/study [--exercises results/exercises]
        writes report.html and report.json; with a chapter on a study of exercises

report.json: what made it (analysis/report/provenance.py). Every string that comes from a file is
escaped; the page may load nothing and says so to the browser (Content-Security-Policy).
"""

from __future__ import annotations

import argparse
import base64
from pathlib import Path

from analysis.figures import claims as claims_table
from analysis.figures.study import read_study
from analysis.report import exercise_chapter, facts, plain, viewer
from analysis.report.pictures import OPTIONAL, PICTURES, with_caption
from analysis.report.provenance import Provenance, provenance
from analysis.report.templates import template
from analysis.verdict import statements
from analysis.verdict.trust import trust
from formats.claims import of_study
from formats.files import run_command, write_json, write_text
from formats.table import read_csv

HERE = Path(__file__).parent
FILE, RECORD = "report.html", "report.json"
ARTICLE = {
    "words": "Uhan, “Don't Forget the Hip Flexors!”, iRunFar, 10 November 2020",
    "address": "https://www.irunfar.com/dont-forget-the-hip-flexors",
}
MAIN_PICTURES = ("answer", "dose_response", "muscles_in_motion", "norms_scorecard")
"""The one on the first screen: the first of these that the study has."""


def embedded(path: Path, kind: str) -> str:
    """A file as a data URI. ValueError, one line, if it is not there."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file; draw the figures first") from None
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def render(folder: Path, made: Provenance, exercises: Path | None = None) -> str:
    """The page of a study's folder; one without verdicts has a page too.

    exercises: folder of a study of exercises (or what is kept of it), which gets a chapter. What
    is shown is escaped unless the template says it is ours.
    """
    claims = claims_table.read(folder) if (folder / claims_table.FILE).is_file() else {}
    series = [one for one in read_study(folder) if one.as_built]
    outcomes = read_csv(folder / "outcomes.csv")
    rows, left_out = facts.case_rows(outcomes)
    norms, scorecard = facts.norm_verdicts(folder)
    motions, not_shown = viewer.motions(series)
    pictures = [
        (
            with_caption(one, folder),
            embedded(folder / "figures" / f"{one.name}.svg", "image/svg+xml"),
        )
        for one in PICTURES
        if one.name not in OPTIONAL or (folder / "figures" / f"{one.name}.svg").is_file()
    ]
    shown = [row["case"] for row in rows]
    content = facts.words_of(folder)
    return template("report.html.j2").render(
        name=folder.resolve().name,
        question=content["question"],
        lead=plain.lead(claims, outcomes),
        cards=facts.cards(claims),
        links=[{"words": "The article", "address": ARTICLE["address"]}, *facts.links(folder)],
        cite=facts.citation(),
        article=ARTICLE,
        claims=claims,
        titles=facts.titles(claims),
        abouts=facts.abouts(claims, [one.about for one, _ in pictures]),
        first=next(iter(claims.values()), None),
        headline=facts.headline(claims),
        no_verdict=plain.NO_VERDICT,
        short=facts.short_names(read_csv(folder / "cases.csv")),
        main_picture=main_picture([one.name for one, _ in pictures]),
        further={one.name: facts.further(folder, one.name) for one, _ in pictures},
        plain=plain,
        statements=statements,
        trusted={name: trust(entry) for name, entry in claims.items()},
        verdicts=facts.verdict_rows(claims),
        trust=plain.trust_points(claims, outcomes, norms),
        methods=plain.methods(outcomes),
        limits=plain.limits(outcomes),
        subject=plain.subject(next(iter(claims.values()), None), facts.arms(outcomes)),
        pictures=pictures,
        motions=motions,
        not_shown=not_shown,
        film=embedded(folder / "animation" / "running.mp4", "video/mp4"),
        norm_film=embedded(folder / "animation" / "beside_runners.mp4", "video/mp4"),
        scorecard=scorecard,
        exercises=None if exercises is None else exercise_chapter.chapter(exercises, folder),
        cases=rows,
        left_out=left_out,
        failed=[row for row in rows if row["status"] != "certified"],
        certificates=facts.certificates(folder, shown),
        strengths=facts.strengths(folder),
        timings=facts.timings(folder),
        solver_versions=facts.solver_versions(folder, shown),
        config=(folder / "config.yaml").read_text("utf-8"),
        made=made,
        script=viewer.script(),
        style=(HERE / "report.css").read_text("utf-8"),
    )


def main_picture(drawn: list[str]) -> str:
    """The picture of the first screen."""
    return next((name for name in MAIN_PICTURES if name in drawn), "")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the report of a study.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    parser.add_argument("--exercises", type=Path, help="folder of a study of exercises")
    given = parser.parse_args()
    folder = given.study
    made = provenance(of_study(folder))
    write_text(folder / FILE, render(folder, made, given.exercises))
    write_json(folder / RECORD, made)
    size = (folder / FILE).stat().st_size / 1e6
    print(f"{folder / FILE}: {size:.1f} MB, opens offline")


if __name__ == "__main__":
    run_command(main)
