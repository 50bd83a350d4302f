"""One command for a whole study: check the configuration, run Snakemake, say how it ended.

    python -m study.launch --config config/study.yaml --cores 2 --results results

Plain `snakemake --cores 2 --configfile config/study.yaml` makes the same files. This adds a lock
that a killed run does not leave behind, tells the cost before it starts, goes on past a case that
crashes, still writes outcomes.csv then, and closes with the cases and the verdicts. With --debug an
error of any step comes with its traceback.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import importlib.util
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from formats import imports
from formats.checkout import CHECKOUT
from formats.files import DEBUG, run_command
from formats.lock import open_lock
from formats.untrusted import read_table
from formats.yaml import read as read_yaml
from study import cost, environment, exercises, speeds, stopping, trials
from study.cases import cases
from study.keys import Study, read
from study.results import for_snakemake as results_option
from study.results import results_name
from study.workflow import Layout, results_folder

NOTHING_TO_DO = "Nothing to be done"
LOCK = ".lock"
PENDING = re.compile(r"^    wildcards: case=([^,\s]+)", re.MULTILINE)
BUILT_IN = ("local", "dryrun", "touch")  # Snakemake's own executors
PR_SET_PDEATHSIG = 1  # linux/prctl.h
# Lines of Snakemake that say how it works, not how the study goes.
NOISE = re.compile(
    r"Assuming unrestricted|Building DAG|Using shell|Provided cores|Rules claiming|Conda env"
    r"|Select jobs to|Execute \d+ jobs|Finished jobid|\[\w{3} \w{3} +\d+ [\d:]{8} \d{4}\]$"
    r"|Nothing to be done|Complete log|Elapsed time|RuleException|CalledProcessError|Command 'set"
    r"|Exiting because|WorkflowError|At least one job did not"
)


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


def snakemake(
    config: str,
    cores: int,
    results: Path,
    held: int,
    targets: list[Path],
    profile: Path | None = None,
    again: bool = False,
) -> tuple[int, bool]:
    """Run Snakemake, passing its output on. Returns its exit code, and if it had no work.

    targets: files to make in place of the whole study; empty: the whole study.
    again: solve again what older code solved.
    profile: folder of a Snakemake profile that says where jobs run, in place of this machine.
    """
    command = [
        *(sys.executable, "-m", "snakemake"),
        *map(str, targets),
        *("--snakefile", str(CHECKOUT / "Snakefile")),
        *("--configfile", config),
        *("--config", results_option(str(results)), *(["again=1"] if again else [])),
        *(["--profile", str(profile)] if profile else ["--cores", str(cores)]),
        *("--keep-going", "--rerun-incomplete", "--nolock"),
        *("--quiet", "rules", "host"),
    ]
    idle = False
    debug = bool(os.environ.get(DEBUG))
    within = False  # a traceback of Snakemake's own: its frames are indented, its error is not
    own = os.getpid()
    # Snakemake inherits the lock: it stays held as long as Snakemake lives.
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # an interrupt at the terminal comes here alone
        env=imports.for_snakemake(os.environ),
        pass_fds=[held],
        preexec_fn=lambda: end_with(own),
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                idle = idle or NOTHING_TO_DO in line
                if within and line[:1].strip():
                    within = False
                    line = f"error: {line}"
                elif line.startswith("Traceback (most recent call last)") and not debug:
                    within = True
                if not within and not NOISE.match(line):
                    print(line, end="", flush=True)
        except KeyboardInterrupt:
            stopping.end(process)
            raise
    return process.returncode, idle


def unfinished(config: str, results: Path) -> set[str]:
    """Names of the cases that Snakemake still has a step to run for, after one failed.

    What stands in their folders may be of an earlier run.
    """
    command = [
        *(sys.executable, "-m", "snakemake", "--dry-run", "--nolock", "--rerun-incomplete"),
        *("--snakefile", str(CHECKOUT / "Snakefile"), "--configfile", config),
        *("--config", results_option(str(results))),
    ]
    variables = imports.for_snakemake(os.environ)
    ended = subprocess.run(command, capture_output=True, text=True, env=variables)
    return set(PENDING.findall(ended.stdout))


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


def end_with(parent: int) -> None:
    """Called by a child process: let the system kill it when `parent` ends (Linux only).

    A Snakemake whose command was killed has nobody to read what it prints; it then waits for ever,
    holding the study's folder, with no step at work.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


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
    expected = cost.estimate(Layout(study, results), cost.known(results), cores, again)
    if expected.solves and not convergence:
        print(expected.text(), flush=True)
        if not cost.consent(expected, yes):
            print("not started", flush=True)
            return 0
    targets = [folder / "convergence.csv"] if convergence else []
    code, idle = snakemake(config, cores, results, lock(folder), targets, profile, again)
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
    elif idle and not fault(study, folder):
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
    return int(bool(code or wrong))


def check_trials(study: Study) -> None:
    """Refuse a measured runner whose data are wrong before anything is written or run.

    Raises ValueError, one line. Plain Snakemake checks each trial in a job of its own.
    """
    measured = trials.trials(study)
    if measured:
        from formats.trial import reading as trial

        for folder in measured.values():
            trial.check(folder)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Run a study.")
    parser.add_argument("--config", default="config/study.yaml", help="the study's YAML file")
    parser.add_argument("--cores", default="2", help="jobs at the same time")
    parser.add_argument("--results", default="results", help="folder of results")
    parser.add_argument(
        "--convergence", action="store_true", help="tell how far endpoints move when solved again"
    )
    parser.add_argument("--yes", action="store_true", help="start a long study without asking")
    parser.add_argument("--again", action="store_true", help="solve again what older code solved")
    parser.add_argument("--profile", type=Path, help="folder of a Snakemake profile: a cluster")
    arguments = parser.parse_args()
    if exercises.asked(arguments.config):
        results_name(arguments.results)
        sys.exit(exercises.run(arguments.config, arguments.cores, arguments.results, lock))
    results = results_folder(results_name(arguments.results))
    study = read(arguments.config)
    if arguments.profile:
        check_profile(arguments.profile)
    if not arguments.cores.isdecimal() or int(arguments.cores) < 1:
        raise ValueError(f"CORES: {arguments.cores!r} is not allowed; a whole number from 1 up is")
    environment.use(Path(sys.prefix), f"study {study.name} (results in {results})")
    check_trials(study)
    code = run(
        *(study, arguments.config, int(arguments.cores), results),
        convergence=arguments.convergence,
        yes=arguments.yes,
        profile=arguments.profile,
        again=arguments.again,
    )
    sys.exit(code)


if __name__ == "__main__":
    imports.prepare_commands(os.environ)
    run_command(stopping.stoppable(main))
