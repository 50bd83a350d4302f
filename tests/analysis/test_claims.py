from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.claims import conclude
from analysis.verdict import verdict_table
from analysis.verdict.verdicts import judge_study
from formats.claims import FIRST, Claims, changed, read_claims, sha256
from tests.analysis.synthetic_study import LEVELS, effects, in_percent, lose, study, write

# In smallest effects per -10 % strength, as the article has it: weaker flexors, a foot further
# ahead, lazier glutes, less extension, a smaller margin to the rim.
AS_CLAIMED = {
    name: size * (1 if name == "ankle_com_per_leg" else -1)
    for name, size in dict.fromkeys(LEVELS, 2.0).items()
}


def verdicts(rows: pd.DataFrame, claims: Claims) -> dict[str, str]:
    return {name: entry["verdict"] for name, entry in judge_study(rows, claims).items()}


def test_a_true_effect_is_found(claims: Claims) -> None:
    found = judge_study(study(effects(**AS_CLAIMED)), claims)
    assert {entry["verdict"] for entry in found.values()} == {"supported"}
    landing = found["landing"]
    assert landing["effect_per_10_percent"] == pytest.approx(0.010, abs=0.0002)  # in metres
    assert landing["interval"][0] < 0.010 < landing["interval"][1]
    assert landing["primary"][0]["rho"] == pytest.approx(-1)
    assert found["reciprocal"]["effect_per_10_percent"] == pytest.approx(-0.02, abs=0.0004)
    # 0.3 % of the 100 % run per 1 % strength.
    work = {e["endpoint"]: e for e in landing["secondary"]}["leg_negative_work_j_kg_m"]
    assert work["effect_per_10_percent"] == pytest.approx(-3.0)
    assert (work["smallest_effect"], work["verdict"]) == (2, "contradicted")


def test_a_flipped_sign_is_contradicted(claims: Claims) -> None:
    flipped = {name: -size for name, size in AS_CLAIMED.items()}
    assert set(verdicts(study(effects(**flipped)), claims).values()) == {"contradicted"}


def test_a_null_is_called_no_meaningful_effect(claims: Claims) -> None:
    found = verdicts(study(effects(), noise=0.3), claims)
    assert set(found.values()) == {"no meaningful effect"}


def test_an_effect_below_the_smallest_that_matters_is_none(claims: Claims) -> None:
    """Steady and of one sign, yet too small to matter."""
    small = {name: size / 4 for name, size in AS_CLAIMED.items()}
    found = judge_study(study(effects(**small)), claims)
    assert {entry["verdict"] for entry in found.values()} == {"no meaningful effect"}
    assert abs(found["landing"]["primary"][0]["rho"]) > 0.9


def test_too_few_variants_are_inconclusive(claims: Claims) -> None:
    found = judge_study(study(effects(**AS_CLAIMED), variants=4), claims)
    assert {entry["verdict"] for entry in found.values()} == {"inconclusive"}
    assert "4 variants with a result, at least 5 needed" in found["landing"]["reason"]
    assert found["landing"]["effect_per_10_percent"] == pytest.approx(0.010, abs=0.0002)


def test_one_run_alone_has_an_effect_but_no_interval(claims: Claims) -> None:
    found = judge_study(study(effects(**AS_CLAIMED), variants=1), claims)["landing"]
    assert (found["verdict"], found["interval"]) == ("inconclusive", None)


def test_variants_that_disagree_are_inconclusive(claims: Claims) -> None:
    def truth(name: str, case: Any, rng: np.random.Generator) -> float:
        return rng.normal(scale=4.0)

    assert set(verdicts(study(truth, variants=8), claims).values()) == {"inconclusive"}


