"""What Snakemake would do for the shipped studies, and that its files are in good order."""

from __future__ import annotations

from pathlib import Path

from tests.workflow.conftest import CHECKOUT, planned, python, snakemake


def test_plan_of_the_quick_study(tmp_path: Path) -> None:
    config = CHECKOUT / "config" / "quick.yaml"
    ended = snakemake("--dry-run", "--cores", "2", "--configfile", config, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert planned(ended.stdout) == {
        **dict.fromkeys(["study", "dynamometer", "collect", "claims", "all"], 1),
        **dict.fromkeys(["animation", "report", "provenance"], 1),
        **dict.fromkeys(["runner", "reference", "rule_copy", "runner_dynamometer"], 1),
        **dict.fromkeys(["case", "strength", "predict"], 3),
        **dict.fromkeys(["replay", "certify"], 3),
        "figure": 19,
    }
    assert not (tmp_path / "results").exists()


def test_plan_of_the_default_study(tmp_path: Path) -> None:
    """Plain snakemake runs it.

    Six doses, once more held to the runner's own motion; the controls (two doses, four step rates,
    a band, two other speeds with references of their own), the mesh checked at three doses, and the
    100 % run solved from five other starts; the reference runs start from the planar runner's.
    """
    ended = snakemake("--dry-run", "--cores", "1", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    cases = 2 * 6 + 2 + 4 + 1 + 2
    assert planned(ended.stdout) == {
        **dict.fromkeys(["study", "dynamometer", "collect", "claims", "all"], 1),
        **dict.fromkeys(["animation", "report", "provenance"], 1),
        "runner": 2,
        "reference": 2 * 3,
        "runner_dynamometer": 1,
        "rule_copy": 1,
        **dict.fromkeys(["case", "strength", "predict"], cases),
        **dict.fromkeys(["replay", "certify"], cases),
        **dict.fromkeys(["again", "agreement"], 3 + 5),
        "lewis": 1,
        "figure": 19,
    }
    assert "results/study/outcomes.csv" in ended.stdout


def test_convergence_is_asked_for_by_name(tmp_path: Path) -> None:
    """The 100 % run and the extreme doses, each on a finer mesh and from elsewhere."""
    config = CHECKOUT / "config" / "quick.yaml"
    target = "results/quick/convergence.csv"
    ended = snakemake("-n", target, "--cores", "1", "--configfile", config, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    counts = planned(ended.stdout)
    assert (counts["again"], counts["agreement"], counts["convergence"]) == (6, 6, 1)


def test_tracking_study_solves_with_track(tmp_path: Path) -> None:
    text = (CHECKOUT / "config" / "quick.yaml").read_text()
    text = text.replace("problem: predict", "problem: track")
    (tmp_path / "track.yaml").write_text(text)
    ended = snakemake("-n", "--cores", "1", "--configfile", "track.yaml", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    counts = planned(ended.stdout)
    assert counts["track"] == 3
    assert "predict" not in counts
    assert "reference" not in counts


def test_snakemake_lint_is_clean(tmp_path: Path) -> None:
    config = CHECKOUT / "config" / "study.yaml"
    ended = snakemake("--lint", "--configfile", config, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_snakefiles_are_formatted() -> None:
    files = ["Snakefile", *(f"{stage}/{stage}.smk" for stage in ("models", "simulations"))]
    ended = python("snakefmt", "--check", *files, "analysis/analysis.smk", cwd=CHECKOUT)
    assert ended.returncode == 0, ended.stderr
