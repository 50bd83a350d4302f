"""The record of a study: what it was made from, with what, when, and the hash of every result.

    python -m analysis.provenance --study DIR     writes DIR/ro-crate-metadata.json

The file is an RO-Crate 1.1 (https://w3id.org/ro/crate/1.1): the folder with it can be archived as
it is. It names every file but logs and times taken. Each solve is an action of its own, with the
commit, machine and time that its solver.json keeps.
"""

from __future__ import annotations

import argparse
import hashlib
import mimetypes
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from rocrate.rocrate import ROCrate

from analysis.replayed.case import read_json
from analysis.report.pictures import OPTIONAL, PICTURES
from formats import run_record
from formats.files import run_command, write_json
from formats.origin import commit
from formats.untrusted import inside, read_table

FILE, VERSION = "ro-crate-metadata.json", "1.1"
FOLDERS = ("runners", "reference", "figures", "animation")
"""Folders of a study, beside its cases', of which every file is recorded."""
MUST_OF_STUDY = (
    *("config.yaml", "cases.csv", "outcomes.csv", "dynamometer.csv", "claims.json", "verdict.csv"),
    *("report.json", "report.html", "animation/running.mp4", "animation/running.gif"),
    *("animation/beside_runners.mp4", "animation/beside_runners.gif"),
)
MUST_OF_CASE = (
    *("case.json", "runner.osim", "runner.json", "solver.json", "certificate.json"),
    *("outcomes.json", "head.json", "head.csv", "hip_loads.csv", "robustness.csv"),
    *("two_way.json", "positions.csv", "scene.json"),
)
MUST_OF_SOLUTION = ("motion.sto", "controls.sto", "derivatives.sto", "ground_forces.mot")
"""Files that a study, each of its cases, and each that converged cannot be without."""
INPUTS = ("case.json", "runner.osim", "runner.json")
BESIDE = (FILE, run_record.FILE, "workflow.html")
"""Not recorded: the record itself, what its run took (known when all is done), and the report of
Snakemake."""
CODE = "#hipdrive"
Entity = dict[str, Any]


def cases(study: Path) -> list[str]:
    """Names of a study's cases, in the order of cases.csv."""
    return [str(name) for name in read_table(study / "cases.csv", ["case"])["case"]]


def solves(study: Path) -> list[str]:
    """Folders of a study that hold a solve, relative to it: references, cases, cases again."""
    tops = sorted(path for path in (study / "reference").glob("*"))
    tops += [inside(study, name) for name in cases(study)]
    found = []
    for top in tops:
        if top.is_dir():
            again = sorted(path.parent for path in top.glob("*/solver.json"))
            found += [str(path.relative_to(study)) for path in (top, *again)]
    return found


def files(study: Path) -> list[str]:
    """All files of a study that its record holds the hash of, relative to it.

    Everything of the study, its runners, references, figures, film and cases; not logs, times
    taken (benchmarks/, run.json), the record itself, and files whose names begin with a dot.
    """
    found = [path for path in study.iterdir() if path.is_file()]
    for name in (*FOLDERS, *cases(study)):
        found += inside(study, name).rglob("*")
    names = sorted(str(path.relative_to(study)) for path in found if path.is_file())
    return [name for name in names if recorded(Path(name))]


def recorded(name: Path) -> bool:
    """Whether a file, by its name relative to the study, belongs into the record."""
    hidden = any(part[0] == "." for part in name.parts)
    return not hidden and name.suffix != ".log" and str(name) not in BESIDE


def required(study: Path) -> list[str]:
    """Files, relative to a study, that its record cannot be without."""
    names = [*MUST_OF_STUDY, *(f"figures/{one.name}.png" for one in PICTURES)]
    names = [name for name in names if Path(name).stem not in OPTIONAL]
    for case in cases(study):
        names += [f"{case}/{name}" for name in MUST_OF_CASE]
        solver = inside(study, case) / "solver.json"
        if solver.is_file() and read_json(solver).get("status") == "converged":
            names += [f"{case}/{name}" for name in MUST_OF_SOLUTION]
    return names


