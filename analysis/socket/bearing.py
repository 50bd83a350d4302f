"""The socket that holds the femoral head: its numbers (socket.yaml) and its bearing surface.

A spherical cup with a rim, lined with cartilage as an elastic foundation: columns that press along
the cup's normal, each by itself. The labrum continues the cup beyond the rim as a softer band that
lies against the head even where the cartilage has clearance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import ValidationError

from analysis.socket.acetabulum import Acetabulum, Cover, lateral_sign
from formats.description import RunnerDescription
from formats.errors import sentence
from formats.yaml import Keys, read

FILE = Path(__file__).parents[1] / "socket.yaml"
TO_SI = {"mm": 1e-3, "MPa": 1e6, "N/mm": 1e3, "1": 1.0}
COVER_SD = 2.0
"""How many SD of the population the cover angles are varied by."""


@dataclass(frozen=True)
class Ligament:
    """A line of the capsule, SI; points (m) from the head's centre, right side.

    taut_at: hip flexion, adduction, internal rotation (deg) at which it begins to pull. slack: how
    much longer it is than that says (m): a lax capsule.
    """

    name: str
    pelvis: tuple[float, float, float]
    femur: tuple[float, float, float]
    stiffness: float
    taut_at: tuple[float, float, float]
    slack: float = 0.0


@dataclass(frozen=True)
class Socket:
    """Parameters in SI (m, Pa, N/m); meanings, units and sources of the file in socket.yaml."""

    head_radius: float
    cartilage_thickness: float
    cartilage_modulus: float
    cartilage_poisson: float
    clearance: float
    onset: float
    labrum_width: float
    labrum_modulus: float
    labrum_thickness: float
    seal_stiffness: float
    ligament_toe: float
    ligaments: tuple[Ligament, ...]
    cup: Acetabulum

    @property
    def foundation(self) -> float:
        """Pressure per compression of the cartilage, Pa/m: its confined modulus over thickness.

        p = (1 - nu) E / ((1 + nu) (1 - 2 nu)) x compression / thickness (Blankevoort 1991,
        J Biomech 24:1019, for small strain).
        """
        nu = self.cartilage_poisson
        confined = (1 - nu) / ((1 + nu) * (1 - 2 * nu)) * self.cartilage_modulus
        return confined / self.cartilage_thickness

    @property
    def labrum_foundation(self) -> float:
        """Pressure per displacement of the labrum, Pa/m: a ring under hoop tension, E t / R2."""
        return self.labrum_modulus * self.labrum_thickness / self.head_radius**2


def loosened(socket: Socket, slack_mm: float) -> Socket:
    """The same with a lax capsule: each ligament longer by so much (mm)."""
    lines = tuple(replace(line, slack=1e-3 * slack_mm) for line in socket.ligaments)
    return replace(socket, ligaments=lines)


class _Parameter(Keys):
    value: float
    unit: Literal["mm", "MPa", "N/mm", "1"]
    source: str

    @property
    def si(self) -> float:
        return self.value * TO_SI[self.unit]


class _Parameters(Keys):
    head_radius: _Parameter
    cartilage_thickness: _Parameter
    cartilage_modulus: _Parameter
    cartilage_poisson: _Parameter
    clearance: _Parameter
    onset: _Parameter
    labrum_width: _Parameter
    labrum_modulus: _Parameter
    labrum_thickness: _Parameter
    seal_stiffness: _Parameter


class _CoverAngle(Keys):
    value: float
    unit: Literal["deg"]
    population_mean: float
    population_sd: float
    source: str


class _Cover(Keys):
    lateral_centre_edge: _CoverAngle
    anterior_sector: _CoverAngle
    posterior_sector: _CoverAngle


class _Ligament(Keys):
    pelvis: tuple[float, float, float]
    femur: tuple[float, float, float]
    stiffness_n_mm: float
    taut_at: tuple[float, float, float]


class TendonShare(Keys):
    """Hip flexion (deg) up to which the tendon lies on the head, and from which it does not."""

    all_below_deg: float
    none_above_deg: float
    source: str


class _File(Keys):
    cover: _Cover
    parameters: _Parameters
    tendon_on_head: TendonShare
    ligament_toe: _Parameter
    ligaments: dict[str, _Ligament]


def _validated(content: Mapping[str, object], where: str) -> _File:
    try:
        return _File.model_validate(content)
    except ValidationError as error:
        raise ValueError(f"{where}: {sentence(error, _File, content)}") from None


def parse(content: Mapping[str, object], where: str = "socket.yaml") -> Socket:
    """The socket of a file's content. ValueError in one line on an unknown or wrong key."""
    file = _validated(content, where)
    lines = tuple(
        Ligament(name, item.pelvis, item.femur, item.stiffness_n_mm * 1e3, item.taut_at)
        for name, item in file.ligaments.items()
    )
    values = {name: parameter.si for name, parameter in file.parameters}
    cup = Cover(**{name: angle.value for name, angle in file.cover}).cup()
    return Socket(**values, ligament_toe=file.ligament_toe.si, ligaments=lines, cup=cup)


