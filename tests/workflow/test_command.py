"""The command `hipdrive`: it says what it will do, and one line for what it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.conftest import CHECKOUT, Write, python

QUICK = CHECKOUT / "config" / "quick.yaml"


def test_every_goal_is_a_sub_command(tmp_path: Path) -> None:
    ended = python("hipdrive", "--help", cwd=tmp_path)
    assert ended.returncode == 0
    for name in ("run", "check", "cost", "verify", "open", "new"):
        assert f"\n  {name} " in ended.stdout


def test_a_study_is_checked_and_its_cost_told(tmp_path: Path, write_config: Write) -> None:
    ended = python("hipdrive", "check", QUICK, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (0, f"{QUICK}: study quick is allowed\n")
    ended = python("hipdrive", "cost", QUICK, "--cores", "4", cwd=tmp_path)
    assert ended.stdout.startswith("study quick: 4 solves for 3 cases: about ")
    assert " on 4 cores " in ended.stdout
    wrong = write_config(doses_percent=[0, 100])
    ended = python("hipdrive", "check", wrong, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"error: {wrong}: doses_percent[0]: 0 is not allowed; a dose is")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["open", "walk"], "results/walk/report.html: no such file; `hipdrive run` makes it"),
        (["run", "--cores=two"], "CORES: 'two' is not allowed; a whole number from 1 up is"),
        (["run", "nowhere.yaml"], "nowhere.yaml: no such file; name a study's YAML file"),
        (["cost", "nowhere.yaml"], "nowhere.yaml: no such file; name a study's YAML file"),
    ],
)
def test_what_cannot_be_done_is_one_line(words: list[str], line: str, tmp_path: Path) -> None:
    ended = python("hipdrive", *words, cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (2, f"error: {line}\n")
    assert not list(tmp_path.iterdir())


def test_a_report_is_opened_by_the_study_s_name_or_path(tmp_path: Path) -> None:
    """BROWSER: what Python's webbrowser starts; here a program that notes the address."""
    report = tmp_path / "results" / "walk" / "report.html"
    report.parent.mkdir(parents=True)
    report.touch()
    (tmp_path / "note.py").write_text("import sys; open('opened', 'a').write(sys.argv[1] + '\\n')")
    for named in ("walk", "results/walk"):
        subprocess.run(
            [sys.executable, "-m", "hipdrive", "open", named],
            cwd=tmp_path, check=True, capture_output=True,
            env={"PYTHONPATH": str(CHECKOUT), "BROWSER": f"{sys.executable} note.py %s"},
        )  # fmt: skip
    assert (tmp_path / "opened").read_text() == f"{report.as_uri()}\n" * 2


def test_a_stage_s_command_runs_in_its_own_process(tmp_path: Path) -> None:
    """Its words and its exit code are the command's."""
    named = python("hipdrive", "verify", "walk", cwd=tmp_path)
    own = python("analysis.verify", "--study", "results/walk", cwd=tmp_path)
    assert own.returncode == 2
    assert own.stderr.startswith("error: results/walk")
    assert (named.returncode, named.stdout, named.stderr) == (2, own.stdout, own.stderr)


def test_an_option_that_a_check_does_not_have(tmp_path: Path) -> None:
    ended = python("hipdrive", "check", QUICK, "--loud", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == "error: --loud: no option of the check of a study\n"
