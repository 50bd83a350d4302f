"""What OpenSim says of a stride on the engine's own equations: muscle paths as polynomials.

One pass over the nodes; certificate and outcomes both read the result. SI, ground frame.
"""

from __future__ import annotations

import math

import numpy as np
from opensim import Bhargava2004SmoothedMuscleMetabolics as Metabolics

from analysis.replayed.case import Case
from analysis.replayed.case_model import model_of
from analysis.replayed.model import GROUPS, RunnerModel
from analysis.replayed.quantities import BASAL_W_KG, Dynamics
from analysis.replayed.replay import Replay
from formats.muscles import VELOCITY_SMOOTHING
from formats.names import SIDES

# As in OpenSim's DeGrooteFregly2016Muscle.
TANH_STEEPNESS = 0.1
METABOLIC_PARTS = {
    "activation_heat": "getTotalActivationRate",
    "maintenance_heat": "getTotalMaintenanceRate",
    "shortening_heat": "getTotalShorteningRate",
    "work": "getTotalMechanicalWorkRate",
}
"""Parts of the metabolic rate, and OpenSim's names of their sums over the muscles."""


def add_metabolics(model: RunnerModel) -> Metabolics:
    """A Bhargava et al. 2004 model, smoothed (tanh), with the description's masses and fibre types.

    Negative work is not refunded; OpenSim's defaults otherwise: basal rate 1.2 W/kg, heat rate at
    least 1 W/kg of muscle; but the fibre's velocity is smoothed over 1 mm/s, not 100. Call it
    before the system is made.
    """
    rate = Metabolics()
    rate.setName("metabolics")
    rate.set_use_smoothing(True)
    rate.set_velocity_smoothing(VELOCITY_SMOOTHING)
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
    return dynamics_of(*on_polynomials(case))


def on_polynomials(case: Case) -> tuple[Replay, Metabolics]:
    """A case on the polynomial paths, and the model of what its muscles pay."""
    rates: list[Metabolics] = []
    model = model_of(
        case, "polynomial", lambda unfinished: rates.append(add_metabolics(unfinished))
    )
    return Replay(model, case), rates[0]


def dynamics_of(replay: Replay, metabolics: Metabolics) -> Dynamics:
    """All of `Dynamics`, node by node."""
    model, case = replay.model, replay.case
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
            paid[node, i] = metabolics.getMuscleMetabolicRate(state, item.force_path)
            if item.compliant_tendon:
                # OpenSim divides it by the maximal isometric force itself.
                equilibrium[node, i] = muscle.getEquilibriumResidual(state)
        kinetic[node] = model.matter.calcKineticEnergy(state)
        centre[node] = model.model.calcMassCenterPosition(state).to_numpy()
        potential[node] = -model.mass * float(model.gravity @ centre[node])
        rate[node] = metabolics.getTotalMetabolicRate(state)
        for name, getter in METABOLIC_PARTS.items():
            parts[name][node] = getattr(metabolics, getter)(state)
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
