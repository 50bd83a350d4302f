"""replay.npz: what OpenSim said of a case's stride, kept for all that is measured from it.

It holds the hashes of the files that it was made from, so that it is never taken for another
motion's. Where the files do not fit together it holds why.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, get_type_hints

import numpy as np

from analysis.replayed.quantities import Anatomy, Dynamics, Windows
from formats.case import FILE as SETTINGS
from formats.case import MOTION_FILES, SUPPORTS
from formats.files import write_bytes
from formats.text import MOTION_MB, checked

FILE = "replay.npz"
SOURCES = (SETTINGS, "runner.osim", "runner.json", "inverse.json", SUPPORTS, *MOTION_FILES.values())
"""Files of a case that OpenSim's answers come from; those that a case has."""
_SOURCES, _REASON = "sources", "reason"
T = TypeVar("T")


@dataclass(frozen=True)
class Answers:
    """OpenSim's answers. windows: None for a measured stride, which is not integrated."""

    dynamics: Dynamics
    anatomy: Anatomy
    windows: Windows | None


def sources(folder: Path) -> dict[str, str]:
    """Name -> SHA-256 of the files of a case folder that OpenSim's answers come from."""
    found = {}
    for name in SOURCES:
        path = Path(folder) / name
        if path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def write(folder: Path, answers: Answers | None, reason: str = "") -> None:
    """Write a case's replay.npz, whole or not; without answers, why there are none."""
    arrays: dict[str, np.ndarray] = {
        _SOURCES: np.array(json.dumps(sources(folder))),
        _REASON: np.array(reason),
    }
    if answers is not None:
        for part in dataclasses.fields(answers):
            value = getattr(answers, part.name)
            if value is not None:
                arrays |= _flat(part.name, value)
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    write_bytes(Path(folder) / FILE, content.getvalue())


def read(folder: Path) -> Answers | None:
    """OpenSim's answers of a case; None if there are none of the files as they are.

    ValueError, one line: why OpenSim had no answer, or that the file is broken.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        return None
    try:
        with np.load(checked(path, MOTION_MB), allow_pickle=False) as data:
            if json.loads(str(data[_SOURCES])) != sources(folder):
                return None
            reason, arrays = str(data[_REASON]), {name: data[name] for name in data.files}
    except (KeyError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: not a replay; run analysis.replay again ({error})") from None
    if reason:
        raise ValueError(reason)
    try:
        return Answers(
            dynamics=_made(Dynamics, "dynamics", arrays),
            anatomy=_made(Anatomy, "anatomy", arrays),
            windows=_made(Windows, "windows", arrays) if "windows/count" in arrays else None,
        )
    except KeyError:  # of another version of the project
        return None


def _flat(name: str, value: object) -> dict[str, np.ndarray]:
    """Arrays by path: `dynamics/generalised/net`. Of dataclasses and dictionaries, their parts."""
    if dataclasses.is_dataclass(value):
        parts = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    elif isinstance(value, Mapping):
        parts = dict(value)
    else:
        return {name: np.asarray(value)}
    found: dict[str, np.ndarray] = {}
    for key, part in parts.items():
        found |= _flat(f"{name}/{key}", part)
    return found


def _made(kind: type[T], name: str, arrays: Mapping[str, np.ndarray]) -> T:
    """The dataclass that `_flat` was given. KeyError if a field is missing."""
    hints = get_type_hints(kind)
    fields: dict[str, object] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        path, hint = f"{name}/{field.name}", hints[field.name]
        if str(hint).startswith("dict"):
            within = f"{path}/"
            fields[field.name] = {
                key.removeprefix(within): value
                for key, value in arrays.items()
                if key.startswith(within)
            }
        elif isinstance(hint, type) and dataclasses.is_dataclass(hint):
            fields[field.name] = _made(hint, path, arrays)
        elif hint is np.ndarray:
            fields[field.name] = arrays[path]
        else:
            fields[field.name] = arrays[path].tolist()  # a number, or a list of names
    return kind(**fields)