def add_new(study: Path, written: Iterable[str] = ()) -> list[str]:
    """Add to a study's record the files that it does not name yet; gives their names.

    written: files that the caller has just written, whose hash is taken anew. All others keep the
    hash they have: this makes nothing good that was changed.
    """
    record = read_json(study / FILE)
    renewed = {name: _file(study, name) for name in written}
    graph = record["@graph"] = [renewed.get(e["@id"], e) for e in record["@graph"]]
    known = {entity["@id"] for entity in graph}
    new = [name for name in files(study) if name not in known]
    graph += [_file(study, name) for name in new]
    root = next(entity for entity in graph if entity["@id"] == "./")
    root["hasPart"] += [{"@id": name} for name in new]
    for name in solves(study):
        if f"#solve-{name}" not in known:
            action = _action(study, name)
            graph.append(action)
            root["mentions"].append({"@id": action["@id"]})
    write_json(study / FILE, record)
    return new


def sha256(path: Path) -> str:
    """Hash of a file's content, as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def crate(study: Path) -> Entity:
    """The record as JSON-LD. ValueError, one line, if the folder holds no study."""
    made = ROCrate(version=VERSION)
    packages = [_package(name, version) for name, version in installed().items()]
    actions = [_action(study, name) for name in solves(study)]
    for entity in (_code(packages), *packages, *actions):
        made.add_jsonld(dict(entity))
    for name in files(study):
        properties = {key: value for key, value in _file(study, name).items() if key[0] != "@"}
        made.add_file(dest_path=name, properties=properties)
    root = made.root_dataset
    root["name"] = f"Hipdrive study {study.resolve().name}"
    root["description"] = (
        "Simulated running at several strengths of a muscle group: models, motions, "
        "certificates, outcomes, figures."
    )
    root["datePublished"] = datetime.now(UTC).isoformat(timespec="seconds")
    root["license"] = {"@id": "http://spdx.org/licenses/Apache-2.0"}
    root["mentions"] = [{"@id": action["@id"]} for action in actions]
    record: Entity = made.metadata.generate()
    return record


def installed() -> dict[str, str]:
    """Versions of all packages in this environment, by name."""
    found = {str(d.metadata["Name"]).lower(): d.version for d in distributions()}
    found.pop("hipdrive", None)
    return dict(sorted(found.items()))


def _package(name: str, version: str) -> Entity:
    return {
        "@id": f"#package-{name}",
        "@type": "SoftwareApplication",
        "name": name,
        "version": version,
    }


def _code(packages: list[Entity]) -> Entity:
    """The project's own code, at the commit that wrote the record."""
    state = commit()
    return {
        "@id": CODE,
        "@type": "SoftwareSourceCode",
        "name": "hipdrive",
        "version": _version(state["commit"], state["changed"]),
        "softwareRequirements": [{"@id": package["@id"]} for package in packages],
    }


def _version(commit: str | None, changed: bool | None) -> str:
    if not commit:
        return "unknown (no git repository)"
    return f"{commit}{' with changes' if changed else ''}"


def _file(study: Path, name: str) -> Entity:
    path = study / name
    kind, _ = mimetypes.guess_type(name)
    return {
        "@id": name,
        "@type": "File",
        "contentSize": str(path.stat().st_size),
        "encodingFormat": kind or "application/octet-stream",
        "sha256": sha256(path),
    }


def _action(study: Path, name: str) -> Entity:
    """One solve: what it was made from, what it made, by which commit, on what machine, when."""
    solver = read_json(study / name / "solver.json")
    made = solver.get("made") or {}
    version = _version(made.get("commit"), made.get("changed"))
    done = "Completed" if solver.get("status") == "converged" else "Failed"
    here = (path.name for path in sorted((study / name).iterdir()) if path.is_file())
    found = [part for part in here if recorded(Path(part))]
    inputs = [part for part in found if part in INPUTS]
    action = {
        "@id": f"#solve-{name}",
        "@type": "CreateAction",
        "name": f"solve {name}",
        "actionStatus": f"http://schema.org/{done}ActionStatus",
        "instrument": {"@id": CODE},
        "description": f"code at {version}, {made.get('machine', 'unknown machine')}, "
        f"{made.get('processor', 'unknown processor')}, "
        f"{solver.get('iterations', 0)} iterations, {solver.get('solve_time_s', 0.0):.1f} s",
        "object": [{"@id": f"{name}/{part}"} for part in inputs],
        "result": [{"@id": f"{name}/{part}"} for part in found if part not in inputs],
    }
    if made.get("ended"):
        action["endTime"] = made["ended"]
    return action


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the record of a study (RO-Crate).")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    study = parser.parse_args().study
    record = crate(study)
    write_json(study / FILE, record)
    hashed = sum("sha256" in entity for entity in record["@graph"])
    print(f"{study / FILE}: {hashed} files")


if __name__ == "__main__":
    run_command(main)
