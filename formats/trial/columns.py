"""Which columns of a ground-force file belong to which foot: by usual names, or ExternalLoads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from formats.trial.settings import Columns, FootColumns
from formats.untrusted import check_xml

SIDES = {"right": "r", "left": "l"}
_AXES = "xyz"
_KINDS = {"v": "force", "f": "force", "p": "point", "m": "torque", "t": "torque"}
# Words of a column's name that say what it is, not of which plate or foot.
_WORDS = {
    **dict.fromkeys(("ground", "grf", "calcn", "plate", "fp", "external", "reaction"), ""),
    **dict.fromkeys(("force", "forces"), "force"),
    **dict.fromkeys(("point", "cop", "pressure"), "point"),
    **dict.fromkeys(("torque", "moment", "free", "grm"), "torque"),
}
# How laboratories and OpenSim's own examples call the columns: {} is x, y or z.
_USUAL: tuple[tuple[str, dict[str, str]], ...] = (
    ("ground_force_@_v{} ground_force_@_p{} ground_torque_@_{}", {"right": "r", "left": "l"}),
    ("@_ground_force_v{} @_ground_force_p{} @_ground_torque_{}", {"right": "R", "left": "L"}),
    ("@_ground_force_v{} @_ground_force_p{} @_ground_torque_{}", {"right": "r", "left": "l"}),
    (
        "ground_force_@_v{} ground_force_@_p{} ground_moment_@_m{}",
        {"right": "r", "left": "l"},
    ),
    (
        "ground_force_@_v{} ground_force_@_p{} ground_torque_@_{}",
        {"right": "calcn_r", "left": "calcn_l"},
    ),
    ("@ground_force_v{} @ground_force_p{} @ground_torque_{}", {"right": "", "left": "1_"}),
    ("ground_force_@_v{} ground_force_@_p{} ground_torque_@_{}", {"right": "1", "left": "2"}),
)


def plates(names: Iterable[str]) -> dict[str, FootColumns]:
    """Force plates (or feet) whose force and point are among the columns `names`.

    By what is left of a name without its axis and the words for force, point and torque: '1' of
    ground_force_1_vx, 'r' of R_ground_force_px and ground_force_calcn_r_mx, '' of ground_force_vx.
    Some laboratories write no free torque: it has all three components, or none.
    """
    found: dict[str, dict[str, dict[str, str]]] = {}
    for name in names:
        parts = [part for part in re.split(r"[_\s./-]+", name.strip().lower()) if part]
        match = re.fullmatch(r"(.*?)([vfpmt]?)([xyz])", parts[-1]) if parts else None
        if match is None:
            continue
        rest, letter, axis = match.groups()
        words = [*parts[:-1], *([rest] if rest else [])]
        kinds = [_WORDS[word] for word in words if _WORDS.get(word)]
        # 'torque' says more than 'v' (ground_torque_r_vx), 'm' more than 'force' (.._force_r_mx).
        kind = "torque" if "torque" in kinds else _KINDS.get(letter) or (kinds or [""])[-1]
        if kinds and kind:
            key = "_".join(word for word in words if word not in _WORDS)
            found.setdefault(key, {}).setdefault(kind, {})[axis] = name
    return {
        key: FootColumns(**{kind: [axes[axis] for axis in _AXES] for kind, axes in plate.items()})
        for key, plate in found.items()
        if {"force", "point"} <= set(plate)
        and all(set(axes) == set(_AXES) for axes in plate.values())
    }


def _side(key: str) -> str | None:
    """The foot that a plate's key names, or None."""
    words = set(key.split("_"))
    for side, token in SIDES.items():
        if words & {side, token}:
            return side
    return None


def usual(path: Path, names: Iterable[str]) -> Columns:
    """Columns recognised among `names` of the file `path`. Raises ValueError if there are none."""
    names = list(names)
    present = set(names)
    best: tuple[int, list[str]] = (0, [])
    for pattern, tokens in _USUAL:
        feet = {side: _foot(pattern.replace("@", token)) for side, token in tokens.items()}
        wanted = [n for foot in feet.values() for n in (*foot.force, *foot.point, *foot.torque)]
        found = sum(name in present for name in wanted)
        if found == len(wanted):
            return Columns(**feet)
        if found > best[0]:
            best = (found, [name for name in wanted if name not in present])
    found_plates = plates(names)
    sided = {_side(key): plate for key, plate in found_plates.items()}
    if "right" in sided and "left" in sided:
        return Columns(right=sided["right"], left=sided["left"])
    if found_plates and not best[1]:
        raise ValueError(
            f"{path}: its forces are of plates ({', '.join(found_plates)}), not of feet; "
            "python -m models.new gives each contact to its foot"
        )
    if best[1]:
        raise ValueError(
            f"{path}: column {best[1][0]} is missing; force and point of both feet are needed, "
            "under usual names or those that runner.yaml gives. Where one foot stood on no plate, "
            "python -m models.new computes its force from the motion"
        )
    raise ValueError(
        f"{path}: no columns of ground force under a usual name (such as ground_force_r_vx); name "
        "them in runner.yaml, under columns or external_loads"
    )


def _foot(pattern: str) -> FootColumns:
    force, point, torque = ([stem.format(axis) for axis in _AXES] for stem in pattern.split())
    return FootColumns(force=force, point=point, torque=torque)


def of_external_loads(path: Path) -> Columns:
    """Columns that an ExternalLoads file gives to the feet. Raises ValueError, one line.

    Forces act on calcn_r and calcn_l, one each, expressed in ground.
    """
    check_xml(path)
    feet: dict[str, FootColumns] = {}
    for force in ElementTree.parse(path).getroot().iter("ExternalForce"):
        name = force.get("name", "?")
        if _text(force, "isDisabled") == "true" or _text(force, "appliesForce") == "false":
            continue
        body = _text(force, "applied_to_body").split("/")[-1]
        side = {"calcn_r": "right", "calcn_l": "left"}.get(body)
        if side is None:
            raise ValueError(
                f"{path}: {name} acts on {body or 'no body'}; calcn_r and calcn_l are allowed"
            )
        if side in feet:
            raise ValueError(f"{path}: two forces act on {body}; one on each foot is allowed")
        for key in ("force_expressed_in_body", "point_expressed_in_body"):
            frame = _text(force, key).split("/")[-1]
            if frame not in ("", "ground"):
                raise ValueError(f"{path}: {name}: {key} is {frame}; only ground is allowed")
        stems = [_text(force, f"{kind}_identifier") for kind in ("force", "point", "torque")]
        if not all(re.fullmatch(r"\S+", stem) for stem in stems[:2]):
            raise ValueError(
                f"{path}: {name}: force_identifier and point_identifier are both needed"
            )
        columns = ([stem + axis for axis in _AXES] if stem else [] for stem in stems)
        feet[side] = FootColumns(**dict(zip(("force", "point", "torque"), columns, strict=True)))
    for side, token in SIDES.items():
        if side not in feet:
            raise ValueError(f"{path}: no ExternalForce acts on calcn_{token}; both feet need one")
    return Columns(**feet)


def _text(force: ElementTree.Element, key: str) -> str:
    return (force.findtext(key) or "").strip()
