"""The cup of the hip: a sphere with a rim, placed by the angles by which it covers the head.

Three cover angles are what radiology measures, each seen from the centre of the head: how far the
rim reaches laterally in the frontal plane (lateral centre-edge angle, Wiberg 1939, from the
vertical), and how far in front and behind in the transverse plane through the head's centre
(anterior and posterior acetabular sector angle, Anda et al. 1991, Skeletal Radiol 20:267, from the
line between both heads' centres). Three points of the rim give its plane, and with it the axis of
the cup and its opening.

Pelvis frame: x forward (anterior), y up (superior), z right; medial is -z for the right hip and +z
for the left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cover:
    """How far the rim reaches, deg: lateral_centre_edge from the vertical in the frontal plane;
    anterior_sector, posterior_sector from the medial direction in the transverse plane.
    """

    lateral_centre_edge: float
    anterior_sector: float
    posterior_sector: float

    def rim(self) -> np.ndarray:
        """(3, 3) unit vectors from the right head's centre: rim lateral, anterior, posterior."""
        lateral, front, back = np.radians(
            [self.lateral_centre_edge, self.anterior_sector, self.posterior_sector]
        )
        return np.array(
            [
                [0.0, np.cos(lateral), np.sin(lateral)],
                [np.sin(front), 0.0, -np.cos(front)],
                [-np.sin(back), 0.0, -np.cos(back)],
            ]
        )

    def cup(self) -> Acetabulum:
        """The cup whose rim passes through the three points. ValueError if there is none."""
        lateral, front, back = self.rim()
        normal = np.cross(front - lateral, back - lateral)
        size = float(np.linalg.norm(normal))
        if not size > 1e-6:
            raise ValueError(f"{self}: the rim's three points lie on a line; they make no cup")
        # Sector angles are counted from the medial direction, which the cup therefore covers.
        medial = np.array([0.0, 0.0, -1.0])
        dome = normal / size * (1.0 if normal @ (medial - lateral) > 0 else -1.0)
        return Acetabulum(
            inclination_deg=float(np.degrees(np.arctan2(-dome[2], dome[1]))),
            anteversion_deg=float(np.degrees(np.arcsin(-dome[0]))),
            half_opening_deg=float(np.degrees(np.arccos(dome @ lateral))),
        )


@dataclass(frozen=True)
class Acetabulum:
    """The cup by its axis (radiographic angles, Murray 1993, J Bone Joint Surg Br 75:228), deg.

    inclination: of the axis in the frontal plane from the vertical. anteversion: of the axis
    forward out of the frontal plane. half_opening: angle between the dome and the rim.
    """

    inclination_deg: float
    anteversion_deg: float
    half_opening_deg: float

    @property
    def cover(self) -> Cover:
        """Where the rim crosses the frontal and the transverse plane; NaN where it does not.

        On each plane dome . direction(angle) = cos(half opening) is a cosine of the angle.
        """
        forward, up, lateral = self.dome("r")
        rim = np.cos(np.radians(self.half_opening_deg))

        def reach(first: float, second: float) -> float:
            """Angle (deg) at which first cos(angle) + second sin(angle) falls to the rim's."""
            with np.errstate(invalid="ignore"):
                beyond = np.arccos(rim / np.hypot(first, second))
            return float(np.degrees(np.arctan2(second, first) + beyond))

        return Cover(reach(up, lateral), reach(-lateral, forward), reach(-lateral, -forward))

    def dome(self, side: str) -> np.ndarray:
        """(3,) unit vector from the head's centre to the middle of the cup, pelvis frame.

        The cup opens to the side, down and forward; its dome is medial, up and backward.
        """
        i, a = np.radians(self.inclination_deg), np.radians(self.anteversion_deg)
        lateral = -np.cos(a) * np.sin(i)
        return np.array([-np.sin(a), np.cos(a) * np.cos(i), lateral * lateral_sign(side)])

    def margin_deg(self, force: np.ndarray, side: str) -> np.ndarray:
        """(N,) half opening less the angle between force (N, 3) and dome, deg; positive inside.

        force: that of the head on the socket, in the pelvis frame; a force of zero gives NaN.
        """
        force = np.atleast_2d(np.asarray(force, dtype=float))
        size = np.linalg.norm(force, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            cosine = np.clip(force @ self.dome(side) / size, -1.0, 1.0)
        return self.half_opening_deg - np.degrees(np.arccos(cosine))


def lateral_sign(side: str) -> float:
    """+1 where lateral is +z (right), -1 on the left."""
    return {"r": 1.0, "l": -1.0}[side]
