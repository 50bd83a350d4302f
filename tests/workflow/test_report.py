"""The report: what it says, and what it escapes."""

from __future__ import annotations

import copy
import json
import re
import shutil
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from analysis.claims import conclude
from analysis.figures import claims as claims_table
from analysis.figures import dose_effect_by_habit, verdict
from analysis.report import build, exercise_chapter, facts, plain, provenance, reference
from analysis.report.pictures import OPTIONAL, PICTURES
from analysis.verdict import statements
from formats.claims import FIRST
from tests.analysis import synthetic_study
from tests.workflow.conftest import CHECKOUT
from tests.workflow.made_up import (
    DRAWN,
    Page,
    change,
    record,
    verdicts,
    whole,
    with_verdicts,
    written,
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole(tmp_path_factory.mktemp("report") / "study", {140.0})


@pytest.fixture(scope="module")
def page(study: Path) -> Page:
    return written(study)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return verdicts(tmp_path_factory.mktemp("judged"))


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


def test_an_effect_is_rounded_once() -> None:
    """1.0499 is 1.0, as in the figure; by way of 1.05 it was 1.1."""
    one: Any = {"endpoint": "x", "unit": "deg"}
    found: Any = {"effect": 1.0499, "interval": [1.0449, 1.9499]}
    told = plain.typeset(statements.effect(one, found, plain.UNROUNDED))
    assert told.startswith("+1.0 [+1.0, +1.9]")


def test_missing_figure_is_one_line(tmp_path: Path) -> None:
    folder = whole(tmp_path / "study", set())
    (folder / "figures" / "cup.svg").unlink()
    with pytest.raises(ValueError, match=r"cup\.svg: no such file; draw the figures first$"):
        written(folder)


def test_a_chapter_on_the_exercises_stands_beside_running(study: Path, page: Page) -> None:
    kept = CHECKOUT / "results" / "reference" / "exercises"
    assert not any(tag.get("id") == "exercises" for tag in page.of("section"))
    both = Page(build.render(study, provenance.provenance(FIRST), kept))
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
