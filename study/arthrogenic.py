"""Arthrogenic inhibition as a fixed point: the joint inhibits the glutes, which changes the joint.

    python -m study.arthrogenic --study results/study --case NAME --by displacement --strength 4
        writes results/study/NAME/arthrogenic/by_displacement_4/fixed_point.csv

The most that gluteal excitation may reach is 1 - strength x what the hip does: `displacement`, the
head's largest (mm, the tendon shared between pelvis and head), or `margin`, what the least rim
margin has lost against the free 100 % run (deg). The case is solved again under that ceiling until
the ceiling that its own hip asks for is the one that it ran under. Solves and replays are the
stages' own commands, each in its own process; each solve stands in a folder of its own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from formats.checkout import CHECKOUT
from formats.files import run_command, write_bytes, write_json, write_text
from formats.table import csv_text
from formats.untrusted import inside, read_object
from study.cases import free_baseline
from study.keys import read
from study.workflow import Layout

FILE = "fixed_point.csv"
LEAST = 0.03
"""Ceiling below which a gluteus counts as switched off (a muscle's least excitation is near)."""
CLOSE = 0.002
MOST_SOLVES = 8
MEASURES = {
    "displacement": "head_displacement_max_mm_tendon_shared",
    "margin": "rim_margin_min_deg_tendon_shared",
}
"""Keys of head.json."""


@dataclass(frozen=True)
class Step:
    """A solve under a ceiling: what the hip did, and the ceiling that it asks for."""

    ceiling: float
    displacement_mm: float
    margin_deg: float
    asked: float

    @property
    def settled(self) -> bool:
        """Whether it ran under the ceiling that its hip asks for."""
        return abs(self.asked - self.ceiling) <= CLOSE


def asked(strength: float, hurt: float) -> float:
    """The ceiling that a hip asks for; hurt: mm or deg, per which strength inhibits."""
    return min(max(1.0 - strength * max(hurt, 0.0), LEAST), 1.0)


def settle(run: Callable[[float], tuple[float, float]], law: Callable[..., float]) -> list[Step]:
    """Steps to the fixed point, from no ceiling on; the last is settled unless it took too many.

    run: ceiling -> displacement (mm), margin (deg); law: of these -> ceiling. The second ceiling is
    what the first asks for, each later one where a straight line through the two before settles.
    """
    steps: list[Step] = []
    ceiling = 1.0
    while len(steps) < MOST_SOLVES:
        hip = run(ceiling)
        steps.append(Step(ceiling, *hip, law(*hip)))
        last = steps[-1]
        if last.settled:
            break
        ceiling = last.asked
        if len(steps) > 1:
            before = steps[-2]
            run_on = last.asked - before.asked - last.ceiling + before.ceiling
            if run_on:
                share = (before.ceiling - before.asked) / run_on
                ceiling = before.ceiling + share * (last.ceiling - before.ceiling)
        ceiling = min(max(ceiling, LEAST), 1.0)
    return steps


class Solver:
    """A study's case under a ceiling."""

    def __init__(self, study: Path, case: str, out: Path) -> None:
        self.layout = Layout(read(study / "config.yaml"), study.parent)
        if case not in self.layout.cases:
            raise ValueError(f"{study}: case {case!r} is not among its cases")
        if self.layout.cases[case].problem != "predict":
            raise ValueError(f"{study}: case {case}: its motion is not found; problem predict is")
        self.study, self.name, self.out = study, case, out
        self.normal = free_baseline(self.layout.cases[case]).case

    def head(self, folder: Path) -> tuple[float, float]:
        """Displacement (mm) and margin (deg). ValueError for a hip without an equilibrium."""
        row = read_object(folder / "head.json")
        found = [row.get(name) for name in MEASURES.values()]
        if not all(isinstance(value, int | float) for value in found):
            raise ValueError(f"{folder / 'head.json'}: {row.get('head_status') or 'no head'}")
        return float(str(found[0])), float(str(found[1]))

    def __call__(self, ceiling: float) -> tuple[float, float]:
        """Solve and replay under a ceiling; 1: the case as it is."""
        own = inside(self.study, self.name)
        if ceiling >= 1.0:
            return self.head(own)
        folder = self.out / f"ceiling{ceiling:.4f}"
        write_json(
            folder / "case.json", read_object(own / "case.json") | {"gluteal_ceiling": ceiling}
        )
        for name in ("runner.json", "runner.osim"):
            write_bytes(folder / name, (own / name).read_bytes())
        # From the case itself, which is nearer than the 100 % run.
        options = ["--reference", str(self.layout.reference(self.name)), "--guess", str(own)]
        self._stage("simulations.predict", folder, *options)
        if read_object(folder / "solver.json").get("status") != "converged":
            raise ValueError(f"{folder}: did not converge; see its ipopt.log")
        self._stage("analysis.replay", folder)
        return self.head(folder)

    def _stage(self, module: str, folder: Path, *options: str) -> None:
        command = [sys.executable, "-m", module, "--case", str(folder), *options]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ValueError(f"{module}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Find the fixed point of arthrogenic inhibition.")
    parser.add_argument("--study", type=Path, required=True, help="folder of a finished study")
    parser.add_argument("--case", required=True, help="the case that is inhibited")
    parser.add_argument("--by", choices=tuple(MEASURES), default="displacement")
    parser.add_argument("--strength", type=float, required=True, help="per mm, or per deg lost")
    given = parser.parse_args()
    if not 0 < given.strength < 1e3:
        parser.error(f"--strength: {given.strength:g} is not allowed; above 0 below 1000 is")
    study = given.study.resolve()
    out = study / given.case / "arthrogenic" / f"by_{given.by}_{given.strength:g}"
    solver = Solver(study, given.case, out)
    _, usual = solver.head(study / solver.normal)

    def law(displacement: float, margin: float) -> float:
        hurt = displacement if given.by == "displacement" else usual - margin
        return asked(given.strength, hurt)

    steps = settle(solver, law)
    table = pd.DataFrame([asdict(step) | {"settled": step.settled} for step in steps])
    write_text(out / FILE, csv_text(table, "%.6g"))
    last = steps[-1]
    state = "settled" if last.settled else "not settled"
    print(
        f"{given.case}: ceiling {last.ceiling:.3f} ({state}, {len(steps)} runs), head "
        f"{last.displacement_mm:.3f} mm, margin {last.margin_deg:.2f} deg; {out / FILE}"
    )


if __name__ == "__main__":
    run_command(main)
