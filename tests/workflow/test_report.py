"""The report: what it says, what it escapes, what it keeps for the reference."""

from __future__ import annotations

import copy
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from analysis.claims import conclude
from analysis.figures import claims as claims_table
from analysis.figures import dose_effect_by_habit, verdict
from analysis.report import build, exercise_chapter, facts, plain, provenance, reference
from analysis.report import exercises as exercise_report
from analysis.report.pictures import OPTIONAL, PICTURES
from analysis.verdict.variants import read_rows
from analysis.verdict.verdicts import judge_study
from formats.claims import FIRST, of_study, read_claims
from tests.analysis import synthetic_study
from tests.workflow.conftest import CHECKOUT
from tests.workflow.made_up import DRAWN, whole

FILM = b"not played here"


class Page(HTMLParser):
    """Tags with their attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def made(folder: Path) -> provenance.Provenance:
    return provenance.provenance(of_study(folder))


def written(folder: Path, by: provenance.Provenance | None = None) -> Page:
    (folder / "animation").mkdir(exist_ok=True)
    for name in ("running", "beside_runners"):
        (folder / "animation" / f"{name}.mp4").write_bytes(FILM)
    return Page(build.render(folder, by or made(folder)))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole(tmp_path_factory.mktemp("report") / "study", {140.0})


@pytest.fixture(scope="module")
def page(study: Path) -> Page:
    return written(study)


def change(folder: Path, **keys: Any) -> None:
    """Set keys of every claim in claims.json."""
    path = folder / "claims.json"
    claims = json.loads(path.read_text())
    for entry in claims.values():
        entry.update(keys)
    path.write_text(json.dumps(claims))


def test_a_measured_study_says_that_the_motion_is_kept(
    study: Path, page: Page, tmp_path: Path
) -> None:
    """How it was done is told for the problems among the runs, and for no other."""
    assert "nothing but its speed is prescribed" in page.text
    assert "The landing cannot move" not in page.text
    other = tmp_path / "study"
    shutil.copytree(study, other)
    rows = pd.read_csv(other / "outcomes.csv")
    rows.assign(problem="inverse").to_csv(other / "outcomes.csv", index=False)
    text = written(other).text
    assert "nothing but its speed is prescribed" not in text
    assert "The landing cannot move" in text
    assert "One habit weight only" not in text


def test_it_says_what_was_asked_found_and_how_far_to_trust_it(page: Page) -> None:
    sections = [attributes["id"] for attributes in page.of("section")]
    assert sections == [
        *("answer", "viewer", "claims", "about-landing", "about-reciprocal", "about-centring"),
        *("trust", "believable", "verdicts", "method", "certificates", "failed", "limits", "made"),
    ]
    for words in (
        "Weak hip flexion is a major factor in over-striding",
        "One point without spread is no verdict",
        "The verdict on centring depends on how the tendon of the iliopsoas is read",
        "The rule that decides was written before the runs and has not been changed",
        "4 of 5 runs are certified",
        "inconclusive, not trusted: null, negative, step rate, spring not run; passed: none",
        "One habit weight only",
    ):
        assert words in page.text, words


def test_failed_runs_stand_there_with_their_reason(page: Page) -> None:
    assert "hip flexors, 140 % limit " in page.text
    assert "7 ✗" in page.text  # the check that failed, with its value
    assert "energy is neither made nor lost 1 %" in page.text


def test_a_changed_rule_is_announced(tmp_path: Path) -> None:
    folder = whole(tmp_path / "study", set())
    rule = {"file": "config/claims.yaml", "sha256": "0" * 64, "changed": True}
    change(folder, rule=rule)
    text = written(folder).text
    assert "The claims file was changed. The verdicts here do not follow the rule" in text
    assert "The claims file was CHANGED: it is not the rule that was frozen" in text
    assert "has not been changed" not in text


def test_whatever_comes_from_a_file_is_escaped(tmp_path: Path) -> None:
    evil = "</script><script>alert('x')</script><img src=x onerror=alert(1)>"
    folder = whole(tmp_path / "study", {140.0})
    change(folder, says=evil, untestable=evil, reason=evil)
    outcomes = pd.read_csv(folder / "outcomes.csv")
    outcomes.loc[outcomes["status"] == "failed", "reason"] = evil
    outcomes.to_csv(folder / "outcomes.csv", index=False)
    (folder / "config.yaml").write_text(f"name: {evil}\n")
    case = next(folder.glob("*_140_*"))
    checks = {evil: {"value": 1.0, "limit": 2.0, "unit": evil, "passed": True, "compared": evil}}
    (case / "certificate.json").write_text(json.dumps({"certified": True, "checks": checks}))
    (case / "solver.json").write_text(json.dumps({"versions": {evil: evil}}))
    page = written(folder)
    assert len(page.of("script")) == 2
    assert not [image for image in page.of("img") if image["src"] == "x"]
    assert page.text.count("alert('x')") >= 6  # as words, where it was put


def test_a_primary_in_per_cent_is_told_and_drawn(tmp_path: Path) -> None:
    """Of the page, the kept page and the figures of verdicts."""
    folder = whole(tmp_path / "study", set())
    claims = conclude(folder, synthetic_study.in_percent(tmp_path))
    page = written(with_verdicts(folder, claims))
    # The made-up activation is the dose over 1,000.
    assert (
        "gluteus maximus activation in stance: falls by 10 % of the 100 % run for every 10 % of "
        "strength lost, on average over the doses; that is more than the smallest effect, 5 % of "
        "the 100 % run. Over all doses studied: 60 % at 60 % strength, 140 % at 140 %: +80 % of "
        "the 100 % run" in page.text
    )
    table = reference.verdicts(claims)
    assert "| \N{MINUS SIGN}10 % | 5 % | 60 to 140 % |" in table
    assert "values at 60 to 140 % strength" in table and "these are of the 100 % run" in table
    rows = claims_table.table(claims_table.read(folder))
    for module in (verdict, dose_effect_by_habit):
        drawn = module.draw(rows[rows["rank"] == "primary"])
        plt.close(drawn)
    one = rows[rows["endpoint"] == "glmax_activation_stance_mean"].iloc[0]
    assert (one["effect"], one["steepest"]) == (pytest.approx(2.0), pytest.approx(2.0))


def test_it_loads_nothing_and_describes_its_pictures(page: Page) -> None:
    assert len(page.of("img")) == len(DRAWN)
    for tag, attributes in page.tags:
        if tag == "a":  # followed by who clicks it, loaded by nobody
            continue
        for name in ("src", "href", "poster", "data", "action"):
            value = attributes.get(name) or ""
            assert value.startswith(("data:", "#")) or name not in attributes, (tag, value)
        if tag == "img":
            assert len(attributes["alt"] or "") > 40
    (policy,) = [m for m in page.of("meta") if m.get("http-equiv")]
    assert (policy["content"] or "").startswith("default-src 'none'")


def test_it_says_how_large_an_effect_is_in_words() -> None:
    one = {"unit": "m", "smallest_effect": 0.005, "claimed_when_weaker": "rises"}
    told = plain.moved(one, {"effect_per_10_percent": -0.0075})
    assert told == (
        "falls by 7.5 mm for every 10 % of strength lost, on average over the doses; that is more "
        "than the smallest effect, 5 mm; the article would have it rise"
    )
    small = plain.moved(one, {"effect_per_10_percent": 0.001})
    assert small.endswith("; that is less than the smallest effect, 5 mm")
    assert plain.moved(one, {"effect_per_10_percent": None, "reason": "gone"}) == "no result (gone)"


HIDING = "the mean slope is within the smallest effect, but from 60 to 80 % strength"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Verdicts of six variants that change nothing but the margin to the rim, and only weakened.

    The margin falls by 3 deg per 20 % below 80 % strength. The null control failed, others passed.
    """
    folder = tmp_path_factory.mktemp("judged")
    rows = synthetic_study.study(synthetic_study.effects(), noise=0.01)
    for name in ("rim_margin_min_deg", "rim_margin_min_deg_tendon_on_head"):
        rows[name] = 20.0 + 3.0 * (rows["dose_percent"] == 60) + 0.01 * rows["draw"]
    rows["head_displacement_max_mm"] = 0.36 * 1.72 ** ((rows["dose_percent"] - 60) / 80)
    synthetic_study.write(rows, folder)
    claims = conclude(folder)
    for entry in claims.values():
        for name, control in entry["controls"].items():
            control["status"] = "failed" if name == "null" else "passed"
    return claims