def test_noise_over_the_doses_is_inconclusive(claims: Claims) -> None:
    """An effect beyond the smallest one, but no steady rise or fall: rho decides."""
    rows = study(effects(), doses=(80.0, 90.0, 100.0, 110.0, 120.0), noise=0.0)
    column = "rim_margin_min_deg"
    zigzag = {80.0: 4.0, 90.0: 9.0, 100.0: 0.0, 110.0: -9.0, 120.0: 5.0}
    for name in (column, f"{column}_tendon_on_head"):
        rows[name] = 20.0 + rows["dose_percent"].map(zigzag)
    found = judge_study(rows, claims)["centring"]
    assert found["verdict"] == "inconclusive"
    assert "no steady rise or fall" in found["reason"]


def test_both_primaries_are_needed(claims: Claims) -> None:
    half = AS_CLAIMED | {"thigh_extension_peak_deg": 0.0}
    found = judge_study(study(effects(**half)), claims)["reciprocal"]
    assert found["verdict"] == "inconclusive"
    parts = {one["endpoint"]: one["verdict"] for one in found["primary"]}
    assert parts == {
        "glmax_activation_stance_mean": "supported",
        "thigh_extension_peak_deg": "no meaningful effect",
    }


def test_a_verdict_that_depends_on_the_tendon_says_so(claims: Claims) -> None:
    one_reading = AS_CLAIMED | {"rim_margin_min_deg_tendon_on_head": 0.0}
    found = judge_study(study(effects(**one_reading)), claims)["centring"]
    assert (found["verdict"], found["depends_on_reading"]) == ("inconclusive", True)
    readings = found["primary"][0]["readings"]
    assert readings["tendon on pelvis"]["verdict"] == "supported"
    assert readings["tendon on femoral head"]["verdict"] == "no meaningful effect"


def test_a_failed_variant_stays_in_the_counts(claims: Claims) -> None:
    rows = lose(study(effects(**AS_CLAIMED)), draw=3, arm="hip_flexors")
    found = judge_study(rows, claims)["landing"]
    assert found["verdict"] == "supported"
    counts = found["counts"]
    assert (counts["cases"], counts["certified"], counts["variants"]) == (30, 26, 6)
    assert {f["reason"] for f in counts["failed"]} == {"did not converge"}
    assert len({f["case"] for f in counts["failed"]}) == 4
    (unused,) = found["primary"][0]["unused_variants"]
    assert (unused["draw"], unused["reason"]) == (3, "certified doses: 1, needed: 3")
    assert found["primary"][0]["variants_used"] == 5


def test_values_of_failed_cases_do_not_count(claims: Claims) -> None:
    rows = study(effects(**AS_CLAIMED), noise=0.0)
    wild = rows["dose_percent"] == 140
    rows.loc[wild, list(LEVELS)] *= 50
    found = judge_study(lose(rows, dose_percent=140.0), claims)
    assert found["landing"]["effect_per_10_percent"] == pytest.approx(0.010)


def test_starts_are_no_variants(claims: Claims) -> None:
    """Three variants solved from two starts each are three observations, not six."""
    once = study(effects(**AS_CLAIMED), variants=3)
    rows = pd.concat([once, study(effects(**AS_CLAIMED), variants=3, start="cold")])
    found = judge_study(rows.reset_index(drop=True), claims)["landing"]
    assert found["primary"][0]["variants_used"] == 3
    assert found["verdict"] == "inconclusive"


def test_doses_out_of_the_declared_range_are_exploratory(claims: Claims) -> None:
    rows = study(effects(**AS_CLAIMED), doses=(40.0, 60.0, 80.0, 100.0, 120.0), noise=0.0)
    rows.loc[rows["dose_percent"] == 40, list(LEVELS)] = 1e3
    assert judge_study(rows, claims)["landing"]["effect_per_10_percent"] == pytest.approx(0.010)


def test_the_planar_runner_says_nothing_of_the_rim(claims: Claims) -> None:
    found = judge_study(study(effects(**AS_CLAIMED), runner="planar"), claims)
    assert found["landing"]["verdict"] == "supported"
    assert found["centring"]["verdict"] == "inconclusive"
    assert found["centring"]["primary"][0]["unused_variants"][0]["reason"] == (
        "not measured on the planar runner"
    )


