"""What a laboratory's folder holds: models, motions, forces, whatever they are called."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from formats import storage
from formats.storage import Storage
from formats.trial.columns import plates

TABLES = (".mot", ".sto", ".csv", ".txt")
# Of several models in a folder: what AddBiomechanics and OpenCap call the one to use, best first.
_PREFERRED = ("match_markers_and_physics", "final", "rra", "adjusted", "scaled", "subject")
_UNFIT = ("generic", "unscaled", "markers_only", "ignore_physics", "match_markers_but")
# Words of a file's name that say what is in it, not of which trial.
_KIND = re.compile(
    r"(?i)(^|[_\-. ])(ik|id|grf|grfs|force|forces|motion|kinematics|results|coordinates|inverse|"
    r"mocap|segment_\d+)(?=$|[_\-. ])"
)
# Share of a model's coordinates that a table of its motion names.
_MOTION_SHARE = 0.8


@dataclass(frozen=True)
class Recording:
    """One trial of a folder: its name, its motion, its forces."""

    name: str
    motion: Storage
    forces: Storage


def model(folder: Path, said: Path | None = None) -> Path:
    """The scaled model of a folder. Raises ValueError, one line, where there is none, or several
    alike."""
    if said is not None:
        return said
    b3d = sorted(folder.rglob("*.b3d"))
    found = sorted(folder.rglob("*.osim"))
    if not found and b3d:
        raise ValueError(
            f"{b3d[0]}: .b3d files are not read here; download the OpenSim files of the trial from "
            "AddBiomechanics (folders Models, IK and ID), which hold the same"
        )
    if not found:
        raise ValueError(f"{folder}: no .osim file in it; the scaled model is needed")
    fit = [path for path in found if not any(word in path.stem.lower() for word in _UNFIT)] or found
    if len(fit) == 1:
        return fit[0]
    for word in _PREFERRED:
        chosen = [path for path in fit if word in path.stem.lower()]
        if len(chosen) == 1:
            return chosen[0]
    shown = ", ".join(str(path.relative_to(folder)) for path in fit[:6])
    raise ValueError(f"{folder}: several models ({shown}); say which with --model")


def recordings(folder: Path, coordinates: Collection[str]) -> list[Recording]:
    """The trials of a folder: each motion of a model with these coordinates, and its forces.

    They belong together by name (walk1_ik.mot, walk1_grf.mot), or alone as they are. Raises
    ValueError, one line, where no pair is found.
    """
    motions: dict[str, Storage] = {}
    forces: dict[str, Storage] = {}
    refused = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in TABLES and p.is_file()):
        try:
            table = storage.read(path)
        except ValueError as error:
            refused.append(str(error))
            continue
        if plates(table.columns):
            forces[trial_name(path)] = table
        elif _is_motion(table, coordinates):
            motions.setdefault(trial_name(path), table)
    if not motions or not forces:
        lacking = "motion" if not motions else "ground forces"
        more = f"; not read: {refused[0]}" if refused else ""
        raise ValueError(f"{folder}: no table with {lacking} in it{more}")
    shared = sorted(set(motions) & set(forces))
    if shared:
        return [Recording(name, motions[name], forces[name]) for name in shared]
    if len(motions) == len(forces) == 1:
        (name, motion), (_, force) = *motions.items(), *forces.items()
        return [Recording(name, motion, force)]
    raise ValueError(
        f"{folder}: motions {', '.join(sorted(motions))} and forces {', '.join(sorted(forces))} do "
        "not go together by name; give both files of a trial one name, with _ik and _grf after it"
    )


def trial_name(path: Path) -> str:
    """What a file's name says of its trial: 'run3' of run3_ik.mot; 'trial' if nothing is left."""
    return re.sub(r"[^A-Za-z0-9]+", "_", _KIND.sub("", path.stem)).strip("_").lower() or "trial"


def _is_motion(table: Storage, coordinates: Collection[str]) -> bool:
    names = {name.removesuffix("/value").split("/")[-1] for name in table.columns}
    return len(names & set(coordinates)) >= _MOTION_SHARE * len(set(coordinates))
