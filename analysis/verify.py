"""Do stored results still hold? All that decides is computed again from the stored motion.

    python -m analysis.verify --study results/study

In a copy: certificate, outcomes, curves, scorecard, the femoral head, its two-way check and
positions of each case, and of those solved again certificate, outcomes and whether they agree;
from these outcomes.csv, claims.json, verdict.csv, convergence.csv; Lewis's exercises. They must be
what is stored, to a tolerance that other machines keep (analysis.checks.compare). Every other file
(solutions, robustness.csv, dynamometer.csv, figures, film, report) is only held against the hash
in the study's record, as are all; the record must name every file that is there, and each that a
study must have.

Nothing in the study is changed. A line for each case and each difference; exit code 1 if any.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from analysis import (
    agreement,
    certify,
    claims,
    collect,
    convergence,
    femoral_head,
    lewis,
    outcomes,
    positions,
    provenance,
    two_way,
)
from analysis.checks import compare
from analysis.measures import hip_loads
from analysis.replayed.case import read_json
from analysis.replayed.stride import Replays
from analysis.verdict.variants import TORQUES
from formats.case import MOTION_FILES
from formats.claims import COPY
from formats.files import run_command, write_json
from formats.records import Certificate
from formats.solved_again import folders
from formats.untrusted import inside

SOURCES = ("case.json", "solver.json", "runner.osim", "runner.json", "inverse.json")
"""Beside the motion's tables: what everything else of a case is computed from."""
TOLERANCES = {
    certify.FILE: compare.Tolerance(1e-2, 1e-3),  # rounding, and motion integrated forward
    femoral_head.CURVES: compare.SIX_DIGITS,
    positions.FILE: compare.SIX_DIGITS,
    "lewis.csv": compare.SIX_DIGITS,
}
"""Where it is not compare.EXACT."""
MEASURED = (
    *(certify.FILE, outcomes.FILE, "curves.csv", "scorecard.csv", hip_loads.FILE),
    *(femoral_head.FILE, femoral_head.CURVES, two_way.FILE, positions.FILE),
)
"""Files of a case that only its motion gives; whatever else is computed again is compared too."""
ASKED = ("cases.csv", "config.yaml", COPY, TORQUES)
"""Of a study: what it is asked for and judged by, and isometric torques, which are not made again.
"""
OF_STUDY = (collect.FILE, claims.FILE, claims.TABLE, convergence.FILE, "lewis.csv", "lewis.json")
"""Files of a study that are computed again."""
MOST = 3
"""Differences of a file that are told one by one."""


def changed(study: Path) -> Iterator[str]:
    """What differs from the study's record: a line for each file. ValueError if there is none."""
    path = study / provenance.FILE
    if not path.is_file():
        raise ValueError(f"{path}: no such file; run analysis.provenance, or the study, first")
    graph = read_json(path).get("@graph")
    entities = [e for e in graph if isinstance(e, dict)] if isinstance(graph, list) else []
    hashed = [
        entity
        for entity in entities
        if "sha256" in entity and entity.get("@id") not in provenance.BESIDE
    ]
    if not hashed:
        raise ValueError(f"{path}: holds no hashes; it is not the record of a study")
    for entity in hashed:
        file = inside(study, str(entity.get("@id", "")))
        if not file.is_file():
            yield f"{entity['@id']}: recorded, but no longer there"
        elif provenance.sha256(file) != entity["sha256"]:
            yield f"{entity['@id']}: not the file that was recorded"
    named = {str(entity.get("@id")) for entity in hashed}
    there = provenance.files(study)
    for name in there:
        if name not in named:
            yield f"{name}: there, but not recorded"
    for name in provenance.required(study):
        if name not in named and name not in there:
            yield f"{name}: neither there nor recorded; every study has it"
    known = {str(entity.get("@id")) for entity in entities}
    for name in provenance.solves(study):
        if f"#solve-{name}" not in known:
            yield f"{name}: the record does not say what made it"