def test_the_habit_weights_over_which_a_verdict_holds_are_named(claims: Claims) -> None:
    parts = [
        study(effects(**AS_CLAIMED), habit_weight=0.1),
        study(effects(**AS_CLAIMED), habit_weight=0.03),
        study(effects(), habit_weight=1.0),
    ]
    found = judge_study(pd.concat(parts, ignore_index=True), claims)["landing"]
    assert (found["verdict"], found["stratum"]["habit_weight"]) == ("supported", 0.1)
    assert found["is_primary_stratum"]
    assert found["habit_range"]["holds_at"] == [0.1, 0.03]
    assert found["habit_range"]["differs_at"] == [1.0]


def test_each_arm_has_its_verdict(claims: Claims) -> None:
    rows = pd.concat(
        [
            study(effects(), arm="iliopsoas"),
            study(effects(**AS_CLAIMED)),
            study(effects(**AS_CLAIMED), arm="control_ankle_dorsiflexors"),
        ]
    ).drop_duplicates("case")
    found = judge_study(rows.reset_index(drop=True), claims)["landing"]
    by_arm = {s["stratum"]["arm"]: s["verdict"] for s in found["strata"]}
    assert by_arm == {"iliopsoas": "no meaningful effect", "hip_flexors": "supported"}
    assert found["stratum"]["arm"] == "hip_flexors"


def test_holm_is_taken_across_the_claims(claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[float]] = []

    def spy(ps: list[float]) -> np.ndarray:
        seen.append(list(ps))
        return np.array([1.0, 0.01, 0.01])

    monkeypatch.setattr("analysis.verdict.verdicts.holm", spy)
    found = judge_study(study(effects(**AS_CLAIMED)), claims)
    assert [len(ps) for ps in seen] == [3]
    assert found["landing"]["verdict"] == "inconclusive"
    assert "does not stand after Holm's correction" in found["landing"]["reason"]
    assert found["centring"]["verdict"] == "supported"


def test_the_rule_is_the_frozen_one(tmp_path: Path) -> None:
    """A rule edited after the fact is announced, in claims.json and on the terminal."""
    assert not changed()
    other = tmp_path / "claims.yaml"
    other.write_text(FIRST.read_text().replace("smallest_effect: 0.005", "smallest_effect: 0.0001"))
    write(study(effects(**AS_CLAIMED)), tmp_path / "made")
    told = conclude(tmp_path / "made", other)
    assert told["landing"]["rule"]["changed"] is True
    assert told["landing"]["rule"]["sha256"] == sha256(other)
    assert any("CHANGED" in line for line in verdict_table.lines(told, "made"))
    usual = conclude(tmp_path / "made")
    assert usual["landing"]["rule"]["changed"] is False
    assert not any("CHANGED" in line for line in verdict_table.lines(usual, "made"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("least_variants: 5", "least_variants: 1", "decision.least_variants"),
        ("least_variants: 5", "fewest: 5", "decision.least_variants: missing"),
        ("claimed: falls", "claimed: sinks", "claimed"),
        ("        smallest_effect: 0.005\n        unit: m\n", "", "smallest_effect_of needs"),
        ("    untestable: skin", "    guess: skin", "untestable: missing"),
        ("decision:", "extra: 1\ndecision:", "extra: unknown key"),
    ],
)
def test_a_faulty_rule_is_told_in_one_line(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "claims.yaml"
    text = FIRST.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=message) as told:
        read_claims(path)
    assert str(told.value).startswith(f"{path}: ")
    assert "\n" not in str(told.value)


