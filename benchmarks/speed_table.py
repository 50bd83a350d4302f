"""How fast the committed code is, beside what is asked of it: one table, made by one command.

    python -m benchmarks.speed_table [--docs docs] [--study] [--curves] [--out DIR]

Each row is measured by a command of its own, one after the other: benchmarks.engine_speed (planar),
benchmarks.spatial_speed, benchmarks.ready, and the steps of one case (benchmarks.case_speed). The
default study's own time is that of its kept record (results/reference/run.json), or with --study
measured anew. --docs: a folder whose pages get the table (performance.md) and where the time goes
(engine.md) between their marks; refused while files differ from the commit. Where other work went
on, times on the clock are marked.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import case_speed, commands
from benchmarks.default_study import STUDY
from benchmarks.machine import machine, usable_cores
from benchmarks.records import Ready, Step, Timed, Told
from benchmarks.tables import renew, table
from formats import origin, run_record
from formats.files import run_command, write_json, write_text
from formats.run_record import RunRecord

MARKS = ("<!-- speed -->", "<!-- end of speed -->")
"""Before and after the table in performance.md."""
PROFILE = ("<!-- profile -->", "<!-- end of profile -->")
"""Before and after the solves' tables in engine.md."""
OWN, KEPT = (commands.ROOT / "results" / name for name in ("study", "reference"))
"""Where the default study's own results are, and those that are kept."""
PREDICT = "simulations.predict"
# Share of the cores that others use, from which times on the clock are marked.
_BUSY = 0.25


@dataclass(frozen=True)
class Row:
    """What is measured; before: of the first edition; asked: at most so much.

    clock: as waited for; used: processor time. None: not told in that way.
    """

    what: str
    before: str
    asked: str
    clock: float | None
    used: float | None
    unit: str = "s"
    note: str = ""
    made: str = ""
    """Commit that it was measured on, where that is another one than the table's."""


def solve_rows(ready: Ready, planar: dict[str, Timed], spatial: dict[str, Timed]) -> list[Row]:
    """Rows of single solves and of what goes before them."""
    found = [
        Row(
            "ready to solve another strength or body",
            *("9 s", "0.5 s", ready["seconds"], ready["processor_seconds"]),
            note=f"Python and its packages before that: {ready['starting']:.2f} s",
        )
    ]
    dose, cold = spatial["warm"], together([planar["cold"], spatial["lifted"]])
    found += [
        _solve("neighbouring dose in three dimensions, solve", "17 s", "5 s", dose),
        _solve("three dimensions from the norm curves", "103 s", "40 s", cold),
    ]
    if "curves" in spatial:
        what = "the same without the planar runner"
        found.append(_solve(what, "95 s", "40 s", spatial["curves"]))
    return [*found, _solve("planar neighbouring dose, solve", "1.7 s", "0.5 s", planar["warm"])]


def _solve(what: str, before: str, asked: str, record: Timed) -> Row:
    ended = "" if record["converged"] else f", {record['status']}"
    note = f"{record['iterations']} iterations{ended}"
    return Row(what, before, asked, record["seconds"], record["processor_seconds"], note=note)


def together(records: list[Timed]) -> Timed:
    """Solves that lead to one, as one record."""
    parts: dict[str, float] = {}
    for record in records:
        for part, spent in record["profile"].items():
            parts[part] = parts.get(part, 0.0) + spent
    iterations = sum(record["iterations"] for record in records)
    seconds = sum(record["seconds"] for record in records)
    used = sum(record["processor_seconds"] for record in records)
    return {
        **records[-1],
        "converged": all(record["converged"] for record in records),
        "iterations": iterations,
        "seconds": seconds,
        "processor_seconds": used,
        "seconds_per_iteration": seconds / max(iterations, 1),
        "processor_seconds_per_iteration": used / max(iterations, 1),
        "profile": parts,
        "peak_memory_gib": max(record["peak_memory_gib"] for record in records),
    }


