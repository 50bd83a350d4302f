"""Keep the small results of a study where a reader sees them without running anything.

    python -m analysis.report.reference --study results/study --out results/reference
        [--readme README.md]

Copies outcomes.csv, claims.json (shortened), verdict.csv, config.yaml, figures and film; writes
provenance.json (commit, versions, date, rule, hash of each file) and a README.md that shows them.
--readme: a page whose table of verdicts, between two marks (MARKS), is replaced by the study's.
A study of exercises is kept beside it, in OUT/exercises (or the study's own name where that begins
so: exercises_people): its tables, figures, provenance.json.
Only what an earlier provenance.json names is removed.
Refused: a study whose report was made by uncommitted code, or with a changed claims file.
"""

from __future__ import annotations

import argparse
import hashlib
import os
from collections import Counter
from pathlib import Path

import pandas as pd

from analysis.replayed.case import read_json
from analysis.report import exercises
from analysis.report.answer_table import verdicts
from analysis.report.build import RECORD
from analysis.report.evidence import evidence
from analysis.report.pictures import OPTIONAL, PICTURES, with_caption
from analysis.report.provenance import Made, Provenance, read_made, read_provenance
from formats.files import as_json, run_command, write_bytes, write_json, write_text
from formats.run_record import FILE as RUN
from formats.table import read_csv
from formats.verdicts import FILE as VERDICTS
from formats.verdicts import ClaimVerdict
from formats.verdicts import read as verdicts_of

TABLES = ("outcomes.csv", VERDICTS, "verdict.csv", "config.yaml", "cases.csv")
SCORECARDS = "figures/norms_scorecard.csv"
BESIDE = (SCORECARDS, "dynamometer.csv", "people.csv", "mechanisms.csv", "claims.yaml", RUN)
"""Tables, the rule and what the run took, kept where a study has them."""
EXERCISES = "exercises.csv"
"""Table that a study of exercises has."""
PAGE = "README.md"
"""Of the kept results, shows them."""
FILM = "animation/running.gif"
MOST_FILE_MB, MOST_MB = 1.0, 2.9
"""Of one file, and of all together with the README.md and provenance.json beside them."""
MARKS = ("<!-- verdicts -->", "<!-- end of verdicts -->")
"""Before and after the table of verdicts in a page."""


class KeptExercises(Made):
    """provenance.json of exercises: what made the results, and the hash of each file kept."""

    study: str
    files: dict[str, str]


class Kept(Provenance):
    """provenance.json: what made a study's results, and the hash of each file that is kept.

    solved_by: commits whose code solved the runs, and how many each.
    """

    study: str
    solved_by: dict[str, int]
    files: dict[str, str]


def contents(study: Path) -> dict[str, bytes]:
    """What is kept, by name: tables, animation, and in reading order the figures that find room.

    Figures as SVG: sharp at every size, and smaller than a PNG of 300 dpi. ValueError, one line,
    if a file is missing or, not being a figure, too large.
    """
    found: dict[str, bytes] = {}
    for name in [*TABLES, *BESIDE, FILM, *(f"figures/{one.name}.svg" for one in PICTURES)]:
        path = study / name
        if not path.is_file() and (path.stem in OPTIONAL or name in BESIDE):
            continue
        if not path.is_file():
            raise ValueError(f"{path}: no such file; run the study to its end first")
        content = without_secondary(path) if name == VERDICTS else path.read_bytes()
        fits = len(content) + sum(len(one) for one in found.values()) <= MOST_MB * 1e6
        if fits and len(content) <= MOST_FILE_MB * 1e6:
            found[name] = content
            caption = path.with_suffix(".txt")
            if path.parent.name == "figures" and caption.is_file():
                found[f"figures/{caption.name}"] = caption.read_bytes()
        elif not name.startswith("figures/"):
            raise ValueError(f"{path}: {len(content) / 1e6:.1f} MB; too large to be kept")
    return found


def without_secondary(path: Path) -> bytes:
    """claims.json with secondary endpoints of the headline only; all stand in verdict.csv.

    Of people, two habit weights and three contrasts they make 1.8 MB.
    """
    claims = read_json(path)
    for entry in claims.values():
        for part in (*entry.get("contrasts", {}).values(), *entry.get("strata", ())):
            if "secondary" in part:
                part["secondary"] = type(part["secondary"])()
    return as_json(claims).encode()


def check(study: Path, record: Provenance) -> None:
    """ValueError, one line, if a study is not fit to be shown as this code's result."""
    if record["uncommitted"]:
        raise ValueError(
            f"{study / RECORD}: made by code with uncommitted changes in "
            f"{record['uncommitted'][0]}; commit, run the study again, then keep it"
        )
    if record["claims"]["changed"]:
        raise ValueError(
            f"{study / RECORD}: judged by a changed claims file; the frozen one is needed"
        )
    judged = verdicts_of(study / VERDICTS)
    if any(entry["rule"]["changed"] for entry in judged.values()):
        raise ValueError(
            f"{study / VERDICTS}: judged by a changed claims file; the frozen one is needed"
        )