def test_claims_json_can_be_read_back_and_told(tmp_path: Path) -> None:
    write(lose(study(effects(**AS_CLAIMED)), draw=2, dose_percent=60.0), tmp_path)
    told = conclude(tmp_path)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    for entry in told.values():
        needed = {"verdict", "effect_per_10_percent", "interval", "smallest_effect", "controls"}
        assert needed <= set(entry)
        assert {c["status"] for c in entry["controls"].values()} == {"not run"}
        assert entry["controls_passed"] is None
    text = "\n".join(verdict_table.lines(told, "made"))
    assert "habit     supported at weight 0.1" in text
    assert "landing: SUPPORTED, NOT TRUSTED: null, negative, step rate, spring not run;" in text
    assert "+10 [" in text
    words = " ".join(text.split())
    assert "mm per -10 %; smallest effect 5 mm, claimed to rise with weakness" in words
    assert "29 of 30 cases of this stratum certified, 6 variants" in text
    assert max(map(len, text.splitlines())) < 130
    table = verdict_table.table(told)
    assert set(table["claim"]) == {"landing", "reciprocal", "centring"}
    assert (table["rank"] == "primary").sum() == 5  # four endpoints, one in two readings


def test_a_measured_motion_says_nothing_of_itself(claims: Claims) -> None:
    """With the motion held, what it prescribes cannot move: no "no effect" is made of that."""
    rows = study(effects(**AS_CLAIMED), problem="inverse", habit_weight=0.0, noise=0.0)
    for column in ("ankle_com_per_leg", "ankle_com_m", "thigh_extension_peak_deg"):
        rows[column] = 0.3
    found = judge_study(rows, claims)
    assert found["landing"]["verdict"] == "inconclusive"
    reasons = {u["reason"] for u in found["landing"]["primary"][0]["unused_variants"]}
    assert reasons == {"prescribed by the measured motion"}
    assert found["centring"]["verdict"] == "supported"


def test_other_strata_are_told_beside_the_headline(claims: Claims, tmp_path: Path) -> None:
    parts = [study(effects()), study(effects(**AS_CLAIMED), arm="iliopsoas", cadence="locked")]
    write(pd.concat(parts).drop_duplicates("case"), tmp_path)
    text = " ".join("\n".join(verdict_table.lines(conclude(tmp_path), "made")).split())
    assert "elsewhere supported: iliopsoas cadence locked" in text


def test_a_study_without_doses_ends_without_a_verdict(claims: Claims) -> None:
    found = judge_study(study(effects(), doses=(100.0,)), claims)
    assert {entry["verdict"] for entry in found.values()} == {"inconclusive"}
    assert "certified doses: 1" in found["landing"]["reason"]


# What stands beside a verdict: trust, range, steepest piece.


def bent(noise: float = 0.0) -> pd.DataFrame:
    """The margin falls by 3 deg from 60 to 80 % strength and by 0.5 deg per 20 % after it."""
    rows = study(effects(), noise=noise)
    shape = {60.0: 23.0, 80.0: 20.0, 100.0: 19.5, 120.0: 19.0, 140.0: 18.5}
    offset = rows["draw"] * 0.01
    for name in ("rim_margin_min_deg", "rim_margin_min_deg_tendon_on_head"):
        rows[name] = rows["dose_percent"].map(shape) + offset
    return rows


def test_a_slope_that_hides_a_bend_is_told_with_it(tmp_path: Path) -> None:
    """ "No meaningful effect" by the mean slope, and 1.5 smallest effects per 10 % on a piece."""
    write(bent(), tmp_path)
    told = conclude(tmp_path)["centring"]
    assert told["verdict"] == "no meaningful effect"
    seen, steep = told["over_range"], told["steepest"]
    assert (seen["lowest_dose_percent"], seen["highest_dose_percent"]) == (60, 140)
    assert seen["value_at_lowest"] == pytest.approx(23.025)
    assert seen["difference"] == pytest.approx(-4.5)
    assert seen["difference_interval"] == pytest.approx([-4.5, -4.5])
    assert seen["relative_change_percent"] == pytest.approx(-450 / 23.025, abs=1e-3)
    assert (steep["from_dose_percent"], steep["to_dose_percent"]) == (60, 80)
    assert steep["effect_per_10_percent"] == pytest.approx(1.5)
    assert steep["beyond_smallest_effect"] is True
    text = " ".join("\n".join(verdict_table.lines(conclude(tmp_path), "made")).split())
    assert "23 deg at 60 % strength, 18.5 at 140 %: -4.5 [-4.5, -4.5] deg (-19.5 %)" in text
    assert "60 to 80 %: +1.5 [+1.5, +1.5] deg per -10 %, beyond the smallest effect" in text
    assert "the mean slope is within the smallest effect, but from 60 to 80 % strength the" in text
    table = verdict_table.table(conclude(tmp_path)).set_index(["endpoint", "reading"])
    row = table.loc[("rim_margin_min_deg", "tendon on pelvis")]
    assert row["range_difference"] == pytest.approx(-4.5)
    assert row["steepest_beyond_smallest_effect"]
    assert not row["trusted"]
    assert "not trusted: null, negative, step rate, spring, lewis not run" in row["trust"]