def case_rows(steps: list[Step], ended: str) -> list[Row]:
    """Rows of one whole case."""
    each = ", ".join(f"{s['command'].split('.')[1]} {s['processor_seconds']:.1f}" for s in steps)
    predict = next(step for step in steps if step["command"] == PREDICT)
    return [
        Row(
            "warm case in three dimensions, from its row to its outcomes",
            *("45 s of processor time", "10 s of processor time"),
            sum(step["seconds"] for step in steps),
            sum(step["processor_seconds"] for step in steps),
            note=f"{each}; {ended}",
        ),
        Row(
            "memory of a solve in three dimensions",
            *("0.85 GiB", "1 GiB", predict["peak_memory_gib"], None, "GiB"),
        ),
    ]


def told_row(told: Told) -> Row:
    """Row of the derivatives."""
    note = (
        f"{told['outcomes']} outcomes by {told['parameters']} parameters, {told['muscles']} "
        f"strengths among them; before that {told['settling_processor_seconds']:.1f} s without "
        "the barrier"
    )
    what = "all muscles' strengths on all outcomes, after the solve"
    return Row(what, "-", "2 s", told["seconds"], told["processor_seconds"], note=note)


def study_row(kept: RunRecord | None) -> Row:
    """Row of the default study, on so many cores as it was run on."""
    what, before, asked = (
        *("default study, from nothing", "45 min (estimated, 90 runs, 2 cores)"),
        "15 min, forecast within 25 %",
    )
    if kept is None or not kept["whole"]:
        return Row(what, before, asked, None, None, "min", "no record of a whole run is kept")
    share = kept["forecast_core_s"] / kept["processor_seconds"]
    note = (
        f"{kept['solves']} solves, {kept['cores']} cores; forecast over measured: "
        f"{kept['forecast_s'] / kept['seconds']:.2f} on the clock, {share:.2f} of processor time"
    )
    made = (kept["commit"] or "-")[:7] + ("+" if kept["changed"] else "")
    clock, used = (kept[name] / 60 for name in ("seconds", "processor_seconds"))
    return Row(what, before, asked, clock, used, "min", note, made)


def report(rows: list[Row], made: str, here: str, loaded: float) -> str:
    """The table, and on what it was measured. loaded: cores that others used meanwhile."""
    mark = "*" if loaded > _BUSY * usable_cores() else ""

    def size(value: float | None, row: Row, marked: str) -> str:
        if value is None:
            return "-"
        digits = 2 if value < 10 else 1 if value < 100 else 0
        return f"{value:.{digits}f} {row.unit}{marked}"

    lines = [
        [
            *(row.what, row.before, row.asked),
            size(row.clock, row, mark if row.unit == "s" else ""),
            *(size(row.used, row, ""), row.note, row.made or made),
        ]
        for row in rows
    ]
    header = [
        *("what", "first edition", "asked", "measured", "processor time"),
        *("of which", "commit"),
    ]
    text = [table(header, lines), "", f"`make benchmark` on {here}."]
    if mark:
        text.append(
            f"\\* Other work took {loaded:.1f} cores meanwhile: times on the clock are too long, "
            "and processor time, too, by as much as caches and threads are shared."
        )
    return "\n".join(text)


def profile(out: Path, made: str) -> str:
    """Where the time of the solves goes, as the two benchmarks have written it into `out`."""
    planar, spatial = (
        (out / name / file).read_text().strip()
        for name, file in (("planar", "engine_speed.md"), ("spatial", "spatial_speed.md"))
    )
    return f"Planar runner, {made}:\n\n{planar}\n\nIn three dimensions:\n\n{spatial}"


def run_study(out: Path) -> RunRecord | None:
    """Run the default study from nothing; its record."""
    line = ["run", "--yes", f"--cores={usable_cores()}", f"--results={out}", str(STUDY)]
    if (out / "study").exists():
        raise ValueError(f"{out / 'study'}: is there already; a whole run starts from nothing")
    done = subprocess.run([sys.executable, "-m", "hipdrive", *line], env=commands.environment())
    if done.returncode:
        raise ValueError(f"the study ended with code {done.returncode}")
    return run_record.read(out / "study")


