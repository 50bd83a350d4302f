"""What a laboratory's folder holds: models, motions, forces, whatever they are called."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from formats import storage
from formats.storage import Storage
from formats.trial.columns import plates
from models.take_in import b3d

TABLES = (".mot", ".sto", ".csv", ".txt")
# Of several models in a folder: what AddBiomechanics and OpenCap call the one to use, best first.
_PREFERRED = ("match_markers_and_physics", "final", "rra", "adjusted", "scaled", "subject")
_UNFIT = ("generic", "unscaled", "markers_only", "ignore_physics", "match_markers_but")
# Words of a file's name that say what is in it, not of which trial.
_KIND = re.compile(
    r"(?i)(^|[_\-. ])(ik|id|grf|grfs|force|forces|motion|kinematics|results|coordinates|inverse|"
    r"mocap)(?=$|[_\-. ])"
)
# Parts of a trial that AddBiomechanics cut.
_SEGMENT = re.compile(r"(?i)(^|[_\-. ])segment_\d+(?=$|[_\-. ])")
# Share of a model's coordinates that a table of its motion names.
_MOTION_SHARE = 0.8


@dataclass(frozen=True)
class Recording:
    """One trial of a folder: its name, its motion, its forces."""

    name: str
    motion: Storage
    forces: Storage


@contextmanager
def opened(source: Path) -> Iterator[tuple[Path, list[str]]]:
    """A folder of OpenSim files: `source`, or for a while what its .b3d file holds; and what to
    tell of that. Raises ValueError, one line, naming `source`."""
    packed = [source] if source.suffix == b3d.SUFFIX else sorted(source.rglob(f"*{b3d.SUFFIX}"))
    if not source.exists():
        raise ValueError(f"{source}: no such folder")
    if not packed or (source.is_dir() and any(source.rglob("*.osim"))):
        if not source.is_dir():
            raise ValueError(f"{source}: a folder or a {b3d.SUFFIX} file is needed")
        yield source, []
        return
    if len(packed) > 1:
        shown = ", ".join(str(path.relative_to(source)) for path in packed[:6])
        raise ValueError(f"{source}: several persons ({shown}); take one with --from")
    with tempfile.TemporaryDirectory(prefix="hipdrive-b3d-") as place:
        told = b3d.unpack(packed[0], Path(place))
        try:
            yield Path(place), told
        except ValueError as error:
            raise ValueError(str(error).replace(place, str(packed[0]))) from None


def model(folder: Path, said: Path | None = None) -> Path:
    """The scaled model of a folder. Raises ValueError, one line, where there is none, or several
    alike."""
    if said is not None:
        return said
    found = sorted(folder.rglob("*.osim"))
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
    motions: list[Storage] = []
    forces: list[Storage] = []
    refused = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in TABLES and p.is_file()):
        try:
            table = storage.read(path)
        except ValueError as error:
            refused.append(str(error))
            continue
        if plates(table.columns):
            forces.append(table)
        elif _is_motion(table, coordinates):
            motions.append(table)
    if not motions or not forces:
        lacking = "motion" if not motions else "ground forces"
        more = f"; not read: {refused[0]}" if refused else ""
        raise ValueError(f"{folder}: no table with {lacking} in it{more}")
    # A trial's parts have forces of their own, or one file that goes over all of it.
    for name_of in (trial_name, lambda path: trial_name(_whole(path))):
        by_name = [
            {name_of(table.path): table for table in reversed(tables)}
            for tables in (motions, forces)
        ]
        shared = sorted(set(by_name[0]) & set(by_name[1]))
        if shared:
            return [Recording(name, by_name[0][name], by_name[1][name]) for name in shared]
    if len(motions) == len(forces) == 1:
        return [Recording(trial_name(motions[0].path), motions[0], forces[0])]
    shown = [", ".join(sorted(trial_name(t.path) for t in found)) for found in (motions, forces)]
    raise ValueError(
        f"{folder}: motions {shown[0]} and forces {shown[1]} do not go together by name; give "
        "both files of a trial one name, with _ik and _grf after it"
    )


def trial_name(path: Path) -> str:
    """What a file's name says of its trial: 'run3' of run3_ik.mot; 'trial' if nothing is left."""
    return re.sub(r"[^A-Za-z0-9]+", "_", _KIND.sub("", path.stem)).strip("_").lower() or "trial"


def _whole(path: Path) -> Path:
    return path.with_name(_SEGMENT.sub("", path.stem) + path.suffix)


def _is_motion(table: Storage, coordinates: Collection[str]) -> bool:
    names = {name.removesuffix("/value").split("/")[-1] for name in table.columns}
    return len(names & set(coordinates)) >= _MOTION_SHARE * len(set(coordinates))
