"""People drawn from published anthropometry and dynamometry (models/parameters/people.yaml).

A person's number is their seed: person 7 is the same in every study. Odd numbers are women, even
ones men. A person is what the base model is scaled by, and what is told of them.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.rajagopal.tables import settings

WOMEN, MEN = "women", "men"
COVER_ANGLES = 3
"""Angles by which a socket covers the head (analysis/socket.yaml), drawn in their SD."""


@dataclass(frozen=True)
class Person:
    """A body: size, factors on the base model's segments, strength, socket.

    thigh, shank, foot, upper_arm, forearm, trunk: factors on the segments' lengths; pelvis: on the
    pelvis' width. strength: of all muscles beside what their volume gives, hip_flexor_strength: of
    the hip flexors on top of it. cover_sd: of the socket's cover angles, in SD of the population.
    femoral_version_deg: told, not in the model.
    """

    number: int
    sex: str
    age_years: float
    stature_m: float
    mass_kg: float
    thigh: float
    shank: float
    foot: float
    upper_arm: float
    forearm: float
    trunk: float
    pelvis: float
    strength: float
    hip_flexor_strength: float
    cover_sd: tuple[float, float, float]
    femoral_version_deg: float


class Draw:
    """Normal draws of one person, cut off at so many standard deviations."""

    def __init__(self, number: int, cut_sd: float) -> None:
        self._rng = np.random.default_rng([number, zlib.crc32(b"person")])
        self._cut = cut_sd

    def z(self) -> float:
        """A standard normal number within the cut."""
        while True:
            value = float(self._rng.normal())
            if abs(value) <= self._cut:
                return value

    def of(self, mean: float, sd: float) -> float:
        """A number about a mean."""
        return mean + sd * self.z()


def person(number: int) -> Person:
    """The person of a number, from 1 up."""
    if number < 1:
        raise ValueError(f"person {number}: must be a whole number from 1 up")
    facts = settings("people")
    draw = Draw(number, facts["cut_sd"])
    sex = WOMEN if number % 2 else MEN
    base, spread = facts["base"], facts["proportion_sd"]
    shares, usual = facts["shares_of_stature"][sex], facts["shares_of_stature"][base["sex"]]
    ages = facts["age_years"]
    age = float(np.clip(draw.of(ages["mean"], ages["sd"]), ages["least"], ages["greatest"]))
    stature = draw.of(**_normal(facts["stature_m"][sex]))
    mass = draw.of(**_normal(facts["body_mass_index_kg_m2"])) * stature**2
    size = stature / base["stature_m"]
    own = {name: 1.0 + sd * draw.z() for name, sd in spread.items()}
    thigh_share = (shares["trochanterion"] - shares["patella"]) * own["thigh"]
    shank_share = shares["patella"] * own["shank"]
    trunk = (1.0 - thigh_share - shank_share) / (1.0 - usual["trochanterion"])
    return Person(
        number=number,
        sex=sex,
        age_years=age,
        stature_m=stature,
        mass_kg=mass,
        thigh=size * thigh_share / (usual["trochanterion"] - usual["patella"]),
        shank=size * shank_share / usual["patella"],
        foot=size * own["foot"],
        upper_arm=size * own["arm"] * shares["upper_arm"] / usual["upper_arm"],
        forearm=size * own["arm"] * shares["forearm"] / usual["forearm"],
        trunk=size * trunk,
        pelvis=size * own["pelvis"] * shares["hip_breadth"] / usual["hip_breadth"],
        **_strength(facts, sex, age, draw),
        cover_sd=(draw.z(), draw.z(), draw.z()),
        femoral_version_deg=draw.of(**_normal(facts["femoral_version_deg"][sex])),
    )


def _normal(facts: dict[str, float]) -> dict[str, float]:
    return {"mean": facts["mean"], "sd": facts["sd"]}


def _strength(facts: dict[str, Any], sex: str, age: float, draw: Draw) -> dict[str, float]:
    """strength and hip_flexor_strength: against young men, of published torques, and drawn."""

    def by_age(movement: str) -> float:
        table = facts["strength"][movement]
        now = float(np.interp(age, facts["strength_ages"], table[sex]))
        return now / float(table[MEN][0])

    spread = facts["strength_sd"]
    common = spread["common"] * draw.z()
    flexion_sd = spread[f"hip_flexion_{sex}"]
    alone = float(np.sqrt(flexion_sd**2 - spread["common"] ** 2)) * draw.z()
    others = by_age("knee_extension") * (1.0 + common)
    flexion = by_age("hip_flexion") * (1.0 + common + alone)
    return {"strength": others, "hip_flexor_strength": flexion / others}


def volume_ratio(one: Person) -> float:
    """Muscle volume over the base model's, from mass and stature."""
    facts = settings("people")
    line, base = facts["muscle_volume_cm3"], facts["base"]

    def volume(mass: float, stature: float) -> float:
        return float(line["slope_per_kg_m"] * mass * stature + line["offset"])

    return volume(one.mass_kg, one.stature_m) / volume(base["mass_kg"], base["stature_m"])
