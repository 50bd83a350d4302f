"""Certify one case: take the stored motion back to OpenSim and check it there.

    python -m analysis.certify --case DIR     writes DIR/certificate.json

A solve that did not converge is never certified. What is compared and how far it may differ stands
beside every value. Where the case folder holds agreement_fine.json, the primary endpoints must stay
when the mesh is doubled. Reported, not required: forward integration of short windows.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from analysis.checks import bounds
from analysis.checks import measured as measured_checks
from analysis.checks import stride as checks
from analysis.replayed.case import Case, read_solver
from analysis.replayed.measured import is_measured
from analysis.replayed.quantities import Anatomy, Dynamics
from analysis.replayed.stride import Replays
from formats.files import run_command, write_json
from formats.records import CERTIFICATE as FILE
from formats.records import Agreement, Certificate, JudgedBound

MESH_CHECK = "agreement_fine.json"


def certify(folder: Path, replays: Replays | None = None) -> Certificate:
    """The certificate of a case folder, as it stands in certificate.json.

    replays: of that folder, if there are any yet.
    ValueError only if there is no folder or no solver record; all else is a reason not to certify.
    """
    folder = Path(folder)
    solver = read_solver(folder)
    judged = tuple(
        JudgedBound(**bound.model_dump(), physical=bounds.is_physical(bound))
        for bound in solver.active_bounds or ()
    )

    def refused(reason: str) -> Certificate:
        return Certificate(certified=False, reasons=(reason,), active_bounds=judged)

    if not solver.converged:
        return refused(solver.failure)
    try:
        replays = replays or Replays(folder)
        found, terms, differences = examine(replays)
        reported = report(replays)
    except (ValueError, RuntimeError) as error:
        return refused(str(error).splitlines()[0])
    reasons = tuple(
        f"{name}: {check.value:.3g} {check.unit}, limit {check.limit:g} ({check.compared})"
        for name, check in found.items()
        if not check.passed
    )
    return Certificate(
        certified=not reasons,
        reasons=reasons,
        checks={name: check.record for name, check in found.items()},
        joint_moment_difference=differences,
        active_bounds=judged,
        energy=terms,
        reported=reported,
    )


def examine(
    replays: Replays,
) -> tuple[dict[str, checks.Check], dict[str, float], dict[str, float]]:
    """All required checks, the energy terms (J), and the joint moment differences (% of peak)."""
    case, truth = replays.case, replays.dynamics
    differences = checks.joint_moment_difference(truth, replays.anatomy)
    terms = checks.energy_terms(case, truth)
    found = _required(case, truth, replays.anatomy, differences, terms)
    path = case.folder / MESH_CHECK
    if path.exists():
        found["mesh_doubling"] = checks.mesh_doubling(Agreement.of(path))
    return found, terms, differences


def _required(
    case: Case,
    truth: Dynamics,
    anatomy: Anatomy,
    differences: dict[str, float],
    terms: dict[str, float],
) -> dict[str, checks.Check]:
    if is_measured(case):
        return measured_checks.required(case, truth, differences)
    return {
        "acceleration": checks.accelerations(truth),
        "ground_force": checks.ground_force(case, truth),
        "tendon_equilibrium": checks.tendon_equilibrium(truth),
        **checks.pelvis_residuals(case, anatomy),
        "joint_moment": checks.path_check(differences),
        "forward_speed": checks.forward_speed(case, truth),
        "active_bounds": bounds.active_bounds(case.solver),
        "energy_balance": checks.energy_balance(terms),
        "collocation": checks.collocation(case, truth),
        "stride_closes": checks.stride_closes(case),
    }


def report(replays: Replays) -> dict[str, object]:
    """What is measured and told, but required of no case."""
    case, window = replays.case, replays.windows
    mesh = {"mesh_doubling": "run" if (case.folder / MESH_CHECK).exists() else "not run"}
    if window is None:
        found = checks.pelvis_residuals(case, replays.anatomy)
        residual = {
            name: check.record.model_dump(exclude={"limit", "passed"})
            for name, check in found.items()
        }
        return {
            "measured": measured_checks.reported(case.folder),
            "left_out": measured_checks.LEFT_OUT,
            **residual,
            **mesh,
        }
    return {
        "forward_integration": {
            "windows": window.count,
            "length_s": window.length_s,
            "rotation_rms_deg": _finite(math.degrees(window.rotation_rms_rad)),
            "rotation_max_deg": _finite(math.degrees(window.rotation_max_rad)),
            "translation_max_mm": _finite(1000 * window.translation_max_m),
        },
        **mesh,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Check a solved case in OpenSim.")
    parser.add_argument("--case", type=Path, required=True, help="case folder")
    folder = parser.parse_args().case
    certificate = certify(folder)
    write_json(folder / FILE, certificate.to_json())
    verdict = "certified" if certificate.certified else "NOT certified"
    print(f"[{folder.name}] {verdict}", *certificate.reasons, sep="\n  ")


if __name__ == "__main__":
    run_command(main)
