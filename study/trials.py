"""Measured runners in a study: the folder of a trial, what must be in it, what it leaves open.

A runner of a study is planar or spatial (built here, motion found) or the path of a folder with a
model, its measured motion and ground forces: then the motion is kept and the muscles' forces are
found (problem inverse), at the speed that the folder's runner.yaml gives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from formats.trial.settings import Settings, read_settings

BUILT = ("planar", "spatial")
FILES = ("model.osim", "motion.mot", "forces.mot", "runner.yaml")
ALLOWED = f"a runner is planar, spatial or the path of a folder with {', '.join(FILES)}"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
DRAWN = re.compile(r"_draw[0-9]+$")

# What a measured motion leaves no choice about, and what it does not ask for: when all runners are
# measured, these keys can be left out.
FIXED: dict[str, Any] = {
    "speeds_m_s": [],
    "cadence": ["free"],
    "habit_weights": [0],
    "starts": ["cold"],
    "mesh_check": False,
    "sensitivity": False,
    "base_model": None,
}
USUAL: dict[str, Any] = {
    "arms": ["hip_flexors"],
    "sides": ["both"],
    "objectives": ["activation_squared"],
    "mesh_intervals": 50,
}


def is_measured(runner: str) -> bool:
    """Whether an entry of `runners` is a trial's folder."""
    return runner not in BUILT


def name(runner: str) -> str:
    """A runner's name in its cases: planar, spatial, or the name of the trial's folder."""
    return Path(runner).resolve().name if is_measured(runner) else runner


def trials(study: Any) -> dict[str, str]:
    """The measured runners of a study by name, with the folders of their trials."""
    every = (runner for part in study.parts() for runner in part.runners)
    return {name(runner): runner for runner in every if is_measured(runner)}


def settings(runner: str) -> Settings:
    """What the runner.yaml of a trial's folder says."""
    return read_settings(Path(runner))


def files(runner: str) -> list[Path]:
    """The files of a trial that a study reads."""
    named = settings(runner).external_loads
    return [Path(runner) / file for file in [*FILES, *([named] if named else [])]]


def check(runner: str) -> str:
    """Refuse an entry that is neither a runner built here nor a whole trial's folder.

    What the files hold is checked when they are read (simulations.check_trial, models.own).
    """
    if not is_measured(runner):
        return runner
    folder = Path(runner)
    if "\0" in runner or not folder.is_dir():
        raise ValueError(f"{runner!r} is not a folder; {ALLOWED}")
    own = name(runner)
    if not NAME.fullmatch(own) or own in BUILT or DRAWN.search(own):
        raise ValueError(
            f"folder {own!r} cannot name cases; 1 to 60 letters, digits, '_' and '-' can, the "
            f"first a letter or digit, other than {' and '.join(BUILT)}, not ending as _draw1 does"
        )
    for file in FILES:
        if not (folder / file).is_file():
            raise ValueError(f"{folder / file} is missing; {ALLOWED}")
    try:
        named = files(runner)
    except ValueError as error:
        hint = "" if "; " in str(error) else "; its keys are explained in docs/own_runner.md"
        raise ValueError(f"{error}{hint}") from None
    for path in named:
        if not path.is_file():
            raise ValueError(f"{path} is missing; runner.yaml names it as external_loads")
    return runner


def distinct(runners: list[str], place: str = "") -> list[str]:
    """Refuse two runners whose cases would have the same names; place: for the message."""
    names = [name(runner) for runner in runners]
    for position, found in enumerate(names):
        if found in names[:position]:
            raise ValueError(
                f"{place}{found!r} stands twice in the list; cases are named after their runner "
                "(a folder by its last part), so each may stand once"
            )
    return runners


def axes(runner: str, study: Any) -> tuple[list[Any], ...]:
    """The speeds, objectives, habit weights, cadences and starts of a runner in a study."""
    if not is_measured(runner):
        return (
            *(study.speeds_m_s, study.objectives, study.habit_weights),
            *(study.cadence, study.starts),
        )
    return [settings(runner).speed_m_s], study.objectives, [0.0], ["free"], ["cold"]


def fill(content: Any) -> Any:
    """A study's keys with those added that can be left out when all its runners are measured."""
    if not isinstance(content, Mapping) or content.get("problem") != "inverse":
        return content
    return FIXED | USUAL | dict(content)


def belongs(runners: list[str], keys: Mapping[str, Any]) -> None:
    """Refuse a problem that the runners cannot be solved with, and keys that it has no use for.

    keys: the study's keys, valid one by one.
    """
    problem = keys["problem"]
    built = [runner for runner in runners if not is_measured(runner)]
    if problem != "inverse":
        if not built:
            raise ValueError(
                f"problem: {problem!r} is not allowed here; all runners are measured and keep "
                "their motion, which is problem inverse"
            )
        return
    if built:
        raise ValueError(
            f"problem: 'inverse' is not allowed here; runner {built[0]!r} has no measured motion. "
            "With predict or track, a measured runner beside it is still solved as inverse"
        )
    odd = [control for control in keys["controls"] if control != "negative"]
    if odd:
        raise ValueError(
            f"controls: {odd[0]!r} is not allowed with problem inverse; negative alone is, the "
            "others need a motion that is found"
        )
    for key, only in FIXED.items():
        if keys[key] != only:
            why = "runner.yaml gives the speed" if key == "speeds_m_s" else "the motion is kept"
            raise ValueError(
                f"{key}: {keys[key]!r} is not allowed with problem inverse; {why}, leave the key "
                "out"
            )
