"""A study in unlucky surroundings: signals, folders' names, files in the way, links."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from snakemake.cli import parse_config

from formats.files import alone
from formats.imports import CHECKOUT as IMPORTED
from formats.lock import open_lock
from study import launch
from study.environment import use
from study.results import for_snakemake, results_name
from tests.bad_input import error_of
from tests.workflow.conftest import CHECKOUT, snakemake

TINY = CHECKOUT / "tests" / "workflow" / "tiny.yaml"
QUICK = CHECKOUT / "config" / "quick.yaml"
LAUNCH = [sys.executable, "-m", "study.launch", "--cores", "1", "--yes"]
WAIT_S = 100


def here(**more: str) -> dict[str, str]:
    """An environment in which this checkout's code is run, and make is nobody's child."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return (
        outer | {"MFLAGS": ""} | {"PYTHONPATH": str(CHECKOUT), "OPENBLAS_NUM_THREADS": "1"} | more
    )


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "nothing came of it"
        time.sleep(0.1)


def started_by(process: psutil.Process) -> list[psutil.Process]:
    return process.children(recursive=True)


def at_work(process: subprocess.Popen[str]) -> bool:
    """Whether a step of the study is running: a Python below Snakemake's shell."""
    with contextlib.suppress(psutil.Error):  # a process ended while it was looked at
        words = [child.cmdline() for child in started_by(psutil.Process(process.pid))]
        return any("models.build" in line for line in words)
    return False


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


@pytest.fixture
def spawned() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    every: list[subprocess.Popen[str]] = []

    def spawn(command: list[str], **options: object) -> subprocess.Popen[str]:
        def usual() -> None:
            signal.signal(signal.SIGINT, signal.default_int_handler)

        process = subprocess.Popen(
            command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=here(), preexec_fn=usual, **options,  # type: ignore[call-overload]
        )  # fmt: skip
        every.append(process)
        return process

    yield spawn
    for process in every:
        if process.poll() is None:
            for child in started_by(psutil.Process(process.pid)):
                child.kill()
            process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_step(
    number: signal.Signals,
    spawned: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
) -> None:
    """And lets go of the study's folder; the line says how to go on."""
    process = spawned([*LAUNCH, "--config", str(TINY)], cwd=tmp_path)
    until(lambda: at_work(process), process)
    left = started_by(psutil.Process(process.pid))
    process.send_signal(number)
    _, said = process.communicate(timeout=WAIT_S)
    assert process.returncode == 128 + number
    assert said == "stopped; the same command goes on where this stopped\n"
    assert not [child for child in left if alive(child)]
    os.close(launch.lock(tmp_path / "results" / "tiny"))