def asked(study: Path) -> dict[str, list[str]]:
    """What study.asked says of a study's folder: faults, and cases checked on a finer mesh."""
    command = [sys.executable, "-m", "study.asked", "--study", str(study)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr.strip().removeprefix("error: "))
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def compute(folder: Path, copy: Path, mesh: bool = False) -> tuple[bool, str]:
    """Compute all of a case again, into `copy`. Whether its certificate holds, and that in words.

    copy: an empty folder; it is left with what was computed and what is needed for that. mesh:
    whether the certificate needs a finer mesh to agree; one that was solved later is not in it.
    """
    if mesh and not (folder / agreement.file("fine")).is_file():
        return False, f"no {agreement.file('fine')}, which its certificate needs"
    _take(folder, copy)
    for how in folders(folder):
        _take(folder / how, copy / how)
        second = Replays(copy / how)
        write_json(copy / how / outcomes.FILE, outcomes.compute(copy / how, second))
        write_json(copy / how / certify.FILE, certify.certify(copy / how, second).to_json())
    try:
        replays = Replays(copy)
        write_json(copy / outcomes.FILE, outcomes.compute(copy, replays))
        certificate = None if mesh else certify.certify(copy, replays)
        for how in folders(copy):
            agreement.compute(copy, copy / how)
        certificate = certificate or certify.certify(copy, replays)
        write_json(copy / certify.FILE, certificate.to_json())
        head = femoral_head.compute(copy, replays)
        two_way.compute(copy, replays.case if head.loads else None, head)
        positions.compute(copy, replays)
    except ValueError as error:
        return False, str(error).replace(str(copy.parent), str(folder.parent))
    return _said(folder, certificate)


def _take(folder: Path, copy: Path) -> None:
    copy.mkdir(parents=True)
    for name in (*SOURCES, *MOTION_FILES.values()):
        if (folder / name).is_file():
            shutil.copyfile(folder / name, copy / name)


def _said(folder: Path, found: Certificate) -> tuple[bool, str]:
    """Whether a certificate made again says what the stored one does, and that in words."""
    try:
        stored = Certificate.of(folder / certify.FILE)
    except ValueError as error:
        return False, f"no certificate ({error})"
    if found.certified:
        if stored.certified:
            return True, f"holds ({len(found.checks)} checks)"
        return False, "is certified now, but its certificate says it is not"
    reasons = "; ".join(found.reasons)
    if stored.certified:
        return False, f"NO LONGER HOLDS: {reasons}"
    return True, f"not certified, as its certificate says: {reasons}"


def differences(folder: Path, again: Path, names: Iterable[str]) -> Iterator[str]:
    """What differs between the files of a folder and the same computed again: a line each."""
    for name in names:
        tolerance = TOLERANCES.get(Path(name).name, compare.EXACT)
        found = compare.files(folder / name, again / name, tolerance)
        yield from (f"{name}: {text}" for text in found[:MOST])
        if len(found) > MOST:
            yield f"{name}: and {len(found) - MOST} more"


def again(folder: Path, copy: Path, mesh: bool = False) -> tuple[bool, str, list[str]]:
    """A case computed again into `copy`: whether it holds, that in words, and what differs."""
    try:
        holds, said = compute(folder, copy, mesh)
    except ValueError as error:  # no case to compute anything from
        return False, str(error).replace(str(copy.parent), str(folder.parent)), []
    names = dict.fromkeys([*MEASURED, *map(agreement.file, agreement.stored(folder))])
    made = sorted(path for path in copy.rglob("*") if path.is_file())
    taken = (*SOURCES, *MOTION_FILES.values())
    names |= dict.fromkeys(str(p.relative_to(copy)) for p in made if p.name not in taken)
    found = list(differences(folder, copy, names))
    for path in made:  # large, and no longer needed
        if path.suffix in (".sto", ".mot", ".osim"):
            path.unlink()
    return holds and not found, said, found


def study_again(study: Path, copy: Path) -> list[str]:
    """What differs in a study's tables and verdicts, from its cases computed again in `copy`."""
    if (study / "lewis.json").is_file():
        lewis.compute(study / "runners" / "spatial", copy / "lewis.csv")
    if (study / convergence.FILE).is_file():
        convergence.write(copy)
    collect.write(copy)
    claims.write(copy)
    return list(differences(study, copy, OF_STUDY))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Compute a study's results again and compare.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    study = parser.parse_args().study
    cases = provenance.cases(study)
    configured = asked(study)
    faults = [*changed(study), *configured["faults"]]
    for line in faults:
        print(line, flush=True)
    failed, off, mesh = 0, 0, configured["mesh_checked"]
    with tempfile.TemporaryDirectory(prefix="verify.") as place:
        copy = Path(place) / study.resolve().name
        copy.mkdir()
        for name in ASKED:
            if (study / name).is_file():
                shutil.copyfile(study / name, copy / name)
        for case in cases:
            holds, said, found = again(inside(study, case), copy / case, case in mesh)
            failed += not holds
            off += len(found)
            print(f"{case}: {said}", *(f"{case}/{line}" for line in found), sep="\n", flush=True)
        try:
            found = study_again(study, copy)
        except ValueError as error:
            found = [str(error).replace(str(copy), str(study))]
    off += len(found)
    print(*(f"{line}\n" for line in found), sep="", end="")
    closing = f"{len(cases) - failed} of {len(cases)} cases as certified and measured"
    print(f"{closing}; {len(faults)} files differ from the record, {off} values from the motion")
    if failed or faults or off:
        sys.exit(1)


if __name__ == "__main__":
    run_command(main)
