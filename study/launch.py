"""One command for a whole study: check the configuration, run Snakemake, say how it ended.

    python -m study.launch --config config/study.yaml --cores 2 --results results

Plain `snakemake --cores 2 --configfile config/study.yaml` makes the same files. This adds a lock
that a killed run does not leave behind, tells the cost before it starts, goes on past a case that
crashes, still writes outcomes.csv then, and closes with the cases and the verdicts. With --debug an
error of any step comes with its traceback.
"""

from __future__ import annotations

import argparse
import fcntl
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

from formats import imports
from formats.files import run_command
from formats.lock import open_lock
from formats.untrusted import read_table
from formats.yaml import read as read_yaml
from study import child, cost, environment, exercises, run_clock, speeds, stopping, trials
from study.cases import cases
from study.keys import Study, read
from study.results import results_name
from study.workflow import Layout, results_folder

LOCK, REPORT = ".lock", "report.html"
BUILT_IN = ("local", "dryrun", "touch")  # Snakemake's own executors


def lock(folder: Path) -> int:
    """Hold the study's folder for this run; the system lets go of it however the run ends.

    Returns the open file's number. Raises ValueError when another run holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = open_lock(folder / LOCK)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(number)
        raise ValueError(f"{folder}: another run of this study is going on; wait for it") from None
    return number


def unfinished(config: str, results: Path) -> set[str]:
    """Names of the cases that Snakemake still has a step to run for, after one failed.

    What stands in their folders may be of an earlier run.
    """
    return set(child.run([*child.arguments(config, results), "--dry-run"]).cases)


def fault(study: Study, folder: Path) -> str:
    """What is wrong with a finished study's outcomes, in one line; empty if nothing is.

    Each case needs a row, and one case at least must be certified.
    """
    try:
        rows = read_table(folder / "outcomes.csv", ["case", "status"])
    except ValueError as error:
        return str(error)
    lacking = [case.case for case in cases(study) if case.case not in set(rows["case"])]
    if lacking:
        more = f" (and {len(lacking) - 1} more)" if len(lacking) > 1 else ""
        return f"{folder / 'outcomes.csv'}: no row for case {lacking[0]}{more}"
    if not (rows["status"] == "certified").any():
        return f"{folder / 'outcomes.csv'}: none of {len(rows)} cases is certified"
    return ""


def check_profile(folder: Path) -> None:
    """ValueError, one line, for a profile that cannot be used here."""
    file = folder / "config.yaml"
    if not file.is_file():
        raise ValueError(f"PROFILE: {folder}: no config.yaml in it; profiles/slurm has one")
    content = read_yaml(file)
    executor = str(content.get("executor", "local")) if isinstance(content, dict) else "local"
    plugin = f"snakemake_executor_plugin_{executor.replace('-', '_')}"
    if executor not in BUILT_IN and importlib.util.find_spec(plugin) is None:
        raise ValueError(
            f"PROFILE: {file}: executor {executor} needs the package {plugin.replace('_', '-')}; "
            f"{sys.executable} -m pip install --require-hashes --no-deps "
            "-r requirements-cluster.lock brings SLURM's"
        )


def run(
    study: Study,
    config: str,
    cores: int,
    results: Path,
    convergence: bool = False,
    yes: bool = False,
    profile: Path | None = None,
    again: bool = False,
) -> int:
    """Run a study to its end.

    Returns the exit code: 0 when every step ran and a case is certified; 1 when a step crashed, a
    case has no row among the outcomes, or none is certified.
    convergence: solve its 100 % runs and extreme doses again, finer and from elsewhere, instead.
    yes: start a long study without asking. again: solve again what older code solved.
    """
    folder = results / study.name
    if (folder / LOCK).exists():
        os.close(lock(folder))  # refused before anything is told, if another run holds it
    print(f"study {study.name}: {len(cases(study))} cases, results in {folder}", flush=True)
    for line in speeds.warnings(cases(study), results):
        print(line, flush=True)
    costs = cost.known(results)
    expected = cost.estimate(Layout(study, results), costs, cores, again)
    if expected.solves and not convergence:
        print(expected.text(), flush=True)
        if not cost.consent(expected, yes):
            print("not started", flush=True)
            return 0
    targets = [folder / "convergence.csv"] if convergence else []
    options = [
        *(*map(str, targets), *child.arguments(config, results, again), "--keep-going"),
        *(["--profile", str(profile)] if profile else ["--cores", str(cores)]),
    ]
    whole = not any((folder / case.case / "solver.json").exists() for case in cases(study))
    clock = run_clock.Clock()
    ended = child.run(options, cost.by_rule(costs), cores, lock(folder))
    code = ended.code
    # Jobs of a cluster are not waited for here, nor do they share these cores.
    if expected.solves and not (code or convergence or profile):
        clock.keep(folder, expected, whole=whole)
    if convergence:
        if not code:
            subprocess.run([sys.executable, "-m", "analysis.convergence", "--study", str(folder)])
        return int(code != 0)
    solved = [case for case in cases(study) if (folder / case.case / "solver.json").exists()]
    if code and solved:
        # Snakemake leaves out all that leans on a crashed step; the table of outcomes is written
        # nevertheless, so that what did run can be read, and what did not has its row.
        for table in (["analysis.collect", "--unfinished"], ["analysis.claims"]):
            subprocess.run(
                [sys.executable, "-m", *table, "--study", str(folder)],
                stdout=subprocess.DEVNULL,
                input="\n".join(unfinished(config, results)),
                text=True,
            )
    elif not ended.steps and not fault(study, folder):
        print(f"nothing to do: all results of study {study.name} are up to date", flush=True)
    if solved:
        subprocess.run([sys.executable, "-m", "analysis.status", "--study", str(folder)])
    if (folder / "claims.json").exists():
        print(flush=True)
        subprocess.run([sys.executable, "-m", "analysis.claims", "--study", str(folder), "--show"])
    if code:
        print(f"error: a step failed, see above and {folder / 'logs'}", file=sys.stderr)
    wrong = "" if code else fault(study, folder)
    if wrong:
        print(f"error: {wrong}", file=sys.stderr)
    if (folder / REPORT).exists():
        print(f"report: {folder / REPORT}", flush=True)
    return int(bool(code or wrong))


def check_trials(study: Study) -> None:
    """Refuse a measured runner whose data are wrong before anything is written or run.

    Raises ValueError, one line; warnings go to the error stream. Plain Snakemake checks each trial
    in a job of its own.
    """
    for folder in trials.trials(study).values():
        # In a process of its own: OpenSim reads the model.
        command = [sys.executable, "-m", "models.check", folder, "--brief"]
        ended = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        said = ended.stderr.strip().splitlines()
        if ended.returncode:
            raise ValueError((said or [f"{folder}: not checked"])[-1].removeprefix("error: "))
        sys.stderr.writelines(f"{line}\n" for line in said)


def whole_cores(given: str) -> int:
    """How many steps run at the same time. ValueError, one line, for what is no such number."""
    if not given.isdecimal() or int(given) < 1:
        raise ValueError(f"CORES: {given!r} is not allowed; a whole number from 1 up is")
    return int(given)


def checked_run(
    config: str,
    cores: str,
    results: str,
    convergence: bool = False,
    yes: bool = False,
    profile: Path | None = None,
    again: bool = False,
) -> int:
    """Check what a command was given, then `run`; its exit code. ValueError, one line."""
    if exercises.asked(config):
        results_name(results)
        return exercises.run(config, cores, results, lock)
    folder = results_folder(results_name(results))
    study = read(config)
    if profile:
        check_profile(profile)
    at_once = whole_cores(cores)
    environment.use(Path(sys.prefix), f"study {study.name} (results in {folder})")
    check_trials(study)
    return run(
        *(study, config, at_once, folder),
        convergence=convergence,
        yes=yes,
        profile=profile,
        again=again,
    )


def stoppable_run(config: str, cores: str, results: str, **options: Any) -> NoReturn:
    """`checked_run` that ends when it is told to stop, with no step left behind; then exits."""
    stopping.stoppable(lambda: sys.exit(checked_run(config, cores, results, **options)))()
    raise AssertionError("a run ends the process")


def main() -> None:
    """Command line; `hipdrive run` is the same for people."""
    parser = argparse.ArgumentParser(description="Run a study.")
    parser.add_argument("--config", default="config/study.yaml", help="the study's YAML file")
    parser.add_argument("--cores", default="2", help="jobs at the same time")
    parser.add_argument("--results", default="results", help="folder of results")
    parser.add_argument("--convergence", action="store_true", help="solve its extremes again")
    parser.add_argument("--yes", action="store_true", help="start a long study without asking")
    parser.add_argument("--again", action="store_true", help="solve again what older code solved")
    parser.add_argument("--profile", type=Path, help="folder of a Snakemake profile: a cluster")
    sys.exit(checked_run(**vars(parser.parse_args())))


if __name__ == "__main__":
    imports.prepare_commands(os.environ)
    run_command(stopping.stoppable(main))
