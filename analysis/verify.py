"""Do stored solutions still hold? Each is certified again, and compared with the study's record.

    python -m analysis.verify --study results/study

Nothing in the study is changed: a case is certified in a copy. A line for each case; exit code 1 if
one that was certified no longer is, or if a file is not the one that the record has the hash of.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from analysis import certify, provenance
from analysis.case import TABLES, read_json
from simulations.files import run_command
from simulations.untrusted import inside, read_table

COPIED = ("case.json", "solver.json", "runner.osim", "runner.json", *TABLES.values())
# Read if it is there: the finer mesh's agreement, the reserves of a measured case.
ALSO = (certify.MESH_CHECK, "inverse.json")


def changed(study: Path) -> Iterator[str]:
    """What differs from the study's record: a line for each file. ValueError if there is none."""
    path = study / provenance.FILE
    if not path.is_file():
        raise ValueError(f"{path}: no such file; run analysis.provenance, or the study, first")
    graph = read_json(path).get("@graph")
    hashed = [e for e in graph if isinstance(e, dict) and "sha256" in e] if graph else []
    if not hashed:
        raise ValueError(f"{path}: holds no hashes; it is not the record of a study")
    for entity in hashed:
        file = inside(study, str(entity.get("@id", "")))
        if not file.is_file():
            yield f"{entity['@id']}: recorded, but no longer there"
        elif provenance.sha256(file) != entity["sha256"]:
            yield f"{entity['@id']}: not the file that was recorded"


def again(folder: Path) -> tuple[bool, str]:
    """Certify a copy of a case. Whether it holds what its certificate says, and that in words."""
    try:
        stored = read_json(folder / certify.FILE)
    except ValueError as error:
        return False, f"no certificate ({error})"
    with tempfile.TemporaryDirectory(prefix="verify.") as name:
        copy = Path(name) / folder.name
        copy.mkdir()
        for part in (*COPIED, *ALSO):
            if (folder / part).is_file():
                shutil.copyfile(folder / part, copy / part)
        try:
            found = certify.certify(copy)
        except ValueError as error:
            return False, str(error).replace(name, str(folder.parent))
    if found["certified"]:
        if stored.get("certified") is True:
            return True, f"holds ({len(found['checks'])} checks)"
        return False, "is certified now, but its certificate says it is not"
    reasons = "; ".join(found["reasons"])
    if stored.get("certified") is True:
        return False, f"NO LONGER HOLDS: {reasons}"
    return True, f"not certified, as its certificate says: {reasons}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Certify the stored solutions of a study again.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    study = parser.parse_args().study
    cases = [str(name) for name in read_table(study / "cases.csv", ["case"])["case"]]
    faults = list(changed(study))
    for line in faults:
        print(line, flush=True)
    failed = 0
    for case in cases:
        holds, said = again(inside(study, case))
        failed += not holds
        print(f"{case}: {said}", flush=True)
    closing = f"{len(cases) - failed} of {len(cases)} cases as certified"
    print(f"{closing}; {len(faults)} files differ from the record")
    if failed or faults:
        sys.exit(1)


if __name__ == "__main__":
    run_command(main)