def with_verdicts(folder: Path, claims: dict[str, Any]) -> Path:
    (folder / "claims.json").write_text(json.dumps(claims))
    return folder


def test_the_page_says_what_the_numbers_say(judged: dict[str, Any], tmp_path: Path) -> None:
    """A slope within the smallest effect is not told as "too little to matter"."""
    page = written(with_verdicts(whole(tmp_path / "study", set()), judged))
    assert judged["centring"]["verdict"] == "no meaningful effect"
    assert "too little to matter" not in page.text
    assert "too small to matter" not in page.text
    assert "But not everywhere: least margin of hip force to socket rim (tendon on pelvis): " in (
        page.text
    )
    assert HIDING in page.text
    assert "23 deg at 60 % strength, 20 at 140 %: −3" in page.text
    assert "60 to 80 %: +1.5" in page.text
    moved = "largest displacement of femoral head (tendon on pelvis): 0.36 mm at 60 % strength, "
    assert f"Beside it, {moved}0.62 at 140 %: +0.26 [+0.26, +0.26] mm (+72 %)" in page.text


def test_the_page_says_beside_each_verdict_whether_it_is_trusted(
    judged: dict[str, Any], tmp_path: Path
) -> None:
    folder = with_verdicts(whole(tmp_path / "study", set()), judged)
    text = written(folder).text
    told = "not trusted: null failed; passed: negative, step rate, spring"
    assert text.count(f"no meaningful effect, {told}") == 2 * 3  # in brief, and in the table
    assert text.count(f"no meaningful effect, {told}, lewis") == 2
    assert "no meaningful effect, not trusted" in text  # in the table's rows
    mended = copy.deepcopy(judged)
    for entry in mended.values():
        entry["controls"]["null"]["status"] = "passed"
    text = written(with_verdicts(folder, mended)).text
    assert "effect, not trusted" not in text
    assert "no meaningful effect, trusted: null, negative, step rate, spring passed" in text