MAKEFILE = """
study:
\t@exec {python} -c 'from study.stopping import stoppable; import time; \\
\tprint("began", flush=True); stoppable(lambda: time.sleep({wait}))()'
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what make got")
def test_an_interrupt_of_make_alone(
    spawned: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    """make takes SIGINT for one that all have got, and waits for what it started."""
    (tmp_path / "Makefile").write_text(MAKEFILE.format(python=sys.executable, wait=WAIT_S))
    process = spawned(["make", "study"], cwd=tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "began\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=WAIT_S / 2)
    assert "stopped; the same command goes on where this stopped\n" in said


NAMES = ["2024", "1e5", "[a]", "true", "a b", "it's", 'say "a"', '"a"', "a: b", "a #b", "ü", "/a/b"]


@pytest.mark.parametrize("name", NAMES)
def test_results_in_a_folder_with_any_name(name: str) -> None:
    """As the launcher passes it to Snakemake, which would read a number, a list or a mapping."""
    assert results_name(name) == name
    assert parse_config([for_snakemake(name)]) == {"results": name}


def test_results_in_a_folder_with_an_awful_name(tmp_path: Path) -> None:
    name = '1 [a] it\'s: "b" #*?'
    ended = snakemake(
        "--configfile", TINY, "--config", for_snakemake(name), "--cores", "1",
        "--", f"{name}/tiny/cases.csv", cwd=tmp_path,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (tmp_path / name / "tiny" / "cases.csv").is_file()


@pytest.mark.parametrize("name", ["", "{x}", "a\nb", "-x", "a\x00"])
def test_results_in_a_folder_that_cannot_be(name: str) -> None:
    said = error_of(launch.main, "--config", QUICK, f"--results={name}")
    assert said.startswith("results: '")
    assert "is not allowed; a folder's path, printable" in said


def test_results_that_snakemake_takes_for_a_number(tmp_path: Path) -> None:
    ended = snakemake("--configfile", TINY, "--config", "results=1e5", "-n", cwd=tmp_path)
    assert ended.returncode != 0
    assert ended.stderr.splitlines()[-1] == (
        "error: results: 100000.0 is not a text; write the folder's path with a slash, as in "
        "--config results=./2024"
    )


@pytest.mark.parametrize("module", ["study.keys", "study.launch", "models.check"])
def test_files_of_the_working_folder_are_not_run(module: str, tmp_path: Path) -> None:
    for name in ("yaml", "numpy", "pydantic", "snakemake", "pandas"):
        (tmp_path / f"{name}.py").write_text("open('ran', 'w')\nraise SystemExit('ran')\n")
    words = {"study.keys": [str(QUICK)], "study.launch": ["--help"]}.get(module, ["--help"])
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=tmp_path, env=here(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "ran").exists()


def test_nor_by_the_steps_of_a_study(tmp_path: Path) -> None:
    """Jobs of Snakemake begin in the working folder; their code is that beside the Snakefile."""
    for name in ("yaml", "numpy", "pydantic", "opensim"):
        (tmp_path / f"{name}.py").write_text("open('ran', 'w')\nraise SystemExit('ran')\n")
    shutil.copytree(CHECKOUT / "config", tmp_path / "config")
    (tmp_path / "config" / "__init__.py").write_text("open('ran', 'w')\n")
    done = subprocess.run(
        [*LAUNCH[:2], *["snakemake"], "--snakefile", str(CHECKOUT / "Snakefile"), "--cores", "1"]
        + ["--configfile", str(TINY), "--", "results/tiny/cases.csv"],
        cwd=tmp_path, env=here(PYTHONSAFEPATH="1"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "results" / "tiny" / "cases.csv").exists()
    assert not (tmp_path / "ran").exists()
    assert str(CHECKOUT) == IMPORTED


@pytest.mark.parametrize("lock", [".lock", ".alone"])
def test_locks_follow_no_link(lock: str, tmp_path: Path) -> None:
    other = tmp_path / "important"
    other.write_text("not to be lost")
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / lock).symlink_to(other)
    with pytest.raises(ValueError, match=f"{lock}: is a link; a lock is a file of its own"):
        if lock == ".lock":
            launch.lock(folder)
        else:
            with alone(folder):
                pass
    assert other.read_text() == "not to be lost"


def test_locks_are_plain_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="is no plain file"):
        open_lock(tmp_path / "pipe")
    (tmp_path / "kept").write_text("kept")
    os.close(open_lock(tmp_path / "kept"))
    assert (tmp_path / "kept").read_text() == "kept"


USE = """
import sys, time
from pathlib import Path
from study.environment import use
use(Path(sys.argv[1]), "study walk (results in there)")
print("held", flush=True)
time.sleep(100)
"""


@pytest.mark.parametrize("goal", ["study", "clean"])
def test_environment_of_a_running_study_stays(
    goal: str, spawned: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    for name in ("Makefile", "requirements.lock", "pyproject.toml", "scripts/set_up.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(CHECKOUT / name, tmp_path / name)
    environment = tmp_path / ".venv"
    environment.mkdir()
    (environment / ".ready").touch()
    (environment / "kept").touch()
    os.utime(environment / ".ready", (0, 0))
    process = spawned([sys.executable, "-c", USE, str(environment)])
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    words = ["make", goal, f"PYTHON={sys.executable}"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        "error: .venv has to be set up anew, but study walk (results in there) "
        f"(process {process.pid}) is running in it; wait for its end, or stop it"
    )
    assert sorted(path.name for path in environment.iterdir()) == [".ready", ".users", "kept"]


SET_UP = """
import runpy, sys
from pathlib import Path
_, script, environment, how = sys.argv
made = runpy.run_path(script)
def install(python, locks):
    if how == "fail":
        raise OSError(28, "No space left on device", "somewhere")
    (python.parent / "tool").write_text(f"#!{python}\\n")
def create(environment):
    (environment / "bin").mkdir(parents=True)
made["build"].__globals__.update(create=create, install=install)
sys.argv = ["set_up", "--environment", environment]
made["main"]()
"""


def test_environment_is_whole_or_as_before(tmp_path: Path) -> None:
    environment = tmp_path / ".venv"

    def set_up(how: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", SET_UP, str(CHECKOUT / "scripts" / "set_up.py")]
        return subprocess.run(
            [*words, str(environment), how], capture_output=True, text=True, check=False
        )

    environment.mkdir()
    (environment / "old").touch()
    failed = set_up("fail")
    assert failed.returncode != 0
    assert failed.stderr == "error: somewhere: No space left on device\n"
    assert [path.name for path in environment.iterdir()] == ["old"]
    done = set_up("make")
    assert done.returncode == 0, done.stderr
    assert (environment / ".ready").exists()
    assert not (environment / "old").exists()
    assert (environment / "bin" / "tool").read_text() == f"#!{environment}/bin/python\n"
    (environment / "mark").touch()
    assert set_up("make").returncode == 0
    assert (environment / "mark").exists(), "it was made again, though nothing had changed"


def test_environment_being_set_up_is_not_used(tmp_path: Path) -> None:
    (tmp_path / ".ready").touch()
    with (tmp_path / ".ready").open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(ValueError, match="is being set up anew; start again after that"):
            use(tmp_path, "study walk")
    use(tmp_path / "nowhere", "study walk")
