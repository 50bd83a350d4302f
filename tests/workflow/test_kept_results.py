"""The small results of a study that are kept, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from analysis.report import exercises as exercise_report
from analysis.report import provenance, reference
from analysis.verdict.variants import read_rows
from analysis.verdict.verdicts import judge_study
from formats.claims import read_claims
from tests.workflow.conftest import CHECKOUT
from tests.workflow.made_up import DRAWN, change, record, verdicts, whole, with_verdicts


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole(tmp_path_factory.mktemp("kept") / "study", {140.0})


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return verdicts(tmp_path_factory.mktemp("judged"))


def test_small_results_are_kept_with_what_made_them(study: Path, tmp_path: Path) -> None:
    record(study)
    out = tmp_path / "kept"
    found = reference.keep(study, out)
    assert json.loads((out / "provenance.json").read_text()) == found
    assert (out / "outcomes.csv").read_bytes() == (study / "outcomes.csv").read_bytes()
    assert len(list((out / "figures").iterdir())) == len(DRAWN)
    for picture in re.findall(r"\]\(([^)]+)\)", (out / "README.md").read_text()):
        assert (out / picture).is_file()
    reference.keep(study, out)  # and again, in its place


def test_what_is_kept_beside_it_stays(study: Path, tmp_path: Path) -> None:
    """A renewal removes what provenance.json names, and nothing else."""
    out = tmp_path / "kept"
    reference.keep(study, out)
    own = json.loads((out / "provenance.json").read_text())
    (out / "old.csv").write_text("of an earlier study\n")
    own["files"]["old.csv"] = "0"
    (out / "provenance.json").write_text(json.dumps(own))
    (out / "exercises").mkdir()
    (out / "exercises" / "exercises.csv").write_text("kept\n")
    reference.keep(study, out)
    assert (out / "exercises" / "exercises.csv").read_text() == "kept\n"
    assert not (out / "old.csv").exists()
    own["files"] = {"../other.csv": "0"}
    (tmp_path / "other.csv").write_text("not its own")
    (out / "provenance.json").write_text(json.dumps(own))
    with pytest.raises(ValueError, match="not within it"):
        reference.keep(study, out)
    assert (tmp_path / "other.csv").is_file()


def test_a_study_of_exercises_is_kept_in_its_own_folder(tmp_path: Path) -> None:
    study = tmp_path / "study"
    for name in (*exercise_report.NEEDED, "config.yaml", "cases.csv"):
        (study / name).parent.mkdir(parents=True, exist_ok=True)
        (study / name).write_text(name)
    made = {**provenance.made(), "uncommitted": []}
    (study / "report.json").write_text(json.dumps(made))
    out = tmp_path / "kept"
    out.mkdir()
    (out / "lewis_factorial.csv").write_text("made by another command")
    for _ in range(2):
        reference.keep_exercises(study, out)
        assert (out / "figures" / "exercises_chain.svg").is_file()
        assert (out / "lewis_factorial.csv").is_file()
    (study / "report.json").write_text(json.dumps({**made, "uncommitted": ["a.py"]}))
    with pytest.raises(ValueError, match="uncommitted"):
        reference.keep_exercises(study, out)


def test_the_kept_page_shows_verdicts_with_trust_and_range(
    judged: dict[str, Any], study: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(study, tmp_path / "study"))
    record(with_verdicts(folder, judged))
    reference.keep(folder, tmp_path / "kept")
    page = (tmp_path / "kept" / "README.md").read_text()
    (row,) = [line for line in page.splitlines() if line.startswith("| `centring`")]
    assert row.endswith("| 23 to 20 deg |")
    (line,) = [line for line in page.splitlines() if line.startswith("- `centring`")]
    assert "**no meaningful effect, not trusted**. Controls: null failed; passed: negative" in line
    assert "60 to 80 %: +1.5" in line
    assert "beyond the smallest effect" in line


def test_the_table_of_another_page_is_renewed_between_its_marks(
    judged: dict[str, Any], tmp_path: Path
) -> None:
    page = tmp_path / "README.md"
    begin, end = reference.MARKS
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n")
    for _ in range(2):
        reference.renew(page, judged, tmp_path)
        table = reference.told(judged, tmp_path)
        assert page.read_text() == f"before\n{begin}\n{table}\n{end}\nafter\n"
    page.write_text(f"{end}\n{begin}\n")
    with pytest.raises(ValueError, match=r"README\.md: the lines .* must stand there once"):
        reference.renew(page, judged, tmp_path)


def test_the_readmes_table_is_what_the_code_says_of_the_kept_results() -> None:
    """Verdict, trust, effects, range: judged anew from the outcomes that are kept."""
    kept = CHECKOUT / "results" / "reference"
    rule = read_claims(kept / "claims.yaml")
    primaries = {name: c.model_copy(update={"secondary": ()}) for name, c in rule.claims.items()}
    claims = judge_study(read_rows(kept), rule.model_copy(update={"claims": primaries}))
    stored = json.loads((kept / "claims.json").read_text())
    for name, entry in claims.items():
        entry["controls"] = stored[name]["controls"]
        assert entry["verdict"] == stored[name]["verdict"]
    begin, end = reference.MARKS
    page = (CHECKOUT / "README.md").read_text()
    shown = page.split(begin)[1].split(end)[0].strip()
    whole = "results/reference/README.md"
    assert shown == reference.told(claims, kept, whole), "make reference renews it"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"uncommitted": ["a.py"]},
            r"report\.json: made by code with uncommitted changes in a\.py",
        ),
        ({"claims": {"changed": True}}, r"report\.json: judged by a changed claims file"),
    ],
)
def test_what_is_not_this_codes_result_is_not_kept(
    changes: dict[str, Any], line: str, study: Path, tmp_path: Path
) -> None:
    record(study, **changes)
    with pytest.raises(ValueError, match=line):
        reference.keep(study, tmp_path / "kept")


def test_verdicts_by_another_rule_are_not_kept(study: Path, tmp_path: Path) -> None:
    """Also where the rule in the checkout is the frozen one: `analysis.claims --claims`."""
    folder = record(Path(shutil.copytree(study, tmp_path / "study")))
    rule = {"file": "config/mine.yaml", "sha256": "0" * 64, "changed": True}
    change(folder, rule=rule)
    with pytest.raises(ValueError, match=r"claims\.json: judged by a changed claims file"):
        reference.keep(folder, tmp_path / "kept")


def test_nothing_else_is_overwritten_or_too_large(study: Path, tmp_path: Path) -> None:
    record(study)
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(ValueError, match="holds something else than kept results"):
        reference.keep(study, tmp_path)
    with pytest.raises(ValueError, match="is the study's own folder"):
        reference.keep(study, study)
    (study / "verdict.csv").write_text("x" * 1_100_000)
    with pytest.raises(ValueError, match=r"verdict\.csv: 1\.1 MB; too large to be kept"):
        reference.keep(study, tmp_path / "kept")