def kept_record() -> RunRecord | None:
    """Of the default study as last run here from nothing, else of the one that is kept."""
    found = [run_record.read(folder) for folder in (OWN, KEPT)]
    return next((one for one in found if one and one["whole"]), None)


def measure(out: Path, curves: bool) -> dict[str, Any]:
    """All measurements but the study's, by name."""
    runners = {name: out / f"runner_{name}" for name in ("planar", "spatial")}
    for name, folder in runners.items():
        if not (folder / "runner.json").is_file():
            _progress(f"building the {name} runner")
            commands.run("models.build", {"runner": name, "out": folder})
    planar, spatial = out / "planar", out / "spatial"
    _progress("a planar study's solves")
    commands.run("benchmarks.engine_speed", {"runner": runners["planar"], "out": planar})
    _progress("a spatial study's solves")
    line = commands.command(
        "benchmarks.spatial_speed",
        {
            "runner": runners["spatial"],
            "planar-solution": planar / "reference",
            "out": spatial,
        },
    )
    line += ["--curves"] if curves else []
    subprocess.run(line, env=commands.environment(), check=True, stderr=subprocess.DEVNULL)
    _progress("ready to solve, and one whole case")
    weaker = spatial / "runner_weaker"
    commands.run("benchmarks.ready", {"runner": weaker, "out": out / "ready.json"})
    steps, ended = case_speed.measure(
        runners["spatial"], spatial / "reference", spatial / "baseline", out / "case"
    )
    engine = {
        name: json.loads((folder / file).read_text())
        for name, folder, file in (
            ("planar", planar, "engine_speed.json"),
            ("spatial", spatial, "spatial_speed.json"),
            ("ready", out, "ready.json"),
        )
    }
    return {**engine, "case": {"steps": steps, "ended": ended}}


def busy(before: os.times_result, after: os.times_result, used: tuple[float, float]) -> float:
    """Cores that other processes used between two moments; used: of all processes (s)."""
    own = sum(after[:4]) - sum(before[:4])
    return max((used[1] - used[0] - own) / max(after.elapsed - before.elapsed, 1e-9), 0.0)


def _all_cores() -> float:
    """Seconds that all cores of the machine were busy since its start; 0 where it is not told."""
    listing = Path("/proc/stat")
    if not listing.exists():
        return 0.0
    ticks = [int(word) for word in listing.read_text().splitlines()[0].split()[1:]]
    idle = ticks[3] + ticks[4]
    return (sum(ticks[:8]) - idle) / os.sysconf("SC_CLK_TCK")


def _progress(text: str) -> None:
    print(f"[benchmark] {text}", file=sys.stderr, flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure how fast the committed code is.")
    parser.add_argument("--docs", type=Path, help="folder of the pages to renew")
    parser.add_argument("--study", action="store_true", help="run the default study, too")
    parser.add_argument("--curves", action="store_true", help="also without the planar runner")
    parser.add_argument("--out", type=Path, default=Path("results/benchmark"))
    args = parser.parse_args()
    here = origin.commit()
    if args.docs and here["changed"]:
        raise ValueError("files differ from the commit: commit them, then measure")
    began, used = os.times(), _all_cores()
    found = measure(args.out, args.curves)
    kept = run_study(args.out / "whole") if args.study else kept_record()
    loaded = busy(began, os.times(), (used, _all_cores()))
    rows = [
        *solve_rows(found["ready"], found["planar"]["solves"], found["spatial"]["solves"]),
        *case_rows(found["case"]["steps"], found["case"]["ended"]),
        told_row(found["spatial"]["told"]),
        study_row(kept),
    ]
    host = machine()
    made = (here["commit"] or "-")[:7] + ("+" if here["changed"] else "")
    text = report(rows, made, f"{host['cores']} cores of {host['cpu']}", loaded)
    write_json(args.out / "speed_table.json", {**here, "loaded": loaded, "machine": host, **found})
    write_text(args.out / "speed_table.md", text + "\n")
    print(text, flush=True)
    if args.docs:
        renew(args.docs / "performance.md", text, MARKS)
        renew(args.docs / "engine.md", profile(args.out, f"commit {made}"), PROFILE)


if __name__ == "__main__":
    run_command(main)
