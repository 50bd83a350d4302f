"""Figures and texts take claims, question and contrasts from the rule that a study is judged by."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from analysis.claims import conclude
from analysis.figures import claims as claims_table
from analysis.figures import dose_effect_by_habit, dose_response, rule, shown, strength, verdict
from analysis.figures.study import read_study
from analysis.people import table as people_table
from analysis.report import facts, plain, reference
from analysis.verdict.answer import paragraph
from formats.claims import COPY, FILE, FIRST
from formats.files import write_json
from tests.analysis.synthetic_study import write
from tests.analysis.test_contrasts import DOSES, people


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight people judged by the second edition, supported throughout."""
    folder = tmp_path_factory.mktemp("made") / "study"
    write(people(2.0).assign(status="certified"), folder)
    (folder / COPY).write_text(FILE.read_text())
    rows = [
        {"arm": "hip_flexors", "dose_percent": dose, "side": "both", "hip_flexion_deg": angle}
        | {"torque_nm_kg": 0.02 * dose, "all_agonists_torque_nm_kg": 0.024 * dose}
        | {"movement": "flexion", "runner": f"person_{n:02d}"}
        for n in range(8)
        for dose in DOSES
        for angle in (0.0, 30.0, 60.0)
    ]
    pd.DataFrame(rows).to_csv(folder / "dynamometer.csv", index=False)
    for n in range(8):
        body = folder / "runners" / f"person_{n:02d}"
        body.mkdir(parents=True)
        write_json(body / "person.json", {"number": n, "sex": "women", "cover_sd": [0.1, 0.2, 0.3]})
    write_json(folder / "claims.json", conclude(folder))
    return folder


@pytest.fixture(autouse=True)
def back() -> object:
    """The rule that other tests' figures follow."""
    yield
    rule.judge_by(FIRST)


def test_the_studys_own_rule_judges(study: Path) -> None:
    told = json.loads((study / "claims.json").read_text())
    assert told["landing"]["rule"]["file"] == "config/claims_v2.yaml"
    assert told["landing"]["rule"]["changed"] is False
    assert told["landing"]["title"] == "Where the foot lands"
    assert {one["verdict"] for one in told.values()} == {"supported"}


def test_verdict_has_a_page_for_each_contrast(study: Path) -> None:
    verdict.whole(study)
    drawn = pd.read_csv(study / "figures" / "verdict.csv")
    assert list(dict.fromkeys(drawn["cause"])) == [
        "60 % strength",
        "1.2 Nm/kg at 60 deg",
        "117 % strength",
    ]
    text = (study / "figures" / "verdict.txt").read_text()
    assert "mean effect of 60 % strength over the smallest effect" in text
    assert "of -10 % strength" not in text
    dose_effect_by_habit.whole(study)


def test_dose_response_shows_the_rules_endpoints_and_people(study: Path) -> None:
    rule.judge_by(study / COPY)
    page = dose_response.draw_spread("made", read_study(study))
    titles = [axes.get_title() for axes in page.axes if axes.get_visible()]
    assert len(titles) == 5 and titles[1].startswith("braking impulse per metre")
    band, upright = page.axes[1].collections[-1], page.axes[0].patches[0]
    assert upright.get_label().startswith("as strong as people")
    corners = next(
        one.get_paths()[0].vertices
        for one in page.axes[0].collections
        if one.get_paths() and abs(one.get_paths()[0].vertices[:, 1].max() - 0.006) < 1e-9
    )
    assert corners[:, 1].min() == pytest.approx(-0.006)  # level: of the whole contrast
    assert band is not None
    plt.close(page)
    text = dose_response.caption(read_study(study))
    assert "Grey: less than the smallest effect, the rule's own threshold." in text
    assert "Upper axis: isometric torque of all hip flexors" in text


def test_one_person_stands_for_all_in_figures_of_a_runner(study: Path) -> None:
    series = read_study(study)
    assert len(series) == 8
    assert [one.as_built for one in series] == [True] + [False] * 7


def test_torque_is_the_mean_of_people(study: Path) -> None:
    table = strength.read(study)
    assert len(table) == len(DOSES) * 3
    assert "Isometric hip flexion torque of all muscles that flex" in strength.caption(table)
    extension = strength.caption(table.assign(movement="extension", arm="gluteus_maximus"))
    assert "extension torque of all muscles that extend the hip" in extension
    assert "Bands" not in extension


def test_words_are_of_the_contrast(study: Path) -> None:
    claims = claims_table.read(study)
    one = claims["landing"]["primary"][0]
    told = plain.moved(one, one)
    assert told.startswith("rises by 12")
    assert "mm at 60 % strength, against the runner's own 100 %" in told
    rows = facts.verdict_rows(claims)["landing"]
    assert rows[0]["claimed"] == "rises"
    page = reference.verdicts(claims)
    assert "| at 60 % strength (deficit) |" in page and "human weak" in page
    assert "-10 %" not in page


def test_who_ran_is_told(study: Path) -> None:
    found = people_table(study)
    assert list(found["runner"]) == [f"person_{n:02d}" for n in range(8)]
    assert found["counts"].all() and (found["cover_sd_2"] == 0.2).all()
    assert found["flexion_torque_60_nm_kg"].iloc[0] == pytest.approx(2.4)


def test_figures_follow_the_rule_they_are_told() -> None:
    first = shown.least_span("rim_margin_min_deg")
    rule.judge_by(FILE)
    assert (first, shown.least_span("rim_margin_min_deg")) == (2.0, 4.0)


def test_the_answer_is_a_paragraph_of_the_entrys_own_numbers(study: Path) -> None:
    entry = claims_table.read(study)["landing"]
    text = paragraph(entry)
    assert text.startswith("60 % strength (60 % of the person's own strength): supported.")
    assert "Ankle ahead of centre of mass at contact rises: +12" in text
    assert "as claimed in 100 % of 8 people; smallest effect 6 mm" in text
    assert "117 % strength" in text and "falls: -5." in text
    assert "One freedom of the motion was run (habit weight 0)." in text
    assert "Controls: not trusted" in text and text.endswith("blisters of the foot.")
    assert paragraph({key: value for key, value in entry.items() if key != "contrasts"}) == ""


def test_the_report_is_about_what_was_asked(study: Path) -> None:
    """Question of the configuration, then the rule's; who ran; whose claims; every reading."""
    claims = claims_table.read(study)
    assert facts.words_of(study)["question"].startswith("What does the strength of the hip flexors")
    (study / "config.yaml").write_text("question: What does a stronger gluteus maximus change?\n")
    assert facts.words_of(study)["question"] == "What does a stronger gluteus maximus change?"
    outcomes = pd.read_csv(study / "outcomes.csv")
    assert facts.arms(outcomes) == ["hip_flexors"]
    assert plain.limits(outcomes)[0] == plain.PEOPLE
    assert plain.reading(claims["centring"]).endswith("is assumed.")
    assert plain.reading(claims["landing"]) == ""
    first = claims["landing"]
    assert "against the article" in plain.subject(first, ["hip_flexors"])
    own = {**first, "rule": {"file": "mine.yaml", "changed": True}}
    text = plain.subject(own, ["gluteus_maximus"])
    assert text.startswith("The claims are those of mine.yaml.")
    assert "(gluteus maximus)" in text and "hip flexors" not in text and "article" not in text
    points = [words for _, words in plain.trust_points(claims, outcomes, [])]
    assert "Effects are means over 8 people who count." in points
