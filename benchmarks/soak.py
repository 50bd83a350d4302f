"""Soak: a small study that is killed, starved of disk and started twice until it has had enough.

    python -m benchmarks.soak [--kills 20] [--seed 1] [--out docs/soak.md]

One study runs undisturbed. Then the same study, in fresh folders, is interrupted at random moments
and started again by the same command, until it ends. A fault is survived when no file is left half
written after it, the next start goes on, and in the end outcomes.csv is that of the undisturbed
run; else it counts as lost.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from benchmarks import faults
from benchmarks.commands import ROOT
from benchmarks.faults import Study
from benchmarks.machine import machine
from benchmarks.tables import table
from formats.files import run_command, write_text
from formats.yaml import read as read_yaml

TINY = ROOT / "tests" / "workflow" / "tiny.yaml"
KILLS: dict[str, Callable[..., bool]] = {
    "kill -9 of the study, its whole process group": faults.kill_study,
    "kill -9 of one solve": faults.kill_solve,
    "kill -9 of the command alone": faults.kill_launcher,
    "kill -9 of Snakemake alone": faults.kill_snakemake,
}
FULL, TWICE = "full disk", "a second start in the same folder"
DISKS_MB = (0.05, 1.0, 3.0, 5.0)
# Starts in a row that may be refused (each waits for some seconds).
PATIENCE = 30


@dataclass
class Tally:
    """Faults by kind: how many were tried, and what was lost by which."""

    tried: dict[str, int] = field(default_factory=dict)
    lost: list[tuple[str, str]] = field(default_factory=list)
    largest: float = 0.0

    def count(self, kind: str, losses: list[str]) -> None:
        """One more fault of a kind, with what it lost."""
        self.tried[kind] = self.tried.get(kind, 0) + 1
        self.lost += [(kind, loss) for loss in losses]
        tell(f"{kind}: {'; '.join(losses) or 'survived'}")


def tell(text: str) -> None:
    """Progress, on stderr."""
    print(f"soak: {text}", file=sys.stderr, flush=True)


def killed(study: Study, reference: Path, kills: int, dice: random.Random, tally: Tally) -> None:
    """Start, kill at random moments in random ways, until `kills` are done; then to the end."""
    done: list[str] = []
    refused = 0
    while len(done) < kills:
        kind = dice.choice(list(KILLS))
        with study.start() as process:
            if not faults.wait(process, dice.uniform(2, 25)):
                if (study.folder / "outcomes.csv").exists():
                    break
                refused += 1  # what an earlier kill left behind is still at work
                if refused > PATIENCE:
                    tally.lost.append((done[-1], "the folder stays held"))
                    return
                continue
            refused = 0
            if not KILLS[kind](process):
                kind = next(iter(KILLS))
                KILLS[kind](process)
            process.communicate()
        done.append(kind)
        tally.count(kind, faults.unreadable(study.folder))
    finish(study, reference, done[-1] if done else "none", tally)


def finish(study: Study, reference: Path, kind: str, tally: Tally) -> None:
    """Run to the end and compare with the undisturbed run."""
    code, said = study.finish()
    losses = [f"ended with code {code}: {said.strip().splitlines()[-1]}"] if code else []
    if not code:
        losses, largest = faults.differences(study.folder, reference)
        tally.largest = max(tally.largest, largest)
        losses += faults.unreadable(study.folder)
    tally.lost += [(kind, loss) for loss in losses]
    tell(f"ended: {'; '.join(losses) or 'outcomes as undisturbed'}")


def starved(study: Study, disk: Path, reference: Path, tally: Tally) -> None:
    """The disk fills up, at several sizes; each time the study stops, and goes on with more."""
    with faults.small_disk(disk, DISKS_MB[0]) as enlarge:
        for size in DISKS_MB:
            enlarge(size)
            code, said = study.finish()
            losses = faults.unreadable(study.folder)
            if code and "No space left on device" not in said:
                losses.append(f"does not say what is wrong: {said.strip().splitlines()[-1]}")
            if "Traceback" in said:
                losses.append("shows a traceback")
            if code:
                tally.count(FULL, losses)
        enlarge(200)
        finish(study, reference, FULL, tally)


def twice(study: Study, reference: Path, tries: int, dice: random.Random, tally: Tally) -> None:
    """While a run goes on, the same command is given again: refused in one line."""
    with study.start() as first:
        for _ in range(tries):
            if not faults.wait(first, dice.uniform(1, 10)):
                break
            with study.start() as second:
                said, _ = second.communicate()
            losses = faults.unreadable(study.folder)
            if (
                second.returncode != 2
                or said.count("\n") > 2
                or "going on; wait for it" not in said
            ):
                losses.append(f"the second run was not refused: {said.strip()}")
            tally.count(TWICE, losses)
        first.communicate()
    if first.returncode:
        tally.lost.append((TWICE, "the first run did not end well"))
    finish(study, reference, TWICE, tally)


def report(tally: Tally, command: str, seconds: float) -> str:
    """docs/soak.md."""
    kinds = {kind: len({loss for k, loss in tally.lost if k == kind}) for kind in tally.tried}
    rows = [(kind, n, min(n, kinds[kind])) for kind, n in tally.tried.items()]
    rows.append(("all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    cells = [[kind, str(n), str(n - lost), str(lost)] for kind, n, lost in rows]
    host = machine()
    text = f"""# Faults tried, survived, lost