@lru_cache(maxsize=1)
def default() -> Socket:
    """The socket of socket.yaml."""
    return parse(read(FILE), str(FILE))


@lru_cache(maxsize=1)
def tendon_share() -> TendonShare:
    """How much of the iliopsoas tendon lies on the head, of socket.yaml."""
    return _validated(read(FILE), str(FILE)).tendon_on_head


@dataclass(frozen=True)
class Population:
    """Cover angles of measured hips, deg: their mean, and the ends COVER_SD SD from it."""

    low: Cover
    mean: Cover
    high: Cover


@lru_cache(maxsize=1)
def population() -> Population:
    """The cover angles' spread over people, of socket.yaml."""

    def at(sd: float) -> Cover:
        return cover_at((sd, sd, sd))

    return Population(at(-COVER_SD), at(0.0), at(COVER_SD))


def cover_at(sd: Sequence[float]) -> Cover:
    """Cover angles so many SD from the population's means, of socket.yaml, in the file's order."""
    angles = _validated(read(FILE), str(FILE)).cover
    return Cover(
        **{
            name: angle.population_mean + away * angle.population_sd
            for (name, angle), away in zip(angles, sd, strict=True)
        }
    )


def socket_of(runner: RunnerDescription) -> Socket:
    """A runner's socket: that of socket.yaml, of a person with their own cup."""
    if runner.cover_sd is None:
        return default()
    return replace(default(), cup=cover_at(runner.cover_sd).cup())


@dataclass(frozen=True)
class Surface:
    """Quadrature points of the bearing, Q of them, pelvis frame, origin at the cup's centre.

    normal (Q, 3): unit vectors outward from the centre; area (Q,) m2; stiffness (Q,) Pa/m;
    gap (Q,) m between cup and head when their centres coincide; cartilage (Q,) bool, else labrum.
    """

    normal: np.ndarray
    area: np.ndarray
    stiffness: np.ndarray
    gap: np.ndarray
    cartilage: np.ndarray
    onset: float

    def compression(self, displacement: np.ndarray) -> np.ndarray:
        """(N, Q) m, negative where apart: n . d - gap, exact to |d|2 / 2R (8e-7 m at 0.2 mm)."""
        return displacement @ self.normal.T - self.gap

    def pressure(self, displacement: np.ndarray) -> np.ndarray:
        """(N, Q) Pa at displacements (N, 3) m of the head's centre."""
        return self.stiffness * ramp(self.compression(displacement), self.onset)[1]


