"""Activation dynamics against OpenSim."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np

from analysis.replayed.dynamics import activation_rate

# A process of its own: OpenSim keeps the first muscle's time constants (see activation_rate).
OPENSIM = """
import json, sys
import opensim
rows = []
for rise, fall in json.loads(sys.argv[1]):
    model = opensim.Model()
    muscle = opensim.DeGrooteFregly2016Muscle()
    muscle.setName("muscle")
    muscle.set_ignore_tendon_compliance(True)
    muscle.set_activation_time_constant(rise)
    muscle.set_deactivation_time_constant(fall)
    muscle.addNewPathPoint("origin", model.updGround(), opensim.Vec3(0))
    muscle.addNewPathPoint("insertion", model.updGround(), opensim.Vec3(0.35, 0, 0))
    model.addForce(muscle)
    state = model.initSystem()
    for excitation, activation in [(0.9, 0.1), (0.1, 0.9), (0.5, 0.45)]:
        muscle.setActivation(state, activation)
        model.realizeVelocity(state)
        model.setControls(state, opensim.Vector(1, excitation))
        model.realizeAcceleration(state)
        rows.append(muscle.getStateVariableDerivativeValue(state, "activation"))
print(json.dumps(rows))
"""


def test_rate_is_opensims_for_a_first_muscle() -> None:
    for rise, fall in [(0.015, 0.06), (0.01, 0.04)]:
        command = [sys.executable, "-c", OPENSIM, json.dumps([[rise, fall]])]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        asked = [(0.9, 0.1), (0.1, 0.9), (0.5, 0.45)]
        own = [activation_rate(e, a, rise, fall) for e, a in asked]
        np.testing.assert_allclose(own, json.loads(said.splitlines()[-1]), rtol=1e-9)
