"""A trial's motion in OpenSim: mass centre, feet, inverse dynamics. No muscle has a part in it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import opensim as osim
from scipy.spatial.transform import Rotation

from formats.trial.reading import Curves
from models.osim import document
from models.osim.coordinates import free_coordinates
from models.paths.polynomial import Array
from models.take_in import convert

FOOT, TOES = "calcn", "toes"
# From the calcaneus' origin to the toes' joint (m), of a model without toes.
_FOOT_LENGTH = 0.19
_FREEDOM = 6
# Of Newton's method, to a body's place: m and rad.
_REACHED, _DIFFERENCE, _MOST_STEPS = 1e-9, 1e-6, 20


@dataclass(frozen=True)
class Posture:
    """N postures: time (N, s), mass_centre (N, 3, m), of each foot ('r', 'l') the origin of the
    calcaneus (heel) and the toes' joint (ball), (N, 3, m) each, in ground."""

    time: Array
    mass_centre: Array
    heel: dict[str, Array]
    ball: dict[str, Array]


def _reach(
    place: Callable[[Array], tuple[Array, Rotation]], start: Array, point: Array, pose: Rotation
) -> Array | None:
    """The six values at which a body has a point (m) and an orientation: Newton's method."""
    at = np.array(start)
    for _ in range(_MOST_STEPS):
        here, now = place(at)
        off = np.concatenate([point - here, (pose * now.inv()).as_rotvec()])
        if np.abs(off).max() < _REACHED:
            return at
        slope = np.empty((_FREEDOM, _FREEDOM))
        for i in range(_FREEDOM):
            there, then = place(at + _DIFFERENCE * np.eye(_FREEDOM)[i])
            slope[:, i] = [*(there - here), *(then * now.inv()).as_rotvec()]
        step = np.linalg.lstsq(slope / _DIFFERENCE, off, rcond=None)[0]
        at = at + step
    return None


