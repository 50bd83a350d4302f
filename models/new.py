"""Make the folder of a measured runner of what a laboratory has.

    python -m models.new NAME --from FOLDER [--model FILE] [--speed M_S] [--trial TRIAL]

FOLDER holds a scaled model (.osim), motion and ground forces (.mot, .sto or comma-separated), in
folders or not, by any names, or a .b3d of AddBiomechanics (which may be named itself); several
trials of one person are as many runners. Forces may be
those of feet or of plates; where plates saw no whole stride of either foot, the contacts that none
saw are computed from the motion (models.take_in.unmeasured), and named. Writes NAME (or
NAME_trial) with model.osim, motion.mot, forces.mot and runner.yaml, which says what was found:
speed, treadmill, the strength that the motion needs.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import NotRequired, TypedDict

import numpy as np
import yaml

from formats.files import move, run_command, write_text
from formats.storage import Storage, as_storage
from formats.trial import strides as cutting
from formats.trial.measured import Foot, GroundForces, Motion, covered, read_motion
from formats.trial.reading import Curves, smooth
from formats.trial.settings import Settings
from models.checks import pace
from models.checks.examine import Examined, examine
from models.checks.posed import Posture, Skeleton
from models.checks.summary import lines
from models.take_in import heading, laboratory, plates, unmeasured
from models.take_in.laboratory import Recording

_SLOWEST_TREADMILL_M_S = 0.5


def create(
    name: Path, source: Path, *, model: Path | None, speed: float | None, trial: str | None = None
) -> list[Examined]:
    """Write a runner's folder for each trial that `source` holds, or for one of them.

    A trial of which none can be made is told on standard error. Raises ValueError, one line, where
    it is the only one, or none can.
    """
    with laboratory.opened(source) as (folder, told):
        chosen = laboratory.model(folder, model)
        skeleton = Skeleton(chosen)
        found = laboratory.recordings(folder, skeleton.coordinates)
        if trial is not None:
            names = [one.name for one in found]
            found = [one for one in found if one.name == trial]
            if not found:
                raise ValueError(f"{source}: no trial {trial!r}; it holds {', '.join(names)}")
        outs = [name if len(found) == 1 else name.with_name(f"{name.name}_{r.name}") for r in found]
        for out in outs:
            if out.exists():
                raise ValueError(f"{out} is there already; choose another name")
        for line in told:
            print(line)
        made, refused = [], []
        for recording, out in zip(found, outs, strict=True):
            try:
                made.append(_one(recording, out, chosen, skeleton, speed))
            except ValueError as error:
                refused.append(str(error))
        if not made:
            raise ValueError(refused[0])
        for line in refused:
            print(f"no runner: {line.replace(str(folder), str(source))}", file=sys.stderr)
    return made


class Known(TypedDict):
    """Keys of runner.yaml that forces and motion tell; computed: spans (s) by foot."""

    leg: str
    computed: NotRequired[dict[str, list[list[float]]]]


class Said(Known):
    """runner.yaml as it is written (formats.trial.settings)."""

    speed_m_s: float
    treadmill: bool
    strength_percent: NotRequired[float]


def _one(
    recording: Recording, out: Path, model: Path, skeleton: Skeleton, speed: float | None
) -> Examined:
    motion = read_motion(recording.motion.path, skeleton.coordinates)
    whole, time = motion, recording.forces.time
    if motion.time[0] < time[-1] and motion.time[-1] > time[0]:
        motion = covered(motion, GroundForces(recording.forces.path, time, {}), (time[0], time[-1]))
    blank = GroundForces(recording.forces.path, motion.time, {})
    curves = smooth(motion, blank, Settings(speed_m_s=1.0).filter_hz, out)
    body = skeleton.postures(curves, motion.time)
    feet, told = plates.feet(recording.forces, body)
    angle = heading.of(GroundForces(recording.forces.path, time, feet), body, plates.THRESHOLD_N)
    if abs(np.degrees(angle)) > heading.TURNED_DEG:
        motion, feet = heading.turned(motion, feet, skeleton, angle)
        curves = smooth(motion, blank, Settings(speed_m_s=1.0).filter_hz, out)
        body = skeleton.postures(curves, motion.time)
        told.append(
            f"motion and forces turned by {np.degrees(angle):.0f} deg about the vertical: the "
            "runner did not run along x"
        )
    feet, computed, more = _completed(recording, feet, skeleton, curves, body)
    told += more
    if len(motion.time) < len(whole.time):
        told.append(
            f"motion from {motion.time[0]:.2f} to {motion.time[-1]:.2f} s alone: there are no "
            "forces beyond"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".new.") as place:
        draft = Path(place) / out.name
        draft.mkdir()
        shutil.copyfile(model, draft / "model.osim")
        angles = {
            n: np.degrees(v) if skeleton.coordinates[n] == "rotational" else v
            for n, v in motion.values.items()
        }
        pushes = {"time": recording.forces.time, **_columns(feet)}
        for file, columns, degrees in (
            ("motion", {"time": motion.time, **angles}, True),
            ("forces", pushes, False),
        ):
            write_text(draft / f"{file}.mot", as_storage(file, columns, degrees))
        known: Known = {"leg": _leg(motion, recording.forces, feet)}
        if computed:
            known["computed"] = computed
        _say(draft, {"speed_m_s": speed or 3.0, "treadmill": True, **known})
        try:
            checked = _settle(draft, speed, known)
        except ValueError as error:
            text = str(error)
            for own, given in (
                ("motion.mot", recording.motion.path),
                ("forces.mot", recording.forces.path),
                ("model.osim", model),
            ):
                text = text.replace(str(draft / own), str(given))
            raise ValueError(text.replace(str(draft), str(recording.motion.path))) from None
        move(draft, out)
    print(f"{out}: of {recording.motion.path.name} and {recording.forces.path.name}")
    print("\n".join(f"  {line}" for line in told))
    findings = [replace(f, text=f.text.replace(str(draft), str(out))) for f in checked.findings]
    return replace(checked, trial=replace(checked.trial, folder=out), findings=findings)


def _leg(motion: Motion, table: Storage, feet: dict[str, Foot]) -> str:
    """The leg of which there is a whole stride, the right one first."""
    forces = GroundForces(table.path, table.time, feet)
    for side in "rl":
        try:
            cutting.strides(forces, motion, side, plates.THRESHOLD_N)
        except ValueError:
            continue
        return {"r": "right", "l": "left"}[side]
    return "right"


def _completed(
    recording: Recording,
    feet: dict[str, Foot],
    skeleton: Skeleton,
    curves: Curves,
    body: Posture,
) -> tuple[dict[str, Foot], dict[str, list[list[float]]], list[str]]:
    """The feet with contacts that no plate saw, where plates saw no whole stride of either; which
    those are: spans (s) by foot, and what to tell."""
    table = recording.forces
    seen = [plates.contacts(table.time, foot.force[1]) for foot in feet.values()]
    if max(map(len, seen)) > 1 and min(map(len, seen)) > 0:
        return feet, {}, []
    try:
        feet, found = unmeasured.complete(feet, table.time, skeleton, curves, body)
    except ValueError as error:
        raise ValueError(f"{table.path}: {error}") from None
    spans: dict[str, list[list[float]]] = {}
    told = []
    for one in found:
        foot = {"r": "right", "l": "left"}[one.side]
        spans.setdefault(foot, []).append([round(one.start, 4), round(one.end, 4)])
        told.append(
            f"no plate, {one.start:.2f} to {one.end:.2f} s: {foot} foot, its force computed from "
            "the motion"
        )
    return feet, spans, told


def _settle(draft: Path, speed: float | None, known: Known) -> Examined:
    """Say speed, treadmill and strength as they are found; the trial as it is checked then."""
    first = examine(draft)
    stride = first.trial.chosen()[0]
    pelvis, foot = pace.speeds(first.trial, first.body, stride)
    found = round(float(pelvis[0] - foot[0]), 2)
    if found <= 0.0 and speed is None:
        raise ValueError(
            f"{draft / 'motion.mot'}: the pelvis passes over the feet on the ground at {found:g} "
            "m/s: no running forward"
        )
    treadmill = abs(float(pelvis[0])) < _SLOWEST_TREADMILL_M_S
    said: Said = {"speed_m_s": speed or found, "treadmill": treadmill, **known}
    _say(draft, said)
    checked = examine(draft)
    if checked.needed is not None and checked.needed.possible:
        advised = checked.needed.advised_percent
        if advised > 100.0:
            _say(draft, {**said, "strength_percent": advised})
            checked = examine(draft)
    return checked


def _say(folder: Path, said: Said) -> None:
    (folder / "runner.yaml").write_text(yaml.safe_dump(said, sort_keys=False))


def _columns(feet: dict[str, Foot]) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for side, foot in feet.items():
        for stem, rows in (
            (f"ground_force_{side}_v", foot.force),
            (f"ground_force_{side}_p", foot.point),
            (f"ground_torque_{side}_", foot.torque),
        ):
            found |= {stem + axis: row for axis, row in zip("xyz", rows, strict=True)}
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Make a measured runner of a laboratory's folder.")
    parser.add_argument("name", type=Path, help="folder to write")
    parser.add_argument(
        "--from", dest="source", type=Path, required=True, help="its data: a folder, or a .b3d file"
    )
    parser.add_argument("--model", type=Path, help="the scaled model, where there are several")
    parser.add_argument("--speed", type=float, help="running speed (m/s), where it is known")
    parser.add_argument("--trial", help="one of several trials, by the name that it gets here")
    given = parser.parse_args()
    found_runners = create(
        given.name, given.source, model=given.model, speed=given.speed, trial=given.trial
    )
    for found in found_runners:
        print("\n".join(lines(found)))
        for text in found.warnings:
            print(f"warning: {text}", file=sys.stderr)
        if found.refusal:
            print(f"refused until it is mended: {found.refusal}", file=sys.stderr)


if __name__ == "__main__":
    run_command(main)