def test_a_length_is_told_in_metres_over_the_range(claims: Claims) -> None:
    """ankle_com_per_leg is judged in metres: LEG x 0.3 at 100 %, 8 x 10 mm over the range."""
    found = judge_study(study(effects(**AS_CLAIMED), noise=0.0), claims)["landing"]
    assert found["over_range"]["difference"] == pytest.approx(-0.080)
    assert found["over_range"]["in_smallest_effects"] == pytest.approx(-16.0)
    assert found["steepest"]["effect_per_10_percent"] == pytest.approx(0.010)


def test_doses_out_of_the_declared_range_are_in_the_range_studied(claims: Claims) -> None:
    """They decide nothing, but what the endpoint does there is told."""
    rows = study(effects(**AS_CLAIMED), doses=(40.0, 60.0, 80.0, 100.0, 120.0), noise=0.0)
    rows.loc[rows["dose_percent"] == 40, "rim_margin_min_deg"] -= 3.0
    found = judge_study(rows, claims)["centring"]
    assert found["effect_per_10_percent"] == pytest.approx(-2.0)
    assert found["over_range"]["lowest_dose_percent"] == 40
    assert found["steepest"]["effect_per_10_percent"] == pytest.approx(-3.5)


def test_a_primary_can_be_judged_in_per_cent(tmp_path: Path) -> None:
    """Of each variant's own 100 % run: 0.01 of a level of about 0.1, hence some 10 % per 10 %."""
    rows = study(effects(**AS_CLAIMED), noise=0.0)
    column = "glmax_activation_stance_mean"
    rows[column] = (1 + 0.1 * rows["draw"]) * (1 + 0.01 * (rows["dose_percent"] - 100))
    write(rows, tmp_path / "made")
    told = conclude(tmp_path / "made", in_percent(tmp_path))["reciprocal"]
    first = told["primary"][0]
    assert (first["endpoint"], first["unit"]) == (column, "% of the 100 % run")
    assert (first["smallest_effect"], first["verdict"]) == (5, "supported")
    assert first["effect_per_10_percent"] == pytest.approx(-10.0)
    assert first["over_range"]["value_at_lowest"] == pytest.approx(60.0)
    assert first["over_range"]["difference"] == pytest.approx(80.0)
    text = " ".join("\n".join(verdict_table.lines({"reciprocal": told}, "made")).split())
    assert "smallest effect 5 % of the 100 % run" in text
    assert "60 % at 60 % strength, 140 % at 140 %: +80 [+80, +80] % of the 100 % run" in text


@pytest.mark.parametrize(("shift", "status"), [(0.0003, "passed"), (0.0008, "failed")])
def test_the_null_control_knows_per_cent(shift: float, status: str, tmp_path: Path) -> None:
    """A tenth of 5 % of the run's own level of 0.1, not a tenth of 5."""
    warm = study(effects(), variants=1, noise=0.0)
    cold = study(effects(), variants=1, noise=0.0, start="cold")
    for rows in (warm, cold):
        rows["glmax_activation_stance_mean"] = 0.1
    cold["glmax_activation_stance_mean"] += shift
    write(pd.concat([warm, cold], ignore_index=True), tmp_path)
    told = conclude(tmp_path, in_percent(tmp_path))["reciprocal"]["controls"]["null"]
    assert told["status"] == status
