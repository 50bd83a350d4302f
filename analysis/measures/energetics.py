"""What running costs: metabolic energy and muscle work per kilogram and metre."""

from __future__ import annotations

import numpy as np

from analysis.replayed.quadrature import negative, positive
from analysis.replayed.quantities import BASAL_W_KG, Dynamics

# Work over energy of muscle that shortens, and that is stretched (Margaria 1968).
CONCENTRIC_EFFICIENCY, ECCENTRIC_EFFICIENCY = 0.25, 1.2


def outcomes(d: Dynamics, weights: np.ndarray, *, distance: float) -> dict[str, float]:
    """Gross and net metabolic cost and muscle work, J/kg/m, of all muscles of both sides.

    Gross includes the basal rate of 1.2 W/kg. Metabolic rate: Bhargava et al. 2004, smoothed, by
    OpenSim's Bhargava2004SmoothedMuscleMetabolics with the description's muscle masses, and that of
    the muscles that the actuators of trunk and arms stand for. Work: of musculotendon units (on the
    skeleton) and of their fibres. weights (N,) s; distance (m) of the stride.
    """
    per = d.mass * distance
    actuators = d.speed * d.generalised["actuators"]
    concentric, eccentric = (f(weights, actuators).sum() for f in (positive, negative))
    driven = float(concentric / CONCENTRIC_EFFICIENCY + eccentric / ECCENTRIC_EFFICIENCY) / per
    gross = float(weights @ d.metabolic_rate) / per + driven
    basal = BASAL_W_KG * float(weights.sum()) / distance
    row = {
        "metabolic_cost_j_kg_m": gross,
        "metabolic_cost_net_j_kg_m": gross - basal,
        "metabolic_cost_actuators_j_kg_m": driven,
    }
    for name, power in (("muscle", d.muscle_power), ("fibre", d.fibre_power)):
        row[f"{name}_positive_work_j_kg_m"] = float(np.sum(positive(weights, power))) / per
        row[f"{name}_negative_work_j_kg_m"] = float(np.sum(negative(weights, power))) / per
    return row