`{command}` interrupts a small study (planar runner, 20 intervals, two doses, 33 steps) at random
moments and starts it again with the same command, until it ends. A fault is survived when no file
under its own name is left half written, the next start goes on, and in the end every column of
`outcomes.csv` is that of an undisturbed run (within {faults.RELATIVE:g} of its value; times apart).

{table(["fault", "tried", "survived", "lost"], cells)}

Largest relative difference of any outcome: {tally.largest:.1e}. Took {seconds / 60:.0f} min on
{host["cores"]} cores ({host["cpu"]}), other work beside it.
"""
    if tally.lost:
        text += "\n" + "\n".join(f"- {kind}: {loss}" for kind, loss in tally.lost) + "\n"
    return text + HOW


HOW = """
## Why nothing should be lost

- Every file is written to a temporary name and renamed (`formats/files.py`). A solve's record,
  `solver.json`, comes last; Snakemake runs a step again whose output is not there.
- A run holds its study's folder by a lock of the operating system (`.lock`), which a killed process
  cannot leave behind. Snakemake inherits it, and is ended by the system when the command is killed
  (on Linux; elsewhere it may stay behind, and a second start is refused in one line).
- A solve may outlive a killed Snakemake. It holds its case's folder (`.alone`), so the same solve
  of the next run waits for it instead of writing into the same files.
- On a full disk a step ends in one line; with more room the same command goes on.
"""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Interrupt a small study at random moments.")
    parser.add_argument("--kills", type=int, default=20, help="kill -9 at random moments")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    parser.add_argument("--out", type=Path, help="file for the report, docs/soak.md")
    arguments = parser.parse_args()
    dice, tally, start = random.Random(arguments.seed), Tally(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak.", ignore_cleanup_errors=True) as name:
        work = Path(name)
        config = work / "soak.yaml"
        config.write_text(yaml.safe_dump(read_yaml(TINY) | {"name": "soak"}))

        def fresh(folder: str) -> Study:
            cwd = work / folder
            cwd.mkdir(exist_ok=True)
            return Study(config, cwd, cwd / "results", "soak")

        undisturbed = fresh("undisturbed")
        code, said = undisturbed.finish()
        if code:
            raise ValueError(f"the undisturbed study failed: {said.strip().splitlines()[-1]}")
        reference = undisturbed.folder
        tell(f"undisturbed: {time.monotonic() - start:.0f} s")
        for round_ in range(1000):
            left = arguments.kills - sum(tally.tried.get(kind, 0) for kind in KILLS)
            if left <= 0:
                break
            killed(fresh(f"killed{round_}"), reference, left, dice, tally)
        twice(fresh("twice"), reference, 5, dice, tally)
        try:
            disk = work / "disk"
            starved(Study(config, work, disk / "results", "soak"), disk, reference, tally)
        except OSError as error:
            tell(f"{FULL}: not tried; {error}")
    text = report(tally, "make soak", time.monotonic() - start)
    print(text)
    if arguments.out:
        write_text(arguments.out, text)
    if tally.lost:
        sys.exit(1)


if __name__ == "__main__":
    run_command(main)