def test_every_picture_is_a_figure_of_the_workflow() -> None:
    rules = (CHECKOUT / "analysis" / "analysis.smk").read_text()
    listed = re.search(r"FIGURES = \{(.*?)\n\}", rules, re.DOTALL)
    assert listed is not None
    names = set(re.findall(r'^    "(\w+)":', listed[1], re.MULTILINE))
    assert {one.name for one in PICTURES} == names | set(OPTIONAL)
    claims = {"landing", "reciprocal", "centring"}
    assert {one.about for one in PICTURES} == {"verdict", "runner"} | claims


def test_times_are_added_up_by_step(study: Path) -> None:
    (row,) = facts.timings(study)
    assert (row["step"], row["jobs"], row["total"], row["memory"]) == ("predict", "1", "12", "400")


def test_strength_is_told_of_all_flexors_beside_people(study: Path) -> None:
    rows = facts.strengths(study)
    weakest = next(row for row in rows if row["dose"] == "60 %")
    assert (weakest["at_0"], weakest["at_30"], weakest["at_60"]) == ("1.20", "0.90", "0.60")
    people = [row for row in rows if row["arm"].startswith("people")]
    assert [row["at_0"] for row in people] == ["1.86 ± 0.41", "2.00 ± 0.52"]


def test_a_figure_s_own_words_stand_under_it(tmp_path: Path) -> None:
    folder = whole(tmp_path / "study", set())
    (folder / "figures" / "cup.txt").write_text("What was drawn <b>here</b>.\n")
    assert "What was drawn <b>here</b>." in written(folder).text
    record(folder)
    reference.keep(folder, tmp_path / "kept")
    assert "What was drawn" in (tmp_path / "kept" / "README.md").read_text()
    assert (tmp_path / "kept" / "figures" / "cup.txt").is_file()
    assert (tmp_path / "kept" / "dynamometer.csv").is_file()


def test_the_first_screen_answers(page: Page, judged: dict[str, Any], tmp_path: Path) -> None:
    """Verdict, trust, controls and size of each claim before anything else, and one picture."""
    text = page.text[page.text.index("What was found") :]
    first = text[: text.index("See the runner Runner")]
    assert "All 3 claims: inconclusive. Why inconclusive: " in text
    assert "None is trusted: of each, a control failed or was not run." in text
    assert "4 of 5 runs are certified in OpenSim." in first
    assert first.count("inconclusive, not trusted") == 3
    assert "null not run" in first
    assert "for −10 % strength" in first
    shown = [one["id"] for one in page.of("figure") if one.get("id")]
    assert shown[0] in {f"figure-{name}" for name in build.MAIN_PICTURES}
    assert build.main_picture(["cup", "norms_scorecard", "dose_response"]) == "dose_response"
    assert build.main_picture([]) == ""
    told = written(with_verdicts(whole(tmp_path / "study", set()), judged)).text
    assert "All 3 claims: no meaningful effect." in told
    assert "lewis passed" in told


def test_each_figure_s_files_are_one_click_away(page: Page) -> None:
    addresses = [one["href"] or "" for one in page.of("a")]
    for name in DRAWN:
        for kind in ("pdf", "csv", "png"):
            assert f"figures/{name}.{kind}" in addresses
    assert build.ARTICLE["address"] in addresses
    for address in addresses:  # beside the page, in it, or a page of the web
        assert address.startswith(("#", "https://", "figures/")) or address in {
            *("outcomes.csv", "verdict.csv", "ro-crate-metadata.json"),
        }
    named = {one["id"] for _, one in page.tags if one.get("id")}
    assert {a[1:] for a in addresses if a.startswith("#")} <= named