def plane_axes(cup: Acetabulum, side: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit vectors anterior, superior and dome (3,) of the cup's opening plane, pelvis frame.

    Superior is the pelvis's y axis and anterior its forward side, as seen in that plane.
    """
    dome = cup.dome(side)
    superior = np.array([0.0, 1.0, 0.0]) - dome[1] * dome
    superior /= np.linalg.norm(superior)
    anterior = np.cross(dome, superior) * lateral_sign(side)
    return anterior, superior, dome


def surface(
    socket: Socket, side: str, *, rings: int = 32, spokes: int = 64, labrum_rings: int = 4
) -> Surface:
    """Cup and labrum as rings (Gauss points in the cosine of the angle from the dome) by spokes."""
    rim = np.radians(socket.cup.half_opening_deg)
    outer = rim + socket.labrum_width / socket.head_radius
    axes = np.stack(plane_axes(socket.cup, side))
    normals, areas = [], []
    for low, high, n in ((0.0, rim, rings), (rim, outer, labrum_rings)):
        node, weight = np.polynomial.legendre.leggauss(n)
        middle, half = (np.cos(low) + np.cos(high)) / 2, (np.cos(low) - np.cos(high)) / 2
        cosine = middle + half * node
        sine = np.sqrt(1 - cosine**2)
        turn = 2 * np.pi * (np.arange(spokes) + 0.5) / spokes
        local = np.stack(
            [np.outer(sine, np.cos(turn)), np.outer(sine, np.sin(turn))]
            + [np.repeat(cosine[:, None], spokes, axis=1)],
            axis=-1,
        )
        normals.append(local.reshape(-1, 3) @ axes)
        areas.append(np.repeat(socket.head_radius**2 * half * weight * 2 * np.pi / spokes, spokes))
    return replace(bearing(socket, np.concatenate(normals), side), area=np.concatenate(areas))


def bearing(socket: Socket, normal: np.ndarray, side: str) -> Surface:
    """The bearing at given directions (Q, 3), unit vectors; areas of zero."""
    rim = np.cos(np.radians(socket.cup.half_opening_deg))
    cartilage = normal @ socket.cup.dome(side) >= rim
    return Surface(
        normal=normal,
        area=np.zeros(len(normal)),
        stiffness=np.where(cartilage, socket.foundation, socket.labrum_foundation),
        gap=np.where(cartilage, socket.clearance, 0.0),
        cartilage=cartilage,
        onset=socket.onset,
    )


def ramp(x: np.ndarray, half: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """max(x, 0) with a rounded corner: its integral, itself and its slope.

    Zero below -half, x above half, and a quartic between that joins both with two derivatives.
    """
    w = np.clip(x / half, -1.0, 1.0) + 1.0  # products: powers of arrays take ten times as long
    square = w * w
    value = half / 16 * square * w * (4.0 - w)
    slope = square * (3.0 - w) / 4
    integral = half**2 / 80 * square * square * (5.0 - w)
    above = np.maximum(x - half, 0.0)
    # The integral's constant beyond the corner is that of the quartic at its end, 0.6 half2.
    return integral + above * (half + above / 2), value + above, slope


def clock_hours(direction: np.ndarray, cup: Acetabulum, side: str) -> np.ndarray:
    """(N,) place on the rim that directions (N, 3) lean to: 12 superior, 3 anterior, both sides."""
    anterior, superior, _ = plane_axes(cup, side)
    hours = np.arctan2(direction @ anterior, direction @ superior) * 6 / np.pi % 12
    return np.where(hours < 1e-9, 12.0, hours)


def face_on_deg(direction: np.ndarray, cup: Acetabulum, side: str) -> np.ndarray:
    """(N, 2) anterior and superior degrees from the dome, as seen into the cup (equidistant)."""
    anterior, superior, dome = plane_axes(cup, side)
    size = np.linalg.norm(direction, axis=1)
    angle = np.degrees(np.arccos(np.clip(direction @ dome / size, -1, 1)))
    across = np.stack([direction @ anterior, direction @ superior], axis=1)
    length = np.linalg.norm(across, axis=1, keepdims=True)
    return angle[:, None] * across / np.where(length > 0, length, 1.0)


def face_on_directions(places_deg: np.ndarray, cup: Acetabulum, side: str) -> np.ndarray:
    """(N, 3) unit vectors of places (N, 2) seen face-on: the inverse of face_on_deg."""
    anterior, superior, dome = plane_axes(cup, side)
    angle = np.linalg.norm(places_deg, axis=1, keepdims=True)
    across = places_deg / np.where(angle > 0, angle, 1.0)
    angle = np.radians(angle)
    outward = across[:, :1] * anterior + across[:, 1:] * superior
    return np.cos(angle) * dome + np.sin(angle) * outward
