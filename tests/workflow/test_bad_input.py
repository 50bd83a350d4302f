"""Bad configurations, results folders and environments, as somebody at a terminal meets them."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from formats.files import write_text
from study import cases, launch
from study import keys as study
from tests.bad_input import error_of
from tests.workflow.conftest import CHECKOUT, Write, python

QUICK = CHECKOUT / "config" / "quick.yaml"
WRITTEN = ("config.yaml", "cases.csv")


@pytest.mark.parametrize(
    "main", [launch.main, study.main, cases.main], ids=["run", "check", "case"]
)
@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "{}: no such file; name a study's YAML file"),
        ("", "{}: holds no keys; allowed are name, runners"),
        (b"\xff\xfe\x00", "{}: not a text file in UTF-8"),
        ("name: [", "{}: not valid YAML in line 1"),
        ("name: x\nname: y\n", "{}: 'name': key appears twice"),
        (
            "name: &a x\nproblem: *a\n",
            "{}: not valid YAML in line 2: alias '*a'; write",
        ),
        ("name: !!python/object/apply:os.system [ls]\n", "{}: not valid YAML in line 1: could not"),
        ("name: " + "[" * 5000, "{}: "),
        ("#" * 1_000_001, "{}: 1.0 MB; at most 1 MB are read"),
    ],
    ids=["missing", "empty", "binary", "cut", "twice", "alias", "code", "deep", "large"],
)
def test_configuration_that_is_none(
    main: Callable[[], None], content: str | bytes | None, line: str, tmp_path: Path
) -> None:
    path = tmp_path / "study.yaml"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    words = [path] if main is study.main else ["--config", path, "--results", tmp_path / "results"]
    assert error_of(main, *words).startswith(line.format(path))
    assert not (tmp_path / "results").exists()


def test_configuration_is_a_folder(tmp_path: Path) -> None:
    assert error_of(study.main, tmp_path) == f"{tmp_path}: not a file"


def test_aliases_do_not_blow_up(tmp_path: Path) -> None:
    """Nine lines that would stand for a thousand million words."""
    lines = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9) or 'x'}]" for i in range(1, 10)]
    path = tmp_path / "study.yaml"
    path.write_text("a0: &a0 [x]\n" + "\n".join(lines))
    assert "alias '*a0'; write the value out" in error_of(study.main, path)


def test_base_model_with_a_document_type(write_config: Write, tmp_path: Path) -> None:
    model = tmp_path / "mine.osim"
    model.write_text("<!DOCTYPE x [<!ENTITY a 'b'>]><OpenSimDocument><Model/></OpenSimDocument>")
    said = error_of(study.main, write_config(base_model=str(model)))
    assert f"base_model: {model}: has a document type" in said


@pytest.mark.parametrize(
    "name",
    ["../out", "/tmp/out", "a/b", ".", "..", "a b", "", "x" * 61, "y\n", ".hidden"]
    + ["reference", "Reference", "example_runner"],
)
def test_study_stays_in_the_results_folder(name: str, write_config: Write) -> None:
    said = error_of(study.main, write_config(name=name))
    assert ": name: '" in said
    assert said.endswith("is not allowed; " + study.allowed(("name",)))


def test_case_that_is_not_among_the_studys(tmp_path: Path) -> None:
    words = ["--config", QUICK, "--results", tmp_path, "--case", "../../etc"]
    assert error_of(cases.main, *words) == f"{QUICK}: case '../../etc' is not among its cases"
    assert not list(tmp_path.iterdir())


def test_results_under_a_file(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("in the way")
    said = error_of(launch.main, "--config", QUICK, "--results", tmp_path / "results")
    assert said == f"{tmp_path / 'results' / 'quick'}: Not a directory"


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A file system of its own in `folder`; skips where this user may not mount one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no program 'mount' here")
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def test_results_on_a_disk_that_is_read_only(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "ro,size=1m"):
        said = error_of(launch.main, "--config", QUICK, "--results", tmp_path / "disk" / "results")
    assert said == f"{tmp_path / 'disk' / 'results'}: Read-only file system"


def test_results_on_a_disk_that_is_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with mounted(disk, "size=64k"):
        (disk / "filler").write_bytes(b"x" * 60_000)
        words = ["--config", QUICK, "--results", disk]
        said = error_of(cases.main, *words)
        left = {path.name: path.read_text() for path in (disk / "quick").iterdir()}
    assert said in {f"{disk}/quick/{name}: No space left on device" for name in WRITTEN}
    assert left in ({}, {"config.yaml": study.as_yaml(study.read(QUICK))})


def test_file_that_grows_too_large_leaves_the_old_one(tmp_path: Path) -> None:
    """The system stops the writing half way: what was there stays, and nothing else."""
    file = tmp_path / "a.txt"
    write_text(file, "old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_text(file, "new" * 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def make(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, cwd)
    return subprocess.run(["make", *words], cwd=cwd, capture_output=True, text=True, check=False)


def test_make_alone_tells_its_goals(tmp_path: Path) -> None:
    told = make(cwd=tmp_path)
    assert told.returncode == 0
    lines = (CHECKOUT / "Makefile").read_text().splitlines()
    goals = next(line for line in lines if line.startswith(".PHONY")).split()[1:]
    assert all(f"  make {goal} " in told.stdout for goal in goals if goal != "help")
    assert not (tmp_path / ".venv").exists()


def test_python_that_is_too_old(tmp_path: Path) -> None:
    old = tmp_path / "python3.10"
    pretend = "import sys; sys.version_info = (3, 10, 2, 'final', 0); exec(sys.argv[1])"
    old.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{pretend}" "$2"\n')
    old.chmod(0o755)
    done = make("study", f"PYTHON={old}", cwd=tmp_path)
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        f"error: {old} is Python 3.10; 3.11, 3.12 or 3.13 is needed, say which with "
        "PYTHON=python3.12"
    )
    assert not (tmp_path / ".venv").exists()


def test_python_that_is_not_there(tmp_path: Path) -> None:
    done = make("study", "PYTHON=nopython", cwd=tmp_path)
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        "error: nopython: no such program; say which Python with PYTHON=/path/to/python3.12"
    )


def test_traceback_is_for_those_who_ask(tmp_path: Path) -> None:
    broken = "from formats.files import run_command; run_command(lambda: {}['a'])"
    run = [sys.executable, "-c", broken]
    environment = {key: value for key, value in os.environ.items() if key != "HIPDRIVE_DEBUG"}
    environment["PYTHONPATH"] = str(CHECKOUT)

    def stderr(*words: str, **more: str) -> str:
        done = subprocess.run(
            [*run, *words], cwd=tmp_path, capture_output=True, text=True, env=environment | more,
            check=False,
        )  # fmt: skip
        assert done.returncode == 1
        return done.stderr

    assert stderr() == (
        "error: not foreseen: KeyError: 'a'; the same command with --debug shows where\n"
    )
    assert "Traceback (most recent call last)" in stderr("--debug")
    assert "Traceback (most recent call last)" in stderr(HIPDRIVE_DEBUG="1")


def test_debug_reaches_the_steps_of_a_study(write_config: Write, tmp_path: Path) -> None:
    model = tmp_path / "mine.osim"
    model.write_text('<OpenSimDocument Version="40600"><Model name="mine"/></OpenSimDocument>')
    config = write_config(base_model=str(model))
    ended = python("study.launch", "--config", config, "--cores", "1", "--debug", cwd=tmp_path)
    assert ended.returncode == 1
    assert "Traceback (most recent call last)" in ended.stdout
    assert "models/build.py" in ended.stdout