def test_a_study_without_verdicts_has_a_page(tmp_path: Path) -> None:
    folder = whole(tmp_path / "study", set())
    by = provenance.provenance(FIRST)  # both pages as of one second
    cases = pd.read_csv(folder / "cases.csv")
    cases["arm"] = "baseline"
    cases.to_csv(folder / "cases.csv", index=False)
    assert conclude(folder) == {}
    told = written(with_verdicts(folder, {}), by).text
    (folder / "claims.json").unlink()
    assert "No claim is judged" in written(folder, by).text  # nor without the file
    assert "No claim is judged: a verdict compares strengths" in told
    assert "Where the foot lands" in told  # its figures are there
    assert "5 of 5 runs are certified" in told


def test_the_question_is_the_study_s_own(tmp_path: Path) -> None:
    folder = whole(tmp_path / "study", set())
    assert "Does the strength of the hip flexors change how we run?" in written(folder).text
    (folder / "config.yaml").write_text("name: study\nquestion: Do stronger calves help?\n")
    assert written(folder).of("h1") and "Do stronger calves help?" in written(folder).text


def test_runs_are_named_by_what_sets_them_apart(study: Path) -> None:
    cases = pd.read_csv(study / "cases.csv")
    named = facts.short_names(cases)
    assert sorted(named) == sorted(cases["case"])
    assert len(set(named.values())) == len(named)
    assert max(len(name) for name in named.values()) < 40
    assert any(name.endswith("60 %") for name in named.values())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "21.7 deg at 60 % strength, 14.7 at 140 %: -7.02",
            "22 deg at 60 % strength, 15 at 140 %: −7.0",
        ),
        ("0.0304 and 123.4 and 0.1234 and -0.00123", "0.030 and 123 and 0.12 and −0.0012"),
        ("9.96 and 12 of 13 runs and 2.5", "10.0 and 12 of 13 runs and 2.5"),
        ("version 1.2.3, v3.55", "version 1.2.3, v3.55"),
    ],
)
def test_numbers_in_words_have_two_digits(text: str, told: str) -> None:
    assert plain.typeset(text) == told


def test_missing_figure_is_one_line(tmp_path: Path) -> None:
    folder = whole(tmp_path / "study", set())
    (folder / "figures" / "cup.svg").unlink()
    with pytest.raises(ValueError, match=r"cup\.svg: no such file; draw the figures first$"):
        written(folder)


# The small results that are kept.


def record(folder: Path, **changes: Any) -> Path:
    content = provenance.provenance(FIRST) | {"uncommitted": []} | changes
    content["claims"] = {"sha256": "0" * 64, "changed": False} | changes.get("claims", {})
    (folder / "report.json").write_text(json.dumps(content))
    (folder / "animation").mkdir(exist_ok=True)
    (folder / "animation" / "running.gif").write_bytes(b"GIF89a")
    (folder / "verdict.csv").write_text("claim\nlanding\n")
    return folder


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


def test_a_chapter_on_the_exercises_stands_beside_running(study: Path, page: Page) -> None:
    kept = CHECKOUT / "results" / "reference" / "exercises"
    assert not any(tag.get("id") == "exercises" for tag in page.of("section"))
    both = Page(build.render(study, made(study), kept))
    assert any(tag.get("id") == "exercises" for tag in both.of("section"))
    told = json.loads((kept / "exercises_chain.json").read_text())["paragraph"]
    assert " ".join(told.split()) in both.text
    links = [tag["href"] for tag in both.of("a") if "exercises.csv" in (tag.get("href") or "")]
    assert links and (study / str(links[0])).resolve() == (kept / "exercises.csv").resolve()
    rule = (CHECKOUT / "analysis" / "analysis.smk").read_text("utf-8")
    assert all(f'"{name}"' in rule for name in exercise_chapter.CHAPTER)  # inputs of the rule


def test_a_chapter_of_a_study_that_is_not_whole_is_refused(study: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"exercises.csv: no such file"):
        exercise_chapter.chapter(tmp_path, study)


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
        reference.renew(page, judged)
        table = reference.verdicts(judged)
        assert page.read_text() == f"before\n{begin}\n{table}\n{end}\nafter\n"
    page.write_text(f"{end}\n{begin}\n")
    with pytest.raises(ValueError, match=r"README\.md: the lines .* must stand there once"):
        reference.renew(page, judged)


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
    assert shown == reference.verdicts(claims), "make reference renews it"


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