def keep(study: Path, out: Path) -> Kept:
    """Copy the small results of `study` to `out` in place of those it kept before; gives the
    provenance. What else lies there (results/reference/exercises) is left alone.
    """
    record = read_provenance(study / RECORD)
    check(study, record)
    if out.resolve() == study.resolve() or study.resolve().is_relative_to(out.resolve()):
        raise ValueError(f"{out}: is the study's own folder; another is needed")
    if out.exists() and any(out.iterdir()) and not (out / "provenance.json").is_file():
        raise ValueError(f"{out}: holds something else than kept results; it is not overwritten")
    kept = contents(study)
    forget(out)
    for name, content in kept.items():
        write_bytes(out / name, content)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in kept.items()}
    provenance: Kept = {
        "study": study.resolve().name,
        **record,
        "solved_by": solved_by(study),
        "files": hashes,
    }
    write_json(out / "provenance.json", provenance)
    write_text(out / PAGE, readme(provenance, verdicts_of(study / VERDICTS), hashes, out))
    return provenance


def keep_exercises(study: Path, out: Path) -> KeptExercises:
    """Copy a study of exercises' tables and figures to `out`; gives the provenance."""
    record = read_made(study / RECORD)
    if record["uncommitted"]:
        raise ValueError(
            f"{study / RECORD}: made by code with uncommitted changes in "
            f"{record['uncommitted'][0]}; commit, run the study again, then keep it"
        )
    kept = {}
    for name in (*exercises.NEEDED, "config.yaml", "cases.csv"):
        if not (study / name).is_file():
            raise ValueError(f"{study / name}: no such file; run the study to its end first")
        kept[name] = (study / name).read_bytes()
        if len(kept[name]) > MOST_FILE_MB * 1e6:
            raise ValueError(
                f"{study / name}: {len(kept[name]) / 1e6:.1f} MB; too large to be kept"
            )
    forget(out)
    for name, content in kept.items():
        write_bytes(out / name, content)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in kept.items()}
    provenance: KeptExercises = {"study": study.resolve().name, **record, "files": hashes}
    write_json(out / "provenance.json", provenance)
    return provenance


def forget(out: Path) -> None:
    """Remove what provenance.json of `out` says was kept there."""
    if not (out / "provenance.json").is_file():
        return
    for name in read_json(out / "provenance.json")["files"]:
        path = out / name
        if not path.resolve().is_relative_to(out.resolve()):
            raise ValueError(f"{out / 'provenance.json'}: names {name!r}, which is not within it")
        path.unlink(missing_ok=True)
        if path.parent != out and path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()


def solved_by(study: Path) -> dict[str, int]:
    """Commits whose code solved the study's runs, and how many each."""
    made = [read_json(path).get("made", {}) for path in sorted(study.glob("*/solver.json"))]
    return dict(Counter(str(one.get("commit")) for one in made))


def readme(
    provenance: Kept, claims: dict[str, ClaimVerdict], kept: dict[str, str], out: Path
) -> str:
    """A page that shows what is kept in `out`, its captions as the figures' own code wrote them."""
    lines = [
        f"# Results of study `{provenance['study']}`",
        "",
        f"Report by code {provenance['commit'][:12]}, {provenance['date'][:10]}, runs solved by "
        f"{', '.join(f'{c[:12]} ({n})' for c, n in provenance['solved_by'].items())}; rule sha256 "
        f"`{provenance['claims']['sha256'][:12]}`. Versions and hashes: `provenance.json`. "
        "The configuration is `config.yaml`; `make study CONFIG=` and its path run it again.",
        "",
        told(claims, out),
    ]
    lines += ["", f"![Weak, normal and strong runner side by side]({FILM})", ""]
    for picture in PICTURES:
        one = with_caption(picture, out)
        path = f"figures/{one.name}.svg"
        if path in kept:
            title = one.title if one.title.endswith("?") else f"{one.title}."
            lines += [f"**{title}** {one.caption}", "", f"![{one.title}]({path})", ""]
    return "\n".join(lines)


def told(claims: dict[str, ClaimVerdict], kept: Path, whole: str | None = None) -> str:
    """The verdicts with what they rest on, from the scorecards in the folder `kept`.

    whole: the page that has all of the scorecards, if this one has not (evidence).
    """
    path = kept / SCORECARDS
    runs = read_csv(path) if path.is_file() else pd.DataFrame()
    return "\n".join([verdicts(claims), evidence(runs, claims, whole)])


def renew(page: Path, claims: dict[str, ClaimVerdict], kept: Path) -> None:
    """Replace the verdicts in a page by those kept in a folder.

    ValueError, one line, if the marks about them are not there.
    """
    text = page.read_text("utf-8")
    begin, end = MARKS
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(end) < text.index(begin):
        raise ValueError(f"{page}: the lines '{begin}' and '{end}' must stand there once, in order")
    before, after = text.split(begin)[0], text.split(end)[1]
    whole = Path(os.path.relpath(kept / PAGE, page.parent)).as_posix()
    write_text(page, f"{before}{begin}\n{told(claims, kept, whole)}\n{end}{after}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Keep the small results of a study.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    parser.add_argument("--out", type=Path, required=True, help="folder to keep them in")
    parser.add_argument("--readme", type=Path, help="page whose table of verdicts is renewed")
    given = parser.parse_args()
    if (given.study / EXERCISES).is_file():
        own = given.study.resolve().name
        kept = given.out / (own if own.startswith("exercises") else "exercises")
        found = keep_exercises(given.study, kept)
        print(f"{kept}: {len(found['files'])} files")
        return
    found = keep(given.study, given.out)
    if given.readme:
        renew(given.readme, verdicts_of(given.out / VERDICTS), given.out)
    size = sum(path.stat().st_size for path in given.out.rglob("*") if path.is_file()) / 1e6
    print(f"{given.out}: {len(found['files'])} files, {size:.1f} MB, commit {found['commit'][:12]}")


if __name__ == "__main__":
    run_command(main)
