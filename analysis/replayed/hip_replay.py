"""The hip's loads of a case, from OpenSim's replay on anatomical paths."""

from __future__ import annotations

import numpy as np

from analysis.measures.hip_loads import HipLoads
from analysis.replayed.case import Case
from analysis.replayed.gait import Cycle, stance_weights
from analysis.replayed.quadrature import case_weights
from analysis.replayed.quantities import Anatomy
from analysis.replayed.stride import footfalls


def of_case(case: Case, side: str, found: Anatomy) -> HipLoads:
    """The loads of one hip of a replayed case. ValueError if that foot never, or always, stands."""
    foot = footfalls(case, found)[side]
    gravity = float(np.linalg.norm(case.runner.gravity))
    return HipLoads(
        side=side,
        weight=case.runner.model_mass * gravity,
        contact=foot.contact,
        time=case.time,
        percent=Cycle(case.time, foot.contact).percent(case.time),
        weights=case_weights(case),
        stance=stance_weights(case.time, foot.contact, foot.toe_off),
        force=found.hip_force[side],
        tendon=found.tendon_force[side],
        offset=found.tendon_offset[side],
        rotation=found.hip_rotation[side],
        rate=found.hip_rate[side],
        seam=None if case.periodic else 0.0,
    )