class Skeleton:
    """A model without forces: bodies, joints and couplings.

    coordinates: the free ones with their motion type; mass (kg); gravity (3, m/s2); bodies: names.
    Raises ValueError where OpenSim refuses the model.
    """

    def __init__(self, model_file: Path) -> None:
        tree = document.parse(model_file)
        convert.repair_controls(tree)
        for name in ("ForceSet", "ControllerSet", "ProbeSet"):
            document.components(tree, name).clear()
        with tempfile.TemporaryDirectory() as place:
            draft = Path(place) / "skeleton.osim"
            tree.write(draft, encoding="UTF-8", xml_declaration=True)
            try:
                self.model = document.load(draft)
            except ValueError as error:
                raise ValueError(str(error).replace(str(draft), str(model_file))) from None
        self.state = self.model.initSystem()
        self.coordinates = free_coordinates(self.model)
        self.mass = float(self.model.getTotalMass(self.state))
        self.gravity = self.model.get_gravity().to_numpy()
        self._body = {body.getName(): body for body in self.model.getBodyList()}
        self.bodies = set(self._body)
        self._coordinate = {c.getName(): c for c in self.model.getCoordinateSet()}
        found = self.model.getConstraintSet()
        parts = (found.get(i) for i in range(found.getSize()))
        coupled = map(osim.CoordinateCouplerConstraint.safeDownCast, parts)
        self._couplings = [c for c in coupled if c is not None]

    def _move(self, names: Sequence[str], values: Array) -> None:
        for name, value in zip(names, values, strict=True):
            self._coordinate[name].setValue(self.state, float(value), False)
        for coupling in self._couplings:
            source = coupling.getIndependentCoordinateNames().get(0)
            at = osim.Vector(1, self._coordinate[source].getValue(self.state))
            follows = coupling.getFunction().calcValue(at)
            name = coupling.getDependentCoordinateName()
            self._coordinate[name].setValue(self.state, follows, False)

    def postures(self, curves: Curves, time: Array) -> Posture:
        """Mass centre and feet at times (N, s) of a trial."""
        values = curves.at(time)
        centre = np.empty((len(time), 3))
        heel, ball = ({side: np.empty((len(time), 3)) for side in "rl"} for _ in range(2))
        for i, column in enumerate(values.T):
            self._move(curves.names, column)
            self.model.realizePosition(self.state)
            centre[i] = self.model.calcMassCenterPosition(self.state).to_numpy()
            for side in "rl":
                foot = self._body[f"{FOOT}_{side}"]
                heel[side][i] = foot.getPositionInGround(self.state).to_numpy()
                toes = self._body.get(f"{TOES}_{side}")
                if toes is None:
                    at = foot.findStationLocationInGround(
                        self.state, osim.Vec3(_FOOT_LENGTH, 0.0, 0.0)
                    )
                    ball[side][i] = at.to_numpy()
                else:
                    ball[side][i] = toes.getPositionInGround(self.state).to_numpy()
        return Posture(time, centre, heel, ball)

    def angular_momentum(self, curves: Curves, time: Array) -> Array:
        """Angular momentum (N, 3; kg m2/s) about the mass centre at times (N, s) of a trial."""
        q, u = curves.at(time), curves.at(time, 1)
        matter = self.model.getMatterSubsystem()
        found = np.empty((len(time), 3))
        for i in range(len(time)):
            self._move(curves.names, q[:, i])
            for name, speed in zip(curves.names, u[:, i], strict=True):
                self._coordinate[name].setSpeedValue(self.state, float(speed))
            self.model.realizeVelocity(self.state)
            found[i] = matter.calcSystemCentralMomentum(self.state).get(0).to_numpy()
        return found

    def inverse_dynamics(self, curves: Curves, time: Array) -> Array:
        """Generalised forces (N, len(curves.names); N m or N) at times (N, s) of a trial.

        With the ground's measured force on the calcanei. Coordinates that follow others are taken
        as massless.
        """
        q, u, a = (curves.at(time, order) for order in (0, 1, 2))
        index = self._speeds(curves.names)
        matter = self.model.getMatterSubsystem()
        solver = osim.InverseDynamicsSolver(self.model)
        wrench = {side: curves.wrench(side, time) for side in "rl"}
        acceleration = np.zeros(self.state.getNU())
        result = np.empty((len(time), len(index)))
        given = osim.Vector()
        for i in range(len(time)):
            self._move(curves.names, q[:, i])
            for name, speed in zip(curves.names, u[:, i], strict=True):
                self._coordinate[name].setSpeedValue(self.state, float(speed))
            self.model.realizeVelocity(self.state)
            acceleration[index] = a[:, i]
            needed = solver.solve(self.state, osim.Vector.createFromMat(acceleration)).to_numpy()
            needed = needed.copy()
            for side in "rl":
                force, moment = wrench[side][:3, i], wrench[side][3:, i]
                foot = self._body[f"{FOOT}_{side}"]
                about = moment - np.cross(foot.getPositionInGround(self.state).to_numpy(), force)
                matter.multiplyByFrameJacobianTranspose(
                    self.state,
                    foot.getMobilizedBodyIndex(),
                    osim.Vec3(0),
                    osim.SpatialVec(osim.Vec3(*about), osim.Vec3(*force)),
                    given,
                )
                needed -= given.to_numpy()
            result[i] = needed[index]
        return result

    def turned(self, values: dict[str, Array], turn: Rotation) -> dict[str, Array]:
        """Values (N each) of the coordinates between ground and pelvis after the whole runner is
        turned about the ground's origin, where all coordinates' values (N each) are given.

        Raises ValueError where those are not six, or cannot take the turn.
        """
        names = list(values)
        root = [names[i] for i in self.root(names)]
        if len(root) != _FREEDOM:
            raise ValueError(
                f"{len(root)} coordinates between ground and pelvis, six are needed to turn the "
                "runner"
            )
        joint = self._coordinate[root[0]].getJoint()
        body = self._body[joint.getChildFrame().findBaseFrame().getName()]
        self._move(names, np.array([rows[0] for rows in values.values()]))

        def place(at: Array) -> tuple[Array, Rotation]:
            for name, value in zip(root, at, strict=True):
                self._coordinate[name].setValue(self.state, float(value), False)
            self.model.realizePosition(self.state)
            pose = body.getTransformInGround(self.state)
            w, x, y, z = (pose.R().convertRotationToQuaternion().get(i) for i in range(4))
            return pose.p().to_numpy(), Rotation.from_quat([x, y, z, w])

        given = np.array([values[name] for name in root])
        turning = [i for i, name in enumerate(root) if self.coordinates[name] == "rotational"]
        found = np.empty_like(given)
        angle = float(turn.magnitude())
        # The first from several starts, each other from the one before it.
        starts = [given[:, 0]]
        for i in turning:
            starts += [given[:, 0] + sign * angle * np.eye(_FREEDOM)[i] for sign in (1.0, -1.0)]
        for frame, at in enumerate(given.T):
            point, pose = place(at)
            aim = turn.apply(point), turn * pose
            solved = [
                one for one in (_reach(place, start, *aim) for start in starts) if one is not None
            ]
            if not solved:
                raise ValueError("the joint between ground and pelvis does not take the turn")
            found[:, frame] = min(solved, key=lambda one: float(np.abs(one[turning]).sum()))
            starts = [found[:, frame]]
        return dict(zip(root, found, strict=True))

    def _speeds(self, names: Sequence[str]) -> list[int]:
        """Where the coordinates' speeds stand among Simbody's."""
        places = []
        blank = osim.Vector(self.state.getNU(), 0.0)
        for name in names:
            self.state.setU(blank)
            self._coordinate[name].setSpeedValue(self.state, 1.0)
            places.append(int(np.flatnonzero(self.state.getU().to_numpy())[0]))
        self.state.setU(blank)
        return places

    def root(self, names: Sequence[str]) -> list[int]:
        """Positions among `names` of the coordinates between ground and the pelvis."""
        found = []
        for i, name in enumerate(names):
            parent = self._coordinate[name].getJoint().getParentFrame().findBaseFrame()
            if parent.getName() == "ground":
                found.append(i)
        return found

    def legs(self) -> set[str]:
        """Coordinates of the joints between the pelvis and the calcanei."""
        above = {
            joint.getChildFrame().findBaseFrame().getName(): joint
            for joint in self.model.getJointList()
        }
        found = set()
        for side in "rl":
            body = f"{FOOT}_{side}"
            while body in above:
                joint = above[body]
                body = joint.getParentFrame().findBaseFrame().getName()
                if body != "ground":
                    found |= {
                        joint.get_coordinates(i).getName() for i in range(joint.numCoordinates())
                    }
        return found
