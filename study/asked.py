"""Is a study's folder what its configuration asks for?

    python -m study.asked --study results/study

Prints a JSON object: `faults`, a line each, and `mesh_checked`, the cases whose certificate needs a
finer mesh to agree. For analysis.verify, which computes again what stands in the folder.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from formats.files import run_command
from formats.untrusted import inside, read_object, read_table
from study import cases
from study.keys import read
from study.workflow import Layout


def not_asked(study: Path) -> Iterator[str]:
    """What cases.csv and the cases' own settings say otherwise than the study's configuration."""
    path = study / "cases.csv"
    try:
        table = cases.table(read(study / "config.yaml"))
    except ValueError as error:
        yield f"cases.csv: cannot be held against the configuration ({error})"
    else:
        if table != path.read_text("utf-8"):
            yield "cases.csv: not the cases that config.yaml asks for"
    for _, row in read_table(path, ["case"]).iterrows():
        case = inside(study, str(row["case"]))
        if not (case / "case.json").is_file():
            continue  # told by analysis.verify
        for key, value in read_object(case / "case.json").items():
            if key in row and str(row[key]) != str(value) and row[key] != value:
                yield f"{case.name}/case.json: {key} is {value!r}, in cases.csv {row[key]!r}"


def mesh_checked(study: Path) -> set[str]:
    """Cases whose certificate needs a finer mesh to agree, by the study's configuration."""
    try:
        found = Layout(read(study / "config.yaml"), study.parent)
    except ValueError:
        return set()  # told by `not_asked`
    return {name for name in found.cases if found.mesh_checked(name)}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Hold a study's folder against its configuration.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    study = parser.parse_args().study
    found = {"faults": list(not_asked(study)), "mesh_checked": sorted(mesh_checked(study))}
    print(json.dumps(found))


if __name__ == "__main__":
    run_command(main)
