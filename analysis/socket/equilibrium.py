"""Where the femoral head rests: the minimum of one energy, found for all instants at once.

    energy(d) = cartilage and labrum + seal + ligaments - force . d,      gradient = 0

d: displacement of the head's centre from the cup's. The contact has no friction (cartilage: 0.005
to 0.02). Newton's method with exact first and second derivatives; a step is halved until it lowers
the energy. The energy is convex but for the ligaments' last bend, so a minimum is the minimum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.socket.bearing import Socket, Surface, ramp, surface
from analysis.socket.ligaments import Capsule, capsule

TOLERANCE = 1e-10
"""Residual force over the load (or 1 N) at which Newton's method stops; 1e-8 is promised."""
STEPS, HALVINGS = 100, 40
ROWS = 8
"""Instants looked at together, so that their pressures stay in the processor's cache."""
LONGEST_STEP = 1e-3
LARGEST_SHARE = 0.1
"""Of the head's radius: beyond this displacement a cup of small displacements says nothing."""


@dataclass(frozen=True)
class Equilibrium:
    """The head at N instants, pelvis frame, SI. Where status is not empty, all numbers are NaN.

    displacement (N, 3) m. compliance (N, 3, 3) m/N, d displacement / d force. residual (N,) force
    left over the load. pressure (N, Q) Pa at the points of `surface`. contact, labrum, ligaments,
    seal (N, 3) N: what each part carries of the force on the socket; they add up to the load.
    peak, mean (N,) Pa; area (N,) m2, of cartilage and labrum in contact. centroid (N, 3) unit
    vector to the centre of pressure on the cup; hottest (N, 3) to its peak. tension (N, L) N.
    status (N,): empty, or why there is no answer.
    """

    surface: Surface
    displacement: np.ndarray
    compliance: np.ndarray
    residual: np.ndarray
    pressure: np.ndarray
    contact: np.ndarray
    labrum: np.ndarray
    ligaments: np.ndarray
    seal: np.ndarray
    peak: np.ndarray
    mean: np.ndarray
    area: np.ndarray
    centroid: np.ndarray
    hottest: np.ndarray
    tension: np.ndarray
    status: np.ndarray

    @property
    def solved(self) -> bool:
        """Whether every instant has an answer."""
        return not any(self.status)


def solve(
    socket: Socket,
    force: np.ndarray,
    rotation: np.ndarray,
    side: str,
    *,
    cup: Surface | None = None,
    start: np.ndarray | None = None,
) -> Equilibrium:
    """Equilibrium under force (N, 3) N of the head on the socket at hip rotations (N, 3, 3).

    cup: another mesh of the bearing. start: (N, 3) m, displacements near by, to begin at.
    """
    cup = cup or surface(socket, side)
    lines = capsule(socket, rotation, side)
    known = np.isfinite(force).all(axis=1) & np.isfinite(rotation).all(axis=(1, 2))
    load = np.where(known[:, None], force, 0.0)
    displacement, residual = newton(socket, cup, lines, load, start)
    status = np.where(known, "", "the load is not a number").astype(object)
    deepest = np.concatenate(
        [
            cup.compression(displacement[rows])[:, cup.cartilage].max(axis=1, initial=0.0)
            for rows in _pieces(len(displacement))
        ]
    )
    distance = np.linalg.norm(displacement, axis=1)
    for failed, reason in (
        (distance > LARGEST_SHARE * socket.head_radius, "the head leaves the socket"),
        (~(residual <= 1e-8), "no equilibrium found"),
        (deepest > socket.cartilage_thickness, "the cartilage is crushed"),
    ):
        status[failed & (status == "")] = reason
    return _describe(socket, cup, lines, displacement, residual, status)


