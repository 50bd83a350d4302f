"""Wrong copies of a right trial, one fault each."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
from scipy.spatial.transform import Rotation

from formats import storage


def _table(path: Path) -> tuple[list[str], pd.DataFrame]:
    read = storage.read(path)
    head = path.read_text().splitlines()
    end = next(i for i, line in enumerate(head) if line.strip().lower() == "endheader")
    return head[: end + 1], pd.DataFrame({"time": read.time, **read.columns})


def change(path: Path, edit: Callable[[pd.DataFrame], None]) -> None:
    """Edit a storage file's table."""
    head, table = _table(path)
    edit(table)
    _write(path, head, table)


def _write(path: Path, head: list[str], table: pd.DataFrame) -> None:
    path.write_text("\n".join(head) + "\n" + table.to_csv(sep="\t", index=False))


def exchange_feet(folder: Path) -> None:
    def edit(table: pd.DataFrame) -> None:
        right = [name for name in table if name.startswith("R_")]
        left = ["L_" + name[2:] for name in right]
        table[right + left] = table[left + right].to_numpy()

    change(folder / "forces.mot", edit)


def move_point(folder: Path, forward: float = 0.0, right: float = 0.0) -> None:
    def edit(table: pd.DataFrame) -> None:
        for side in "RL":
            table[f"{side}_ground_force_px"] += forward
            table[f"{side}_ground_force_pz"] += right

    change(folder / "forces.mot", edit)


def in_millimetres(folder: Path) -> None:
    def edit(table: pd.DataFrame) -> None:
        points = [name for name in table if "_force_p" in name]
        table[points] *= 1000.0

    change(folder / "forces.mot", edit)


def late(folder: Path, seconds: float) -> None:
    """The force comes later by whole samples; before that it is as it begins."""

    def edit(table: pd.DataFrame) -> None:
        step = table["time"].diff().median()
        names = [name for name in table if name != "time"]
        table[names] = table[names].shift(round(seconds / step)).bfill().ffill()

    change(folder / "forces.mot", edit)


def turn_gravity(folder: Path) -> None:
    path = folder / "model.osim"
    text = path.read_text()
    first, last = text.index("<gravity>"), text.index("</gravity>")
    path.write_text(f"{text[:first]}<gravity>0 0 -9.80665{text[last:]}")


def spike(folder: Path) -> None:
    def edit(table: pd.DataFrame) -> None:
        table.loc[200, "knee_angle_r"] = 500.0

    change(folder / "motion.mot", edit)


def askew(folder: Path, degrees: float) -> None:
    """Turn the measured man, the belt and the plates; then he runs to the right of x."""
    turn = Rotation.from_euler("y", -degrees, degrees=True)

    def edit(table: pd.DataFrame) -> None:
        for x in [name for name in table if re.search(r"(_v|_p|torque_|pelvis_t)x$", name)]:
            three = [f"{x[:-1]}{axis}" for axis in "xyz"]
            table[three] = turn.apply(table[three].to_numpy(copy=True))
        # The root joint of this model turns about z, x, y of the moving pelvis, in this order.
        angles = ["pelvis_tilt", "pelvis_list", "pelvis_rotation"]
        if set(angles) <= set(table):
            pose = turn * Rotation.from_euler(
                "ZXY", table[angles].to_numpy(copy=True), degrees=True
            )
            table[angles] = np.degrees(np.unwrap(pose.as_euler("ZXY"), axis=0))

    for file in ("motion.mot", "forces.mot"):
        change(folder / file, edit)


def strip_muscles(folder: Path) -> None:
    """A model as some exports have it: bones and joints alone."""
    path = folder / "model.osim"
    tree = ElementTree.parse(path)
    forces = tree.getroot().find(".//ForceSet/objects")
    assert forces is not None
    forces.clear()
    tree.write(path)


def say(folder: Path, **settings: object) -> None:
    path = folder / "runner.yaml"
    kept = [line for line in path.read_text().splitlines() if line.split(":")[0] not in settings]
    path.write_text("\n".join([*kept, *(f"{k}: {v}" for k, v in settings.items())]) + "\n")


def walk(folder: Path) -> None:
    """A contact as long as a walker's: each foot's force is held over the flight after it."""

    def edit(table: pd.DataFrame) -> None:
        for side in "RL":
            names = [n for n in table if n.startswith(f"{side}_")]
            loaded = table[f"{side}_ground_force_vy"] > 20
            held = table[names].where(loaded).ffill(limit=120)
            table[names] = held.fillna(table[names])

    change(folder / "forces.mot", edit)


def times(folder: Path, words: str, factor: float) -> None:
    """Columns of force whose names hold `words`, times a factor."""

    def edit(table: pd.DataFrame) -> None:
        table[[name for name in table if words in name]] *= factor

    change(folder / "forces.mot", edit)


def add(folder: Path, file: str, words: str, offset: float) -> None:
    """Columns whose names hold `words`, plus an offset."""

    def edit(table: pd.DataFrame) -> None:
        table[[name for name in table if words in name]] += offset

    change(folder / file, edit)


def hold(folder: Path, coordinate: str) -> None:
    """A coordinate that keeps still."""

    def edit(table: pd.DataFrame) -> None:
        table[coordinate] = table[coordinate].mean()

    change(folder / "motion.mot", edit)


def cut(folder: Path, file: str, first: float, last: float) -> None:
    """Rows between two times (s) alone."""
    head, table = _table(folder / file)
    _write(folder / file, head, table[table["time"].between(first, last)])


def empty(folder: Path, file: str) -> None:
    (folder / file).write_bytes(b"")


def as_windows_writes(folder: Path) -> None:
    """Byte order mark and carriage returns."""
    for name in ("motion.mot", "forces.mot", "runner.yaml", "model.osim"):
        path = folder / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))


def copy(source: Path, out: Path) -> Path:
    shutil.copytree(source, out)
    return out
