"""The runners of a study: built here, people drawn here, or measured, the folder of a trial.

A runner is planar or spatial (motion found), `people` (those that the key people names) or one
person (person_07), or the path of a folder with a model, its measured motion and ground forces:
then the motion is kept and the muscles' forces are found (problem inverse), at the speed that the
folder's runner.yaml gives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from formats.text import shown
from formats.trial.settings import Settings, read_settings

BUILT = ("planar", "spatial")
PEOPLE = "people"
"""Entry of `runners` that stands for the people that the key `people` names."""
CHECKED = 2
"""How many people have the controls and the finer mesh: a woman and a man, in order."""
PERSON = re.compile(r"person_(\d{2,4})")
FILES = ("model.osim", "motion.mot", "forces.mot", "runner.yaml")
ALLOWED = (
    "a runner is planar, spatial, people, one person (person_07) or the path of a folder with "
    f"{', '.join(FILES)}"
)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
KEPT, TRACKED = "inverse", "track_measured"
PROBLEMS = (KEPT, TRACKED)
"""Problems of measured runners alone: the motion is kept, or followed on the runner's own feet."""
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
    return runner not in (*BUILT, PEOPLE) and not is_person(runner)


def is_person(runner: str) -> bool:
    """Whether a runner is one person of the population: person_01, person_02 ..."""
    found = PERSON.fullmatch(runner)
    return bool(found) and runner == person(number(runner))


def person(number: int) -> str:
    """A person's name by their number."""
    return f"person_{number:02d}"


def number(runner: str) -> int:
    """A person's number by their name; 0 of another runner."""
    found = PERSON.fullmatch(runner)
    return int(found.group(1)) if found else 0


def expanded(study: Any) -> list[str]:
    """The runners of a study (or of a part of it), `people` replaced by each person."""
    named = study.people if isinstance(study.people, list) else range(1, (study.people or 0) + 1)
    every: dict[str, None] = {}
    for runner in study.runners:
        found = map(person, named) if runner == PEOPLE else [runner]
        every.update(dict.fromkeys(found))
    return list(every)


def name(runner: str) -> str:
    """A runner's name in its cases: planar, spatial, or the name of the trial's folder."""
    return Path(runner).resolve().name if is_measured(runner) else runner


def checked(study: Any) -> list[str]:
    """The runners on which controls are run and meshes checked: of people the first CHECKED.

    The instrument is the same for all; to check it on each would more than double the cost.
    """
    people = 0
    found = []
    for runner in expanded(study):
        people += is_person(runner)
        if not is_person(runner) or people <= CHECKED:
            found.append(runner)
    return found


def trials(study: Any) -> dict[str, str]:
    """The measured runners of a study by name, with the folders of their trials."""
    every = (runner for part in study.parts() for runner in part.runners)
    return {name(runner): runner for runner in every if is_measured(runner)}


def settings(runner: str) -> Settings:
    """What the runner.yaml of a trial's folder says."""
    return read_settings(Path(runner))


def files(runner: str) -> list[Path]:
    """The files of a trial that a study reads."""
    said = settings(runner)
    named = [file for file in (said.external_loads, said.emg) if file]
    return [Path(runner) / file for file in [*FILES, *named]]


def check(runner: str) -> str:
    """Refuse an entry that is neither a runner built here nor a whole trial's folder.

    What the files hold is checked when they are read (models.check, models.own).
    """
    if not is_measured(runner):
        return runner
    folder = Path(runner)
    if "\0" in runner or not folder.is_dir():
        raise ValueError(f"{runner!r} is not a folder; {ALLOWED}")
    own = name(runner)
    taken = own in BUILT or PERSON.fullmatch(own)
    if not NAME.fullmatch(own) or taken or DRAWN.search(own):
        raise ValueError(
            f"folder {own!r} cannot name cases; 1 to 60 letters, digits, '_' and '-' can, the "
            f"first a letter or digit, other than {', '.join(BUILT)} and person_07, not ending as "
            "_draw1 does"
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
            raise ValueError(f"{path} is missing; runner.yaml names it")
    return runner


def distinct(runners: list[str], place: str = "") -> list[str]:
    """Refuse two runners whose cases would have the same names; place: for the message."""
    names = [name(runner) for runner in runners]
    for position, found in enumerate(names):
        if found in names[:position]:
            raise ValueError(
                f"{place}{found!r} appears twice in the list; cases are named after their runner "
                "(a folder by its last part), so each may appear once"
            )
    return runners


def problem(runner: str, asked: str) -> str:
    """The problem that a runner is solved with in a study that asks for `asked`."""
    if not is_measured(runner):
        return asked
    return TRACKED if asked == TRACKED else KEPT


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
    if not isinstance(content, Mapping) or content.get("problem") not in PROBLEMS:
        return content
    return FIXED | USUAL | dict(content)


def belongs(runners: list[str], keys: Mapping[str, Any]) -> None:
    """Refuse a problem that the runners cannot be solved with, and keys that it has no use for.

    keys: the study's keys, valid one by one.
    """
    problem = keys["problem"]
    built = [runner for runner in runners if not is_measured(runner)]
    if PEOPLE in runners and not keys["people"]:
        raise ValueError(
            "people: missing; runners [people] needs how many there are, or a list of their numbers"
        )
    if problem == "track" and keys["controls"]:
        raise ValueError(
            f"controls: {shown(keys['controls'])} is not allowed together with problem track; "
            "controls are predicted runs"
        )
    if problem not in PROBLEMS:
        if not built:
            raise ValueError(
                f"problem: {problem!r} is not allowed here; all runners are measured and keep "
                "their motion, which is problem inverse, or follow it, which is track_measured"
            )
        return
    if built:
        raise ValueError(
            f"problem: {problem!r} is not allowed here; runner {built[0]!r} has no measured "
            "motion. With predict or track, a measured runner beside it is still solved as inverse"
        )
    if problem == TRACKED and (keys["draws"] or keys["controls"]):
        key = "draws" if keys["draws"] else "controls"
        raise ValueError(
            f"{key}: {keys[key]!r} is not allowed with problem {TRACKED}; leave the key out"
        )
    if problem == TRACKED and set(keys["sides"]) != {"both"}:
        raise ValueError(
            f"sides: {keys['sides']!r} is not allowed with problem {TRACKED}; both is: half a "
            "stride and its mirror image are solved"
        )
    odd = [control for control in keys["controls"] if control != "negative"]
    if odd:
        raise ValueError(
            f"controls: {odd[0]!r} is not allowed with problem inverse; negative alone is, the "
            "others need a motion that is found"
        )
    for key, only in FIXED.items():
        if keys[key] != only:
            why = "runner.yaml gives the speed" if key == "speeds_m_s" else "the motion is measured"
            raise ValueError(
                f"{key}: {keys[key]!r} is not allowed with problem {problem}; {why}, leave the key "
                "out"
            )