def newton(
    socket: Socket,
    cup: Surface,
    lines: Capsule,
    force: np.ndarray,
    start: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """(N, 3) displacements and (N,) residuals over the load (at least 1 N). start: see `solve`."""
    size = np.linalg.norm(force, axis=1, keepdims=True)
    # From where the middle of the cup would stand against the force.
    stiff = socket.foundation * socket.head_radius**2
    away = force / np.maximum(size, 1e-12)
    d = away * np.minimum(size / stiff + 0.9 * socket.clearance, LONGEST_STEP)
    if start is not None:
        d = np.where(np.isfinite(start), start, d)
    weight = cup.stiffness * cup.area
    outer = (cup.normal[:, :, None] * cup.normal[:, None, :]).reshape(-1, 9)
    scale = np.maximum(size[:, 0], 1.0)

    def energy(d: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        u, g, h = _rows(lines, rows).pull(d)
        for piece in _pieces(len(d)):
            stored, press, slope = ramp(cup.compression(d[piece]), cup.onset)
            u[piece] += stored @ weight
            g[piece] += (press * weight) @ cup.normal
            h[piece] += ((slope * weight) @ outer).reshape(-1, 3, 3)
        u += 0.5 * socket.seal_stiffness * (d**2).sum(axis=1) - (force[rows] * d).sum(axis=1)
        g += socket.seal_stiffness * d - force[rows]
        h += socket.seal_stiffness * np.eye(3)
        return u, g, h

    rows = np.arange(len(force))
    left = np.full(len(force), np.inf)
    u, g, h = energy(d, rows)
    for _ in range(STEPS):
        left[rows] = np.linalg.norm(g, axis=1) / scale[rows]
        lost = np.linalg.norm(d[rows], axis=1) > 2 * LARGEST_SHARE * socket.head_radius
        keep = (left[rows] > TOLERANCE) & ~lost
        rows, u, g, h = rows[keep], u[keep], g[keep], h[keep]
        if not rows.size:
            break
        step = -np.linalg.solve(h, g[:, :, None])[:, :, 0]
        length = np.linalg.norm(step, axis=1, keepdims=True)
        step *= np.minimum(1.0, LONGEST_STEP / np.maximum(length, 1e-300))
        downhill = (g * step).sum(axis=1)
        share = np.ones(len(rows))
        before = d[rows]
        waiting = np.arange(len(rows))
        for _ in range(HALVINGS):
            trial = before[waiting] + share[waiting, None] * step[waiting]
            tu, tg, th = energy(trial, rows[waiting])
            # Where the energy is at the end of its digits, the force decides.
            lower = tu <= u[waiting] + 1e-4 * share[waiting] * downhill[waiting]
            smaller = np.linalg.norm(tg, axis=1) < 0.5 * np.linalg.norm(g[waiting], axis=1)
            good = lower | smaller
            took = waiting[good]
            d[rows[took]], u[took], g[took], h[took] = trial[good], tu[good], tg[good], th[good]
            waiting = waiting[~good]
            if not waiting.size:
                break
            share[waiting] *= 0.5
    return d, left


def _pieces(count: int) -> Iterator[slice]:
    """All of `count` instants, in pieces of ROWS."""
    for first in range(0, count, ROWS):
        yield slice(first, first + ROWS)


def _rows(lines: Capsule, rows: np.ndarray) -> Capsule:
    return Capsule(
        lines.origins, lines.ends[rows], lines.slack, lines.stiffness, lines.radius, lines.toe
    )


def _describe(
    socket: Socket,
    cup: Surface,
    lines: Capsule,
    displacement: np.ndarray,
    residual: np.ndarray,
    status: np.ndarray,
) -> Equilibrium:
    """All that follows from the displacement; NaN where there is a reason."""
    none = status != ""
    n = len(displacement)
    pressure = np.zeros((n, len(cup.normal)))
    area, hottest = np.zeros(n), np.zeros((n, 3))
    contact, labrum, hessian = np.zeros((n, 3)), np.zeros((n, 3)), np.zeros((n, 3, 3))
    outer = (cup.normal[:, :, None] * cup.normal[:, None, :]).reshape(-1, 9)
    for rows in _pieces(n):
        _, press, slope = ramp(cup.compression(displacement[rows]), cup.onset)
        pressure[rows] = cup.stiffness * press
        load = pressure[rows] * cup.area
        contact[rows] = (load * cup.cartilage) @ cup.normal
        labrum[rows] = (load * ~cup.cartilage) @ cup.normal
        area[rows] = slope @ cup.area
        hottest[rows] = cup.normal[np.argmax(pressure[rows], axis=1)]
        hessian[rows] = ((slope * cup.stiffness * cup.area) @ outer).reshape(-1, 3, 3)
    _, pull, bend = lines.pull(displacement)
    hessian += bend + socket.seal_stiffness * np.eye(3)
    total = contact + labrum
    with np.errstate(invalid="ignore", divide="ignore"):
        centroid = total / np.linalg.norm(total, axis=1, keepdims=True)
        mean = pressure @ cup.area / area
    found = {
        "displacement": displacement,
        "compliance": np.linalg.inv(hessian),
        "residual": residual,
        "pressure": pressure,
        "contact": contact,
        "labrum": labrum,
        "ligaments": pull,
        "seal": socket.seal_stiffness * displacement,
        "peak": pressure.max(axis=1),
        "mean": mean,
        "area": area,
        "centroid": centroid,
        "hottest": hottest,
        "tension": lines.tension(displacement),
    }
    for values in found.values():
        values[none] = np.nan
    return Equilibrium(surface=cup, status=status, **found)
