"""All checks of a trial's folder, in the order of what causes what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict

from formats.trial import reading
from formats.trial.reading import Trial
from models.checks import capacity, contact_point, kinetics, muscles, pace, slack, timing
from models.checks.capacity import Needed
from models.checks.findings import Finding
from models.checks.kinetics import Kinetics
from models.checks.posed import Posture, Skeleton
from models.checks.slack import Slackness


class CheckReport(TypedDict):
    """What of intake.json the checks say; strength: None where none is enough, or all is refused.

    needed_by: the coordinate that asks for most. sole: what runner.yaml says of it.
    """

    warnings: list[str]
    slack_muscles: dict[str, Slackness]
    needed_strength_percent: float | None
    advised_strength_percent: float | None
    needed_by: str | None
    sole_height_m: float
    pelvis_residual_rms_bw: float
    sole: NotRequired[dict[str, float | None]]


@dataclass(frozen=True)
class Examined:
    """A trial with its model's skeleton, its postures, the main stride's kinetics, findings.

    slack: of the main stride's slack muscles; needed: the strength that it needs, None if the trial
    is refused.
    """

    trial: Trial
    skeleton: Skeleton
    body: Posture
    kinetics: Kinetics
    slack: dict[str, Slackness]
    needed: Needed | None
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

    def report(self) -> CheckReport:
        """Of intake.json: warnings, slack muscles, needed strength, pelvis residual."""
        needed = self.needed if self.needed is not None and self.needed.possible else None
        sole = self.trial.settings.sole
        told: CheckReport = {
            "warnings": self.warnings,
            "slack_muscles": self.slack,
            "needed_strength_percent": None if needed is None else round(100.0 * needed.most, 1),
            "advised_strength_percent": None if needed is None else needed.advised_percent,
            "needed_by": None if needed is None else needed.coordinate,
            "sole_height_m": round(pace.sole_height(self.trial, self.body), 4),
            "pelvis_residual_rms_bw": round(self.kinetics.residual_rms / self.weight, 4),
        }
        if sole is not None:
            told["sole"] = sole.model_dump()
        return told


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
    legs = skeleton.legs()
    body = skeleton.postures(trial.curves, trial.motion.time)
    stride = trial.chosen()[0]
    measured = kinetics.measure(skeleton, trial, stride)
    weight = skeleton.mass * reading.GRAVITY
    found = contact_point.check(trial.forces, body, stride)
    found += timing.check(trial.forces, body, trial.strides[trial.settings.side])
    found += pace.check(trial, body, stride)
    found += pace.check_computed(trial, stride)
    found += pace.check_weight(trial, skeleton.mass)
    found += pace.check_still(trial, stride, legs)
    found += kinetics.check(measured, trial, skeleton.mass, weight)
    if any(finding.refused for finding in found):
        return Examined(trial, skeleton, body, measured, {}, None, found)
    paths = muscles.along_stride(model, trial.curves, measured.time[::2], legs)
    loose = slack.of_stride(paths)
    found += slack.check(loose, model)
    strength = capacity.of_stride(paths, measured, legs)
    said = trial.settings.strength_percent
    path = folder / "runner.yaml"
    found += capacity.check(strength, stride.start, stride.duration, said, path)
    return Examined(trial, skeleton, body, measured, loose, strength, found)


def refuse(found: Examined) -> None:
    """Raise ValueError, one line, if nothing may be solved with the trial."""
    if found.refusal:
        raise ValueError(found.refusal)
