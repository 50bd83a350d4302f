"""Write tree.b3d with nimblephysics, which owns the format and is no dependency of this project.

    python write_tree_b3d.py MODEL.osim tree.b3d

Done once, with nimblephysics 0.10.52 and numpy below 2; the model is the one inside tree.b3d, whose
joints and coordinates are listed out of order on purpose. test_b3d.py expects its numbers.
"""

import sys
from pathlib import Path

import nimblephysics_libs._nimblephysics as nimble
import numpy as np

MODEL, OUT = sys.argv[1:]
b = nimble.biomechanics
skeleton_file = b.OpenSimParser.parseOsim(MODEL)
skeleton = skeleton_file.skeleton
dofs, joints = skeleton.getNumDofs(), skeleton.getNumJoints()
head = b.SubjectOnDiskHeader()
head.setNumDofs(dofs)
head.setNumJoints(joints)
head.setGroundForceBodies(["d", "e"])
types = (b.ProcessingPassType.KINEMATICS, b.ProcessingPassType.DYNAMICS)
for kind in types:
    one = head.addProcessingPass()
    one.setProcessingPassType(kind)
    one.setOpenSimFileText(Path(MODEL).read_text())
for number, (name, frames, passes) in enumerate(
    (("Walk 1", 4, 1), ("Run 1", 6, 2), ("run-1", 5, 2))
):
    trial = head.addTrial()
    trial.setName(name)
    trial.setTimestep(0.01)
    trial.setTrialLength(frames)
    bad = b.MissingGRFReason.forceDiscrepancy
    good = b.MissingGRFReason.notMissingGRF
    trial.setMissingGRFReason([bad if number == 1 and 2 <= t < 4 else good for t in range(frames)])
    trial.setMarkerObservations([{"m": np.array([t, 0.0, 0.0])} for t in range(frames)])
    for kind in types[:passes]:
        made = trial.addPass()
        made.setType(kind)
        t = np.arange(frames)

        def rows(
            count: int, start: float, shift: np.ndarray = 0.01 * t + 0.001 * number
        ) -> np.ndarray:
            return start + np.arange(count)[:, None] + shift

        zeros = np.zeros(frames)
        for setter in (
            made.setLinearResidual,
            made.setAngularResidual,
            made.setMarkerRMS,
            made.setMarkerMax,
        ):
            setter(zeros)
        for setter in (
            made.setDofPositionsObserved,
            made.setDofVelocitiesFiniteDifferenced,
            made.setDofAccelerationFiniteDifferenced,
        ):
            setter([True] * dofs)
        made.setPoses(rows(dofs, 0.0 if kind == types[1] else 50.0))
        made.setGroundBodyCopTorqueForce(rows(18, 100.0))
        for setter, count in (
            (made.setVels, dofs),
            (made.setAccs, dofs),
            (made.setTaus, dofs),
            (made.setGroundBodyWrenches, 12),
            (made.setComPoses, 3),
            (made.setComVels, 3),
            (made.setComAccs, 3),
            (made.setComAccsInRootFrame, 3),
            (made.setResidualWrenchInRootFrame, 6),
            (made.setGroundBodyWrenchesInRootFrame, 12),
            (made.setGroundBodyCopTorqueForceInRootFrame, 18),
            (made.setJointCenters, 3 * joints),
            (made.setJointCentersInRootFrame, 3 * joints),
            (made.setRootSpatialVelInRootFrame, 6),
            (made.setRootSpatialAccInRootFrame, 6),
            (made.setRootPosHistoryInRootFrame, 15),
            (made.setRootEulerHistoryInRootFrame, 15),
        ):
            setter(np.full((count, frames), -1.0))
b.SubjectOnDisk.writeB3D(OUT, head)
