"""Elastic bands between two points: tension by length, and the pull on the bodies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import casadi as ca

from formats.description import Band, BandEnd, RunnerDescription

if TYPE_CHECKING:
    from simulations.equations.multibody import BodyState


@dataclass(frozen=True)
class BandPull:
    """Force (3, N) of a band on one of its bodies and the point it is fixed to (3, m), ground."""

    name: str
    body: str
    force: ca.SX
    point: ca.SX


def tension(band: Band, length: ca.SX) -> ca.SX:
    """Tension (N) at a length (m), smooth in it (formats.description.Band)."""
    pull = ca.SX(0)
    for hinge in band.hinges:
        stretch = length - hinge.length
        pull += 0.5 * hinge.stiffness * (stretch + ca.sqrt(stretch**2 + band.rounding**2))
    return pull


def band_pulls(runner: RunnerDescription, bodies: dict[str, BodyState]) -> list[BandPull]:
    """What every band does to the bodies at its two ends."""
    pulls = []
    for band in runner.bands:
        first, second = (_place(end, bodies) for end in (band.first, band.second))
        between = second - first
        length = ca.norm_2(between)
        force = tension(band, length) / length * between
        pulls += [
            BandPull(band.name, band.first.body, force, first),
            BandPull(band.name, band.second.body, -force, second),
        ]
    return pulls


def check_symmetric(runner: RunnerDescription) -> None:
    """Refuse a band that is not its own mirror image: half a stride would not be the other half."""
    for band in runner.bands:
        x, y, z = band.second.location
        sides = {"_r": "_l", "_l": "_r"}
        end = band.second.body
        image = end[:-2] + sides[end[-2:]] if end[-2:] in sides else end
        # A body's frame is mirrored with it: forward and up stay, to the right becomes left.
        if (image, [x, y, -z]) != (band.first.body, band.first.location):
            raise ValueError(
                f"band {band.name}: its two ends are no mirror images; simulate the whole stride "
                "of a runner so tied"
            )


def _place(end: BandEnd, bodies: dict[str, BodyState]) -> ca.SX:
    body = bodies[end.body]
    # Exact zeros stay structural ones.
    location = ca.sparsify(ca.vertcat(*[ca.SX(x) for x in end.location]))
    return body.position + ca.mtimes(body.rotation, location)
