"""All checks of a trial's folder, in the order of what causes what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from formats.trial import reading
from formats.trial.reading import Trial
from models.checks import contact_point, kinetics, pace, timing
from models.checks.findings import Finding
from models.checks.kinetics import Kinetics
from models.checks.posed import Posture, Skeleton


@dataclass(frozen=True)
class Examined:
    """A trial with its model's skeleton, its postures, the main stride's kinetics, findings."""

    trial: Trial
    skeleton: Skeleton
    body: Posture
    kinetics: Kinetics
    findings: list[Finding]

    @property
    def weight(self) -> float:
        """Body weight (N)."""
        return self.skeleton.mass * reading.GRAVITY

    @property
    def refusal(self) -> str | None:
        """Why nothing may be solved: the first reason, and how many more there are."""
        lines = [finding.text for finding in self.findings if finding.refused]
        more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
        return lines[0] + more if lines else None

    @property
    def warnings(self) -> list[str]:
        """What is to be warned of."""
        return [finding.text for finding in self.findings if not finding.refused]


def examine(folder: Path) -> Examined:
    """Read a trial's folder and check it. Raises ValueError, one line, where it cannot be read."""
    folder = Path(folder)
    model = folder / "model.osim"
    if not model.is_file():
        raise ValueError(f"{model}: no such file; a trial's folder holds the scaled model there")
    # What text alone can tell, before OpenSim reads the model.
    reading.of_model(model)
    skeleton = Skeleton(model)
    reading.check_gravity(skeleton.gravity, model)
    for foot in ("calcn_r", "calcn_l"):
        if foot not in skeleton.bodies:
            raise ValueError(f"{model}: it has no body {foot}, on which the ground force acts")
    trial = reading.read(folder, skeleton.coordinates, skeleton.mass)
    body = skeleton.postures(trial.curves, trial.motion.time)
    stride = trial.chosen()[0]
    measured = kinetics.measure(skeleton, trial, stride)
    weight = skeleton.mass * reading.GRAVITY
    found = contact_point.check(trial.forces, body, stride)
    found += timing.check(trial.forces, body)
    found += pace.check(trial, body, stride)
    found += kinetics.check(measured, trial, skeleton.mass, weight)
    return Examined(trial, skeleton, body, measured, found)


def refuse(found: Examined) -> None:
    """Raise ValueError, one line, if nothing may be solved with the trial."""
    if found.refusal:
        raise ValueError(found.refusal)
