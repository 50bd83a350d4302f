"""A whole study with the record of its files: a hop, and a solve that failed."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analysis import (
    certify,
    claims,
    collect,
    femoral_head,
    outcomes,
    positions,
    provenance,
    two_way,
)
from analysis.replayed.stride import Replays
from formats.files import write_json, write_text
from study.cases import cases, table
from study.keys import as_yaml, read

CONFIG = """name: study
runners: [planar]
problem: track
speeds_m_s: [3.5]
arms: [hip_flexors]
doses_percent: [80, 100]
sides: [both]
cadence: [free]
habit_weights: [0]
objectives: [metabolic_mix]
starts: [warm]
mesh_intervals: 40
tracking_weight: 0.1
"""


def write_study(hop: Path, folder: Path) -> Path:
    """A whole study: at 100 % the hop, which is not certified, and a solve at 80 % that failed."""
    write_text(folder / "asked.yaml", CONFIG)
    asked = read(folder / "asked.yaml")
    (folder / "asked.yaml").unlink()
    write_text(folder / "config.yaml", as_yaml(asked))
    write_text(folder / "cases.csv", table(asked))
    for one in cases(asked):
        case = folder / one.case
        shutil.copytree(hop, case)
        write_json(case / "case.json", {"case": one.case, **asdict(one)})
        if one.dose_percent != 100:
            for name in provenance.MUST_OF_SOLUTION:
                (case / name).unlink()
            write_json(case / "solver.json", {"status": "failed", "reason": "Ipopt: stuck"})
        replays = Replays(case)
        write_json(case / outcomes.FILE, outcomes.compute(case, replays))
        write_json(case / certify.FILE, certify.certify(case, replays).to_json())
        head = femoral_head.compute(case, replays)
        two_way.compute(case, None, head)
        positions.compute(case, replays)
    collect.write(folder)
    claims.write(folder)
    for name in provenance.required(folder):  # those that are only hashed
        if not (folder / name).is_file():
            write_text(folder / name, "something\n")
    write_json(folder / provenance.FILE, provenance.crate(folder))
    return folder


def record_again(study: Path) -> None:
    """As one would who has changed a file and wants its hash to agree."""
    write_json(study / provenance.FILE, provenance.crate(study))


def edit(path: Path, **keys: Any) -> None:
    write_json(path, json.loads(path.read_text()) | keys)
