"""What OpenSim says of a stride on the engine's own equations: muscle paths as polynomials.

One pass over the nodes; certificate and outcomes both read the result. SI, ground frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import opensim

from analysis.replayed.case import SIDES, Case
from analysis.replayed.measured import model_of
from analysis.replayed.model import GROUPS, RunnerModel
from analysis.replayed.replay import Replay

BASAL_W_KG = 1.2
# As in OpenSim's DeGrooteFregly2016Muscle.
TANH_STEEPNESS = 0.1
METABOLIC_PARTS = {
    "activation_heat": "getTotalActivationRate",
    "maintenance_heat": "getTotalMaintenanceRate",
    "shortening_heat": "getTotalShorteningRate",
    "work": "getTotalMechanicalWorkRate",
}
"""Parts of the metabolic rate, and OpenSim's names of their sums over the muscles."""


@dataclass(frozen=True)
class Dynamics:
    """N nodes, n coordinates (names), m muscles (muscle_names).

    acceleration, solver_acceleration (N, n): OpenSim's and the solver's, rad/s2 or m/s2.
    speed (N, n). generalised: (N, n) N or Nm, of muscles, contacts, actuators, passive, and net.
    activation, activation_rate (1/s), equilibrium (tendon minus
    fibre force over maximal force), tendon_force (N), lengthening (m/s, musculotendon), fibre_force
    (N, along the fibre), fibre_velocity (m/s): (N, m); contractile_force, elastic_force,
    damping_force (N, m) N, the three that make fibre_force.
    contact (side -> (N, 3) N), kinetic, potential (N,) J, mass_centre (N, 3) m, metabolic_rate (N,)
    W, gross; metabolic_parts: its parts (N,) W, all muscles, as OpenSim adds them up;
    muscle_metabolic_rate (N, m) W. mass (kg), weight (N).
    """

    names: list[str]
    muscle_names: list[str]
    acceleration: np.ndarray
    solver_acceleration: np.ndarray
    speed: np.ndarray
    generalised: dict[str, np.ndarray]
    activation: np.ndarray
    activation_rate: np.ndarray
    equilibrium: np.ndarray
    tendon_force: np.ndarray
    lengthening: np.ndarray
    fibre_force: np.ndarray
    fibre_velocity: np.ndarray
    contractile_force: np.ndarray
    elastic_force: np.ndarray
    damping_force: np.ndarray
    contact: dict[str, np.ndarray]
    kinetic: np.ndarray
    potential: np.ndarray
    mass_centre: np.ndarray
    metabolic_rate: np.ndarray
    metabolic_parts: dict[str, np.ndarray]
    muscle_metabolic_rate: np.ndarray
    mass: float
    weight: float

    @property
    def muscle_power(self) -> np.ndarray:
        """(N, m) power of fibre and tendon together on the skeleton, W, lifting positive."""
        return -self.tendon_force * self.lengthening

    @property
    def fibre_power(self) -> np.ndarray:
        """(N, m) power of the fibre (active, passive, damping), W, shortening positive."""
        return -self.fibre_force * self.fibre_velocity

    @property
    def muscle_power_parts(self) -> dict[str, np.ndarray]:
        """(N, m) W each, together muscle_power: what contracts, what is stretched, what damps."""
        parts = {
            "contractile": -self.contractile_force * self.fibre_velocity,
            "passive_fibre": -self.elastic_force * self.fibre_velocity,
            "fibre_damping": -self.damping_force * self.fibre_velocity,
        }
        return parts | {"tendon": self.muscle_power - self.fibre_power}

    def coordinate(self, table: np.ndarray, name: str) -> np.ndarray:
        """(N,) column of an (N, n) array."""
        return table[:, self.names.index(name)]


def add_metabolics(model: RunnerModel) -> opensim.Bhargava2004SmoothedMuscleMetabolics:
    """A Bhargava et al. 2004 model, smoothed (tanh), with the description's masses and fibre types.

    Negative work is not refunded; OpenSim's defaults otherwise: basal rate 1.2 W/kg, heat rate at
    least 1 W/kg of muscle. Call it before the system is made.
    """
    rate = opensim.Bhargava2004SmoothedMuscleMetabolics()
    rate.setName("metabolics")
    rate.set_use_smoothing(True)
    # Work that is done on a stretched muscle is not refunded (simulations/equations/metabolics).
    rate.set_include_negative_mechanical_work(False)
    rate.set_use_force_dependent_shortening_prop_constant(True)
    rate.set_basal_coefficient(BASAL_W_KG)
    rate.set_basal_exponent(1.0)
    for muscle in model.runner.muscles:
        component = model.component(muscle.force_path)
        # Specific tension is not used: the mass is given.
        rate.addMuscle(muscle.name, component, muscle.ratio_slow_twitch_fibers, 3e5, muscle.mass)
    model.model.addComponent(rate)
    return rate


