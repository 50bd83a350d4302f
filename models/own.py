"""Take in a measured runner: somebody's scaled model and trial, as a runner of this project.

python -m models.own --trial FOLDER --out DIR

FOLDER holds model.osim, motion.mot, forces.mot and runner.yaml. Writes DIR/runner.osim,
runner.json, paths.csv and intake.json, which tells everything that was changed.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import opensim as osim

from formats import untrusted
from formats.files import move, run_command, write_json, write_text
from formats.trial import reading as trial
from formats.trial.settings import Settings
from models import describe
from models.checks.examine import CheckReport, examine, refuse
from models.osim import document, names
from models.osim.coordinates import free_coordinates
from models.paths import fitting as paths
from models.paths.accuracy import Fit
from models.rajagopal import switches
from models.take_in import adapt, convert, own_paths
from models.take_in.report import Adapted, CheckedIntake, Intake, Moved, PathErrors

FILES = ("runner.osim", "runner.json", "paths.csv", "intake.json")


def take_in(folder: Path, out: Path, checked: CheckReport | None = None) -> Intake | CheckedIntake:
    """Write the runner into the folder `out`, all of it or nothing. Returns intake.json's content.

    checked: what models.check found, to stand in intake.json. Raises ValueError, one line, for a
    model or a trial it cannot be made from.
    """
    folder, out = Path(folder), Path(out)
    said = trial.read_settings(folder)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".own.") as place:
        draft = Path(place)
        taken: Intake = {
            **_adapted(folder / "model.osim", said, draft),
            **_moved(folder, draft),
        }
        report: Intake | CheckedIntake = {**taken, **checked} if checked else taken
        for name in FILES[:3]:
            move(draft / name, out / name)
    write_json(out / "intake.json", report)
    return report


def _adapted(source: Path, said: Settings, draft: Path) -> Adapted:
    """Write draft/runner.osim, muscles converted, what is unsupported out. Tells what changed."""
    if not source.is_file():
        raise ValueError(f"{source}: no such file; a trial's folder holds the scaled model there")
    untrusted.check_xml(source)
    tree = document.parse(source)
    repaired = convert.repair_controls(tree)
    whole = draft / "whole.osim"
    tree.write(whole, encoding="UTF-8", xml_declaration=True)
    try:
        tree = document.current(whole)
    except ValueError as error:
        raise ValueError(str(error).replace(str(whole), str(source))) from None
    called_by_file = document.model_of(tree).get("name")
    joints, dropped = adapt.simple_joints(tree), adapt.drop_unsupported(tree)
    model = document.load(whole)
    called = names.renamed([m.getName() for m in model.getMuscleList()], said.muscles)
    muscles = convert.convert_muscles(tree, whole, called, said.strength_percent / 100.0)
    document.save(tree, draft / "runner.osim")
    return {
        "model": called_by_file,
        "min_control_repaired": repaired,
        "joints_converted": joints,
        "dropped": dropped,
        "strength_percent": said.strength_percent,
        "muscles_renamed": called,
        "muscles_stand_for": {
            called.get(name, name): heads
            for name in (m["model_name"] for m in muscles)
            if (heads := names.stands_for(name))
        },
        "muscles": muscles,
    }


def _moved(folder: Path, draft: Path) -> Moved:
    """Ranges, reserves and paths, as the trial needs them; the description. Tells what changed."""
    file = draft / "runner.osim"
    model = document.load(file)
    _refuse_without(model, folder / "model.osim")
    free = free_coordinates(model)
    measured = trial.read(folder, free, model.getTotalMass(model.initSystem()))
    times = measured.motion.time
    motion = dict(zip(measured.curves.names, measured.curves.at(times), strict=True))
    tree = document.parse(file)
    locked = {
        c.getName(): c.getDefaultValue() for c in model.getCoordinateSet() if c.getDefaultLocked()
    }
    ranges = adapt.set_ranges(tree, model, motion)
    document.save(tree, file)
    tree = document.parse(file)
    smoothed = switches.soften(tree, file)
    document.save(tree, file)
    idle, crossed = adapt.crossed(file)
    tree = document.parse(file)
    actuators = adapt.add_actuators(tree, model, list(free), crossed, idle)
    document.save(tree, file)
    muscles = [m.get("name", "") for m in tree.getroot().iter(convert.DE_GROOTE)]
    missing = _missing(muscles, folder / "model.osim")
    description, fits = describe.describe(
        file,
        folder.resolve().name,
        own_paths.goal(),
        lambda where, goal: own_paths.fit_paths(where, motion, goal),
    )
    write_text(draft / "runner.json", description.model_dump_json(indent=2) + "\n")
    write_text(draft / "paths.csv", paths.table(fits))
    return {
        "locked": locked,
        "ranges": ranges,
        "path_points_smoothed": smoothed,
        "dropped_muscles": dict.fromkeys(idle, "no free coordinate moves it"),
        "actuators": actuators,
        "missing_groups": missing,
        "coupled": {c.dependent: c.independent for c in description.couplings},
        "mass_kg": description.model_mass,
        "paths": {fit.muscle: _errors(fit) for fit in fits},
    }


def _refuse_without(model: osim.Model, where: Path) -> None:
    bodies = {body.getName() for body in model.getBodyList()}
    for foot in ("calcn_r", "calcn_l"):
        if foot not in bodies:
            raise ValueError(f"{where}: it has no body {foot}, on which the ground force acts")


def _missing(muscles: list[str], where: Path) -> dict[str, str]:
    missing = names.missing_groups(muscles)
    if "iliopsoas" in missing:
        raise ValueError(
            f"{where}: no hip flexors ({missing['iliopsoas']} side: psoas or iliacus), whose "
            "strength is what is studied; if they have other names, give them in runner.yaml "
            "(muscles: {psoas_r: NAME})"
        )
    return missing


def _errors(fit: Fit) -> PathErrors:
    return {
        "order": fit.order,
        "length_rms_mm": round(1000 * fit.length_rms, 4),
        "moment_arm_rms_mm": round(1000 * fit.moment_arm_rms, 4),
        "accurate": fit.accurate,
    }


def main() -> None:
    """Command line: take a trial's model in, and say what was changed, in short."""
    parser = argparse.ArgumentParser(description="Make a runner of a measured trial's model.")
    parser.add_argument("--trial", type=Path, required=True, help="folder of the trial")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the runner into")
    arguments = parser.parse_args()
    checked = examine(arguments.trial)
    refuse(checked)
    report = take_in(arguments.trial, arguments.out, checked.report())
    for line in adapt.summary(report):
        print(f"note: {line}")


if __name__ == "__main__":
    run_command(main)
