"""One command for everything a user does: `hipdrive run`, `check`, `cost`, `verify`, `open`, `new`.

    hipdrive --help        python -m hipdrive --help

It imports the experiment (study/) alone. What belongs to a stage is started as that stage's own
command, because OpenSim and CasADi cannot share a process.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import webbrowser
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from formats import imports
from formats.checkout import CHECKOUT
from formats.files import run_command
from formats.trial.settings import FILE as RUNNER_FILE
from study import cost as costs
from study import exercises, launch
from study.keys import read
from study.workflow import Layout, results_folder

app = typer.Typer(
    name="hipdrive",
    help=(__doc__ or "").splitlines()[0],
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Config = Annotated[str, typer.Argument(help="the study's YAML file")]
Cores = Annotated[str, typer.Option(help="steps at the same time")]
Results = Annotated[str, typer.Option(help="folder of results")]
Study = Annotated[str, typer.Argument(help="name of a study in the folder of results, or its path")]

FORWARD = {"allow_extra_args": True, "ignore_unknown_options": True}
"""Of a command whose further options are those of the stage's own."""
DEFAULT = str(CHECKOUT / "config" / "study.yaml")
ALL = str(os.cpu_count() or 1)


@app.command()
def run(
    config: Config = DEFAULT,
    cores: Cores = ALL,
    results: Results = "results",
    yes: Annotated[bool, typer.Option("--yes", help="start a long study without asking")] = False,
    again: Annotated[bool, typer.Option("--again", help="solve again what older code did")] = False,
    convergence: Annotated[
        bool, typer.Option("--convergence", help="tell how far endpoints move when solved again")
    ] = False,
    profile: Annotated[
        Path | None, typer.Option(help="folder of a Snakemake profile: a cluster")
    ] = None,
) -> None:
    """Run a study to its figures, verdicts and report; the same command goes on after a stop."""
    launch.stoppable_run(
        *(config, cores, results),
        convergence=convergence,
        yes=yes,
        profile=profile,
        again=again,
    )


@app.command(context_settings=FORWARD)
def check(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="a study's YAML file, or a measured runner's folder")],
) -> None:
    """Say in one line what is wrong with a study's file or a measured runner's folder."""
    if Path(what).is_dir():
        _stage("models.check", what, *context.args, needs=f"{what}: a folder")
    if context.args:
        raise ValueError(f"{context.args[0]}: no option of the check of a study")
    if exercises.asked(what):
        print(f"{what}: study {exercises.read(what).name} is allowed")
        return
    study = read(what)
    launch.check_trials(study)
    print(f"{what}: study {study.name} is allowed")


@app.command()
def cost(config: Config = DEFAULT, cores: Cores = ALL, results: Results = "results") -> None:
    """Tell what a study will take, and run nothing."""
    if exercises.asked(config):
        print(exercises.cost(exercises.read(config), launch.whole_cores(cores)))
        return
    study, folder = read(config), results_folder(results)
    layout = Layout(study, folder)
    expected = costs.estimate(layout, costs.known(folder), launch.whole_cores(cores))
    print(f"study {study.name}: {expected.text()}")


@app.command()
def verify(study: Study = "study", results: Results = "results") -> None:
    """Compute certificates, outcomes and verdicts again from stored motions; say what differs."""
    _stage("analysis.verify", "--study", str(_folder(study, results)))


@app.command("open")
def open_report(study: Study = "study", results: Results = "results") -> None:
    """Open a study's report in the browser; without one, print where it is."""
    report = _folder(study, results) / launch.REPORT
    if not report.is_file():
        raise ValueError(f"{report}: no such file; `hipdrive run` makes it")
    print(report)
    webbrowser.open(report.resolve().as_uri())


@app.command(context_settings=FORWARD)
def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="the runner's folder, to be made")],
    source: Annotated[
        Path,
        typer.Option(
            "--from", help="folder with the model, motion and ground forces, or a .b3d file"
        ),
    ],
) -> None:
    """Make a measured runner's folder from the files of an OpenSim analysis.

    Further options are those of `python -m models.new`.
    """
    _stage(
        "models.new",
        name,
        "--from",
        str(source),
        *context.args,
        needs=f"{RUNNER_FILE} of a new runner",
    )


def _folder(study: str, results: str) -> Path:
    """A study's folder, by its name in the folder of results or by its path."""
    return Path(study) if os.sep in study else results_folder(results) / study


def _stage(module: str, *words: str, needs: str = "") -> NoReturn:
    """Run a stage's command in its own process; ends this one with its exit code."""
    stage, name = module.split(".")
    if importlib.util.find_spec(stage) is None or not (CHECKOUT / stage / f"{name}.py").is_file():
        raise ValueError(f"{needs}: needs {module}, which this version does not have")
    sys.exit(subprocess.run([sys.executable, "-m", module, *words]).returncode)


def main() -> None:
    """The console script."""
    imports.prepare_commands(os.environ)
    run_command(app)


if __name__ == "__main__":
    main()