def activation_rate(excitation: float, activation: float, rise: float, fall: float) -> float:
    """da/dt, 1/s, with the time constants (s) of rise and fall: De Groote et al. 2016, eq. 1-2.

    Written out because OpenSim's DeGrooteFregly2016Muscle keeps the time constants of the first
    muscle that a process evaluates (they are static in computeStateVariableDerivatives) and uses
    them for every other one, of whichever model.
    """
    factor = 0.5 + 1.5 * activation
    rising = 0.5 * math.tanh(TANH_STEEPNESS * (excitation - activation))
    rate = (rising + 0.5) / (rise * factor) + (0.5 - rising) * factor / fall
    return rate * (excitation - activation)


def compute(case: Case) -> Dynamics:
    """Replay a case on polynomial paths. ValueError if the folder's files do not fit together."""
    rates: list[opensim.Bhargava2004SmoothedMuscleMetabolics] = []
    model = model_of(
        case, "polynomial", lambda unfinished: rates.append(add_metabolics(unfinished))
    )
    replay = Replay(model, case)
    shape, muscles = (replay.nodes, len(model.coordinates)), (replay.nodes, len(model.muscles))
    acceleration = np.zeros(shape)
    activation, activating, equilibrium, tendon = np.zeros((4, *muscles))
    lengthening, fibre, velocity = np.zeros((3, *muscles))
    contractile, elastic, damping, paid = np.zeros((4, *muscles))
    contact = {side: np.zeros((replay.nodes, 3)) for side in SIDES}
    kinetic, potential, rate = np.zeros((3, replay.nodes))
    parts = {name: np.zeros(replay.nodes) for name in METABOLIC_PARTS}
    centre = np.zeros((replay.nodes, 3))
    keep = [model.speeds.index(name) for name in model.coordinates]
    state = model.state()
    for node in range(replay.nodes):
        replay.pose(state, node)
        model.model.realizeAcceleration(state)
        acceleration[node] = state.getUDot().to_numpy()[keep]
        for side in SIDES:
            contact[side][node] = model.contact_force(state, side)
        for i, (muscle, item) in enumerate(zip(model.muscles, case.runner.muscles, strict=True)):
            activation[node, i] = muscle.getActivation(state)
            activating[node, i] = activation_rate(
                float(muscle.getControl(state)),
                activation[node, i],
                item.activation_time_constant,
                item.deactivation_time_constant,
            )
            tendon[node, i] = muscle.getTendonForce(state)
            lengthening[node, i] = muscle.getLengtheningSpeed(state)
            fibre[node, i] = muscle.getFiberForce(state)
            velocity[node, i] = muscle.getFiberVelocity(state)
            contractile[node, i] = muscle.getActiveFiberForce(state)
            elastic[node, i] = muscle.getPassiveFiberElasticForce(state)
            damping[node, i] = muscle.getPassiveFiberDampingForce(state)
            paid[node, i] = rates[0].getMuscleMetabolicRate(state, item.force_path)
            if item.compliant_tendon:
                # OpenSim divides it by the maximal isometric force itself.
                equilibrium[node, i] = muscle.getEquilibriumResidual(state)
        kinetic[node] = model.matter.calcKineticEnergy(state)
        centre[node] = model.model.calcMassCenterPosition(state).to_numpy()
        potential[node] = -model.mass * float(model.gravity @ centre[node])
        rate[node] = rates[0].getTotalMetabolicRate(state)
        for name, getter in METABOLIC_PARTS.items():
            parts[name][node] = getattr(rates[0], getter)(state)
    return Dynamics(
        names=model.coordinates,
        muscle_names=[m.name for m in case.runner.muscles],
        acceleration=acceleration,
        solver_acceleration=replay.udot[:, keep],
        speed=np.stack([case.coordinate(name, "speed") for name in model.coordinates], axis=1),
        generalised=replay.generalised(GROUPS),
        activation=activation,
        activation_rate=activating,
        equilibrium=equilibrium,
        tendon_force=tendon,
        lengthening=lengthening,
        fibre_force=fibre,
        fibre_velocity=velocity,
        contractile_force=contractile,
        elastic_force=elastic,
        damping_force=damping,
        contact=contact,
        kinetic=kinetic,
        potential=potential,
        mass_centre=centre,
        metabolic_rate=rate,
        metabolic_parts=parts,
        muscle_metabolic_rate=paid,
        mass=model.mass,
        weight=model.weight,
    )
